#include "chat/savings.hpp"

namespace evenkeel {
namespace {

TEST(Savings, compares_all_tokens_with_the_reference_price_per_day) {
    const std::array spend{Spend{.day = "2026-02-27",
                                 .tries = 3,
                                 .answers = 2,
                                 .input_tokens = 1'000'000,
                                 .output_tokens = 100'000,
                                 .cost_usd = 0.50},
                           Spend{.day = "2026-03-01",
                                 .tries = 1,
                                 .answers = 1,
                                 .input_tokens = 1'000'000,
                                 .output_tokens = 100'000,
                                 .estimated = true,
                                 .cost_usd = 0.5}};
    const auto sum = savings_of(spend, "2026-03-02", reference_price);
    EXPECT_EQ(sum.tries, 4);
    EXPECT_DOUBLE_EQ(sum.reference_usd, 2 * 2.50 + 0.2 * 10.00);
    EXPECT_DOUBLE_EQ(sum.saved_usd(), 6.0);
    EXPECT_EQ(sum.days, 4);  // 27 and 28 February, 1 and 2 March.
    EXPECT_DOUBLE_EQ(sum.saved_per_day(), 1.5);
    EXPECT_TRUE(sum.estimated);
}

TEST(Savings, without_any_try_are_nothing_per_day) {
    const auto sum = savings_of({}, "2026-03-02", reference_price);
    EXPECT_EQ(sum.days, 0);
    EXPECT_DOUBLE_EQ(sum.saved_per_day(), 0);
}

}  // namespace
}  // namespace evenkeel
