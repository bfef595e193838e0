#include "store/records.hpp"

#include <gtest/gtest.h>

namespace evenkeel {
namespace {

TEST(JobState, every_word_reads_back_as_its_state) {
    for (int i = 0; i <= static_cast<int>(JobState::dead); ++i) {
        const auto state = static_cast<JobState>(i);
        EXPECT_EQ(job_state_from(to_string(state)), state) << to_string(state);
    }
    EXPECT_FALSE(job_state_from("").has_value());
    EXPECT_FALSE(job_state_from("Queued").has_value());
}

TEST(JobState, only_queued_and_working_still_owe_an_answer) {
    int open = 0;
    for (int i = 0; i <= static_cast<int>(JobState::dead); ++i) open += is_open(static_cast<JobState>(i)) ? 1 : 0;
    EXPECT_EQ(open, 2);
    EXPECT_TRUE(is_open(JobState::queued));
    EXPECT_TRUE(is_open(JobState::working));
}

TEST(Delivery, its_kinds_have_the_words_of_the_states_they_tell) {
    EXPECT_EQ(to_string(Delivery::Kind::answer), "answer");
    for (auto kind : {Delivery::Kind::expired, Delivery::Kind::refused, Delivery::Kind::dead})
        EXPECT_TRUE(job_state_from(to_string(kind)).has_value()) << to_string(kind);
}

}  // namespace
}  // namespace evenkeel
