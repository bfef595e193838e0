#include "practice/canonical.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace evenkeel::practice {
namespace {

using ::testing::HasSubstr;

TEST(Canonical, answer_is_labelled_steady_and_repeats_the_last_line_of_the_question) {
    const auto answer = canonical_answer("Context first.\nWhy is the sky blue?\n");
    EXPECT_TRUE(answer.starts_with("[practice] "));
    EXPECT_THAT(answer, HasSubstr("\"Why is the sky blue?\""));
    EXPECT_THAT(answer, Not(HasSubstr("Context first")));
    EXPECT_EQ(answer, canonical_answer("Why is the sky blue?"));
}

TEST(Canonical, answer_is_long_enough_to_be_cut_after_forty_tokens) {
    EXPECT_GE(tokens_of(canonical_answer("hi")).size(), 55u);
}

TEST(Canonical, numbered_answer_holds_every_number_in_order) {
    const auto answer = canonical_answer("[numbered] go");
    std::size_t at = 0;
    for (int n = 1; n <= numbered_words; ++n) {
        at = answer.find("[" + std::to_string(n) + "]", at);
        ASSERT_NE(at, std::string::npos) << n;
    }
    EXPECT_TRUE(answer.ends_with("[60]"));
}

TEST(Canonical, tokens_join_to_the_text) {
    for (const std::string text : {"one two  three\nfour", " lead", "trail ", " \n ", "", "x"}) {
        std::string joined;
        for (const auto token : tokens_of(text)) joined += token;
        EXPECT_EQ(joined, text);
    }
}

TEST(Canonical, last_line_is_bounded) {
    EXPECT_LE(last_line(std::string(10'000, 'x')).size(), 210u);
    EXPECT_EQ(last_line("  \n \n"), "");
}

}  // namespace
}  // namespace evenkeel::practice
