#include "frontends/terminal/figures.hpp"

#include <gtest/gtest.h>

namespace evenkeel::terminal {
namespace {

Answer sample() {
    Answer answer;
    answer.provider = "nanogpt";
    answer.model = "gpt-4o-mini";
    answer.latency = Millis{1234};
    answer.first_token = Millis{310};
    answer.usage = Usage{.input = 812, .output = 120};
    answer.cost_usd = 0.00024;
    return answer;
}

TEST(Figures, one_line_says_who_how_fast_and_how_much) {
    EXPECT_EQ(figures_line(sample(), false), "nanogpt · gpt-4o-mini · 1.2 s (first 310 ms) · 812+120 tokens · $0.0002");
}

TEST(Figures, what_is_guessed_or_unknown_says_so) {
    Answer answer = sample();
    answer.usage.estimated = true;
    answer.cost_usd.reset();
    answer.degraded = true;
    answer.finish = FinishReason::length;
    answer.turns_left_out = 3;
    EXPECT_EQ(
        figures_line(answer, true),
        "practice · nanogpt · gpt-4o-mini · 1.2 s (first 310 ms) · ≈812+120 tokens · cost unknown · fallback · cut at "
        "the token limit · 3 earlier turns left out");
}

TEST(Figures, costs_are_short_and_never_round_to_nothing) {
    EXPECT_EQ(spoken_cost(std::nullopt), "cost unknown");
    EXPECT_EQ(spoken_cost(0.0), "free");
    EXPECT_EQ(spoken_cost(0.00001), "< $0.0001");
    EXPECT_EQ(spoken_cost(0.0031), "$0.0031");
    EXPECT_EQ(spoken_cost(1.254), "$1.25");
}

}  // namespace
}  // namespace evenkeel::terminal
