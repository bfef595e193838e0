#include <gmock/gmock.h>

#include <array>
#include <chrono>
#include <string>
#include <vector>

#include "testing/store_suite.hpp"

namespace evenkeel::testing {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;
using namespace std::chrono_literals;

constexpr Id one{{1}}, two{{2}};

UsageLine line(const Id& key, WallTime start, double cost, std::string model = "m") {
    return {.key = key,
            .provider = "cloud",
            .model = std::move(model),
            .start = start,
            .tries = 2,
            .answers = 1,
            .input_tokens = 10,
            .output_tokens = 5,
            .cost_usd = cost,
            .cost_unknown = 1};
}

TEST_P(StoreSuite, usage_is_summed_per_key_and_counts_in_the_ledger) {
    const std::vector lines{line(one, now_, 0.5), line(one, now_ + 1min, 0.25), line(two, now_, 1)};
    ASSERT_TRUE(usage().add_usage(lines));
    ASSERT_TRUE(usage().add_usage(std::array{line(one, now_, 0.25)}));
    reopen();
    const auto sums = usage().usage(now_).value();
    ASSERT_THAT(sums, SizeIs(2));
    EXPECT_EQ(sums[0].key, one);
    EXPECT_EQ(sums[0].provider, "cloud");
    EXPECT_EQ(sums[0].model, "m");
    EXPECT_EQ(sums[0].tries, 6);
    EXPECT_EQ(sums[0].answers, 3);
    EXPECT_EQ(sums[0].input_tokens, 30);
    EXPECT_EQ(sums[0].output_tokens, 15);
    EXPECT_EQ(sums[0].cost_usd, 1.0);
    EXPECT_EQ(sums[0].cost_unknown, 3);
    EXPECT_EQ(sums[1].key, two);
    EXPECT_THAT(usage().usage(now_ + day).value(), IsEmpty());

    const auto spend = outbox().spending(now_).value();
    ASSERT_THAT(spend, SizeIs(1));
    EXPECT_EQ(spend[0].day, "2026-01-01");
    EXPECT_EQ(spend[0].provider, "cloud");
    EXPECT_EQ(spend[0].tries, 8);
    EXPECT_EQ(spend[0].answers, 4);
    EXPECT_EQ(spend[0].cost_usd, 2.0);
    EXPECT_EQ(spend[0].cost_unknown, 4);
}

TEST_P(StoreSuite, what_the_queue_counted_is_not_counted_twice_in_the_ledger) {
    UsageLine counted = line(one, now_, 0.5);
    counted.in_ledger = true;
    ASSERT_TRUE(usage().add_usage(std::array{counted}));
    EXPECT_THAT(outbox().spending(now_).value(), IsEmpty());
    EXPECT_EQ(usage().usage(now_).value().at(0).cost_usd, 0.5);
}

TEST_P(StoreSuite, a_key_s_use_is_that_of_the_day_and_month) {
    now_ += 10 * day + 12h;  // January 11th, noon.
    ASSERT_TRUE(usage().add_usage(std::vector{line(one, now_ - 20 * day, 8), line(one, now_ - day, 4),
                                              line(one, now_ - 12h, 2), line(one, now_, 1), line(two, now_ - day, 9)}));
    const auto uses = usage().key_use(now_).value();
    ASSERT_THAT(uses, SizeIs(2));
    EXPECT_EQ(uses[0].key, one);
    EXPECT_EQ(uses[0].spending.tokens_today, 30) << "two lines of 15: the day begins at midnight, UTC";
    EXPECT_EQ(uses[0].spending.usd_today, 3);
    EXPECT_EQ(uses[0].spending.usd_this_month, 7);
    EXPECT_EQ(uses[0].spending.cost_unknown_this_month, 3);
    EXPECT_EQ(uses[0].last_used, now_);
    EXPECT_EQ(uses[1].spending.tokens_today, 0);
    EXPECT_EQ(uses[1].spending.usd_this_month, 9);
}

TEST_P(StoreSuite, old_minutes_become_days_and_change_no_sum) {
    now_ += 10 * day + 12h;
    std::vector<UsageLine> lines;
    for (int minute = 0; minute < 100; ++minute)
        lines.push_back(line(one, now_ - 2 * day + Millis{minute * 60'000}, 1));
    lines.push_back(line(one, now_, 1));
    ASSERT_TRUE(usage().add_usage(lines));
    const auto before = usage().key_use(now_).value().at(0).spending;
    EXPECT_EQ(usage().retire_usage(now_ - day, now_ - 90 * day, now_).value(), 100u);
    EXPECT_EQ(usage().retire_usage(now_ - day, now_ - 90 * day, now_).value(), 0u) << "nothing is left to fold";
    const auto sums = usage().usage(now_ - 30 * day).value();
    ASSERT_THAT(sums, SizeIs(1));
    EXPECT_EQ(sums[0].tries, 202);
    EXPECT_EQ(sums[0].cost_usd, 101);
    EXPECT_EQ(sums[0].start, now_ - 2 * day - 12h) << "the day it was folded to";
    const auto after = usage().key_use(now_).value().at(0).spending;
    EXPECT_EQ(after.usd_this_month, before.usd_this_month);
    EXPECT_EQ(after.tokens_today, before.tokens_today);
    // A line that comes late, after its day was folded, still counts.
    ASSERT_TRUE(usage().add_usage(std::array{line(one, now_ - 2 * day, 1)}));
    EXPECT_EQ(usage().usage(now_ - 30 * day).value().at(0).cost_usd, 102);
    EXPECT_EQ(usage().retire_usage(now_ - day, now_ - 90 * day, now_).value(), 1u);
    EXPECT_EQ(usage().usage(now_ - 30 * day).value().at(0).cost_usd, 102);
}

TEST_P(StoreSuite, old_usage_is_removed_but_never_that_of_the_present_month) {
    now_ += 10 * day;
    ASSERT_TRUE(usage().add_usage(std::vector{line(one, now_ - 40 * day, 1), line(one, now_ - 5 * day, 2)}));
    const WallTime just_now = now_ - 1h;
    EXPECT_EQ(usage().retire_usage(just_now, just_now, now_).value(), 3u) << "two are folded, one of them removed";
    const auto sums = usage().usage(now_ - 100 * day).value();
    ASSERT_THAT(sums, SizeIs(1));
    EXPECT_EQ(sums[0].cost_usd, 2);
    EXPECT_EQ(usage().key_use(now_).value().at(0).spending.usd_this_month, 2);
    EXPECT_THAT(outbox().spending(now_ - 100 * day).value(), SizeIs(2)) << "the ledger stays";
}

}  // namespace
}  // namespace evenkeel::testing
