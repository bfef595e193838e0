#include "llm/context_fit.hpp"

#include <gtest/gtest.h>

namespace evenkeel {
namespace {

/// 96 tokens of text and 4 for the message: round figures.
Turn hundred(Role role, char letter) { return {role, std::string(288, letter)}; }

std::string letters(std::span<const Turn> turns) {
    std::string all;
    for (const Turn& turn : turns) all += turn.text.front();
    return all;
}

struct FitContext : ::testing::Test {
    std::vector<Turn> turns{hundred(Role::system, 's'), hundred(Role::user, 'a'),      hundred(Role::assistant, 'A'),
                            hundred(Role::user, 'b'),   hundred(Role::assistant, 'B'), hundred(Role::user, 'c')};
    TokenEstimator estimator;
    /// With that many tokens left beside the answer and the 5 %.
    Result<ContextFit> fit_into(std::int64_t budget) {
        const std::int64_t context = 20'000;
        return fit_context(turns, context, static_cast<std::uint32_t>(context - context / 20 - budget), estimator);
    }
};

TEST_F(FitContext, keeps_all_that_fits) {
    const auto fit = fit_into(600);
    EXPECT_EQ(letters(fit->system) + letters(fit->recent), "saAbBc");
    EXPECT_EQ(fit->turns_left_out, 0u);
    EXPECT_EQ(fit->tokens, 600);
}

TEST_F(FitContext, drops_whole_turns_oldest_first_and_keeps_the_system_prompt) {
    for (const auto& [budget, kept, left_out] : {std::tuple(599, "sbBc", 1u), std::tuple(400, "sbBc", 1u),
                                                 std::tuple(399, "sc", 2u), std::tuple(200, "sc", 2u)}) {
        const auto fit = fit_into(budget);
        ASSERT_TRUE(fit) << budget;
        EXPECT_EQ(letters(fit->system) + letters(fit->recent), kept) << budget;
        EXPECT_EQ(fit->turns_left_out, left_out) << budget;
    }
}

TEST_F(FitContext, says_with_numbers_that_even_the_question_is_too_long) {
    const auto fit = fit_into(199);
    ASSERT_FALSE(fit);
    EXPECT_EQ(fit.error().cls, ErrorClass::capacity);
    EXPECT_EQ(fit.error().code, "context_length_exceeded");
    for (const char* number : {"200", "199", "20000", "18801"})
        EXPECT_THAT(fit.error().detail, ::testing::HasSubstr(number));
}

TEST_F(FitContext, an_answer_larger_than_the_window_leaves_no_budget) {
    const auto fit = fit_context(turns, 4096, 8000, estimator);
    EXPECT_EQ(fit.error().cls, ErrorClass::capacity);
    EXPECT_THAT(fit.error().detail, ::testing::HasSubstr("but 0 of 4096"));
}

TEST_F(FitContext, counts_questions_without_answers_as_turns_of_their_own) {
    turns = {hundred(Role::user, 'a'), hundred(Role::user, 'b'), hundred(Role::assistant, 'B'),
             hundred(Role::user, 'c')};
    const auto fit = fit_into(300);
    EXPECT_EQ(letters(fit->recent), "bBc");
    EXPECT_EQ(fit->turns_left_out, 1u);
}

TEST_F(FitContext, refuses_a_request_in_which_nothing_is_asked) {
    turns.resize(1);
    EXPECT_EQ(fit_into(600).error().cls, ErrorClass::request);
    turns.clear();
    EXPECT_EQ(fit_into(600).error().cls, ErrorClass::request);
}

}  // namespace
}  // namespace evenkeel
