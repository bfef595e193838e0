#include "core/message.hpp"

#include <gtest/gtest.h>

namespace evenkeel {
namespace {

TEST(Message, every_word_reads_back) {
    for (int i = 0; i <= static_cast<int>(FinishReason::content_filter); ++i)
        EXPECT_EQ(finish_reason_from(to_string(static_cast<FinishReason>(i))), static_cast<FinishReason>(i));
    for (int i = 0; i <= static_cast<int>(Attempt::Outcome::skipped); ++i)
        EXPECT_EQ(outcome_from(to_string(static_cast<Attempt::Outcome>(i))), static_cast<Attempt::Outcome>(i));
    EXPECT_EQ(to_string(Role::assistant), "assistant");
    EXPECT_FALSE(finish_reason_from("eos"));
}

}  // namespace
}  // namespace evenkeel
