#include "chat/figures.hpp"

namespace evenkeel {
namespace {

TEST(Figures, sum_what_every_try_cost_losers_included) {
    const std::array tries{Attempt{.outcome = Attempt::Outcome::cut, .usage = Usage{10, 5}, .cost_usd = 0.25},
                           Attempt{.outcome = Attempt::Outcome::skipped},
                           Attempt{.outcome = Attempt::Outcome::answered, .usage = Usage{10, 9}, .cost_usd = 0.5}};
    EXPECT_EQ(cost_of(tries), 0.75);
}

TEST(Figures, an_unknown_price_makes_the_sum_unknown_and_never_zero) {
    const std::array tries{Attempt{.usage = Usage{10, 5}, .cost_usd = 0.25}, Attempt{.usage = Usage{10, 5}}};
    EXPECT_EQ(cost_of(tries), std::nullopt);
    Answer answer{.cost_usd = 1.0, .attempts = {tries.begin(), tries.end()}};
    sum_up(answer);
    EXPECT_EQ(answer.cost_usd, std::nullopt);
}

}  // namespace
}  // namespace evenkeel
