#include "chat/key_costs.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace evenkeel {
namespace {

constexpr Id one{{1}}, two{{2}}, gone{{3}};

UsageLine line(const Id& key, std::int64_t tries, double cost) {
    return {.key = key, .tries = tries, .answers = 1, .input_tokens = 10, .output_tokens = 5, .cost_usd = cost};
}

TEST(KeyCosts, are_sums_by_name_and_the_rest_is_what_no_key_stands_for) {
    std::vector<KeyRecord> keys{{.id = one, .name = "web"}, {.id = two, .name = "bot"}};
    keys[0].revoked_at = WallTime{Millis{1}};
    const std::vector usage{line(one, 1, 0.5), line(one, 2, 0.25), line(two, 1, 1), line(Id{}, 3, 9)};
    const Savings total{.tries = 9, .answers = 6, .input_tokens = 100, .output_tokens = 50, .spent_usd = 12.75};
    const auto costs = key_costs(usage, keys, total);
    ASSERT_EQ(costs.size(), 3u);
    EXPECT_EQ(costs[0].name, "bot");
    EXPECT_EQ(costs[0].key, two);
    EXPECT_FALSE(costs[0].revoked);
    EXPECT_EQ(costs[1].name, "web");
    EXPECT_TRUE(costs[1].revoked);
    EXPECT_EQ(costs[1].sum.tries, 3);
    EXPECT_EQ(costs[1].sum.answers, 2);
    EXPECT_EQ(costs[1].sum.cost_usd, 0.75);
    EXPECT_FALSE(costs[2].key);
    EXPECT_EQ(costs[2].sum.tries, 5) << "calls without a key are part of the rest";
    EXPECT_EQ(costs[2].sum.input_tokens, 70);
    EXPECT_EQ(costs[2].sum.cost_usd, 11.0);
}

TEST(KeyCosts, leave_out_a_rest_of_nothing_and_know_keys_by_their_id_where_the_name_is_gone) {
    const std::vector usage{line(gone, 1, 0.1)};
    const Savings total{.tries = 1, .answers = 1, .input_tokens = 10, .output_tokens = 5, .spent_usd = 0.1};
    const auto costs = key_costs(usage, {}, total);
    ASSERT_EQ(costs.size(), 1u);
    EXPECT_EQ(costs[0].name, to_string(gone));
    EXPECT_TRUE(key_costs({}, {}, {}).empty());
}

}  // namespace
}  // namespace evenkeel
