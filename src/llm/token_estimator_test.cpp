#include "llm/token_estimator.hpp"

#include <gtest/gtest.h>

namespace evenkeel {
namespace {

TEST(TokenEstimator, begins_with_three_bytes_a_token_and_a_little_for_each_message) {
    const TokenEstimator estimator;
    EXPECT_EQ(estimator.tokens(std::size_t{0}), 0);
    EXPECT_EQ(estimator.tokens(std::size_t{10}), 4);
    const Turn turns[] = {{Role::user, "123456"}, {Role::assistant, "123"}};
    EXPECT_EQ(estimator.tokens(turns), 3 + 2 * 4);
}

TEST(TokenEstimator, learns_from_what_the_provider_counts) {
    TokenEstimator estimator;
    for (int i = 0; i < 50; ++i) estimator.learn(4000, 1, 1004);  // Four bytes a token.
    EXPECT_NEAR(estimator.correction(), 0.75, 0.01);
    EXPECT_NEAR(static_cast<double>(estimator.tokens(std::size_t{4000})), 1000, 15);
}

TEST(TokenEstimator, learns_nothing_from_small_requests_and_stays_within_reason) {
    TokenEstimator estimator;
    estimator.learn(20, 1, 40);
    estimator.learn(4000, 1, 0);
    EXPECT_EQ(estimator.correction(), 1.0);
    for (int i = 0; i < 50; ++i) estimator.learn(4000, 1, 5);
    EXPECT_GE(estimator.correction(), 0.5) << "a count that left out a cached prompt";
    for (int i = 0; i < 50; ++i) estimator.learn(4000, 1, 1'000'000);
    EXPECT_LE(estimator.correction(), 3.0);
}

TEST(PriceOf, is_unknown_unless_both_prices_are_known) {
    const Usage usage{.input = 1'000'000, .output = 500'000};
    EXPECT_DOUBLE_EQ(*price_of(usage, 0.15, 0.6), 0.45);
    EXPECT_DOUBLE_EQ(*price_of(usage, 0.0, 0.0), 0.0);
    EXPECT_EQ(price_of(usage, 0.15, std::nullopt), std::nullopt);
    EXPECT_EQ(price_of(usage, std::nullopt, 0.6), std::nullopt);
}

}  // namespace
}  // namespace evenkeel
