#include "access/usage_book.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>

namespace evenkeel {
namespace {

using namespace std::chrono_literals;

constexpr WallTime noon = std::chrono::sys_days{2026y / 11 / 22} + 12h;
constexpr Id key_one{{1}}, key_two{{2}};

Attempt attempt(std::string provider, std::string model, Attempt::Outcome outcome, std::optional<Usage> usage = {},
                std::optional<double> cost = {}) {
    return {.provider = std::move(provider),
            .model = std::move(model),
            .outcome = outcome,
            .usage = usage,
            .cost_usd = cost};
}

TEST(UsageBook, sums_per_key_provider_model_and_minute) {
    UsageBook book;
    const Attempt lost = attempt("cloud", "m", Attempt::Outcome::cut, Usage{10, 2, true}, 0.25);
    const Attempt won = attempt("cloud", "m", Attempt::Outcome::answered, Usage{10, 30});
    book.add(key_one, lost, Counted::nowhere, noon + 59'999ms);
    book.add(key_one, won, Counted::nowhere, noon);
    auto lines = book.take();
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_EQ(lines[0].key, key_one);
    EXPECT_EQ(lines[0].provider, "cloud");
    EXPECT_EQ(lines[0].model, "m");
    EXPECT_EQ(lines[0].start, noon);
    EXPECT_EQ(lines[0].tries, 2);
    EXPECT_EQ(lines[0].answers, 1);
    EXPECT_EQ(lines[0].input_tokens, 20);
    EXPECT_EQ(lines[0].output_tokens, 32);
    EXPECT_TRUE(lines[0].estimated);
    EXPECT_EQ(lines[0].cost_usd, 0.25);
    EXPECT_EQ(lines[0].cost_unknown, 1);
    EXPECT_FALSE(lines[0].in_ledger);
    EXPECT_TRUE(book.empty());
}

TEST(UsageBook, each_difference_makes_a_line_of_its_own) {
    UsageBook book;
    const Attempt plain = attempt("cloud", "m", Attempt::Outcome::answered);
    book.add(key_one, plain, Counted::nowhere, noon);
    book.add(key_two, plain, Counted::nowhere, noon);
    book.add(key_one, plain, Counted::in_ledger, noon);
    book.add(key_one, plain, Counted::nowhere, noon + 1min);
    book.add(key_one, attempt("local", "m", Attempt::Outcome::answered), Counted::nowhere, noon);
    book.add(key_one, attempt("cloud", "n", Attempt::Outcome::answered), Counted::nowhere, noon);
    EXPECT_EQ(book.size(), 6u);
}

TEST(UsageBook, a_provider_that_was_not_asked_is_no_try) {
    UsageBook book;
    book.add(key_one, attempt("cloud", "m", Attempt::Outcome::skipped), Counted::nowhere, noon);
    EXPECT_TRUE(book.empty());
}

TEST(UsageBook, a_line_outlives_the_attempt_it_was_made_of) {
    UsageBook book;
    {
        const Attempt gone =
            attempt("a provider with a name of some length", std::string(100, 'm'), Attempt::Outcome::answered);
        book.add(key_one, gone, Counted::nowhere, noon);
    }
    book.add(key_one,
             attempt("a provider with a name of some length", std::string(100, 'm'), Attempt::Outcome::answered),
             Counted::nowhere, noon);
    EXPECT_EQ(book.size(), 1u);
}

TEST(UsageBook, what_could_not_be_written_is_added_to_what_came_meanwhile) {
    UsageBook book;
    const Attempt won = attempt("cloud", "m", Attempt::Outcome::answered, Usage{1, 2}, 0.5);
    book.add(key_one, won, Counted::nowhere, noon);
    const auto lines = book.take();
    book.add(key_one, won, Counted::nowhere, noon);
    book.put_back(lines);
    const auto again = book.take();
    ASSERT_EQ(again.size(), 1u);
    EXPECT_EQ(again[0].tries, 2);
    EXPECT_EQ(again[0].output_tokens, 4);
    EXPECT_EQ(again[0].cost_usd, 1.0);
}

TEST(UsageBook, is_bounded_and_loses_no_figure_when_it_is_full) {
    UsageBook book;
    for (std::size_t i = 0; i < UsageBook::lines_max + 500; ++i)
        book.add(key_one, attempt("cloud", std::to_string(i), Attempt::Outcome::answered, Usage{1, 1}),
                 Counted::nowhere, noon);
    EXPECT_EQ(book.size(), UsageBook::lines_max + 1);
    const auto lines = book.take();
    const auto others = std::ranges::find(lines, "(others)", &UsageLine::model);
    ASSERT_NE(others, lines.end());
    EXPECT_EQ(others->tries, 500);
    EXPECT_EQ(others->start, noon - 12h) << "per day";
}

}  // namespace
}  // namespace evenkeel
