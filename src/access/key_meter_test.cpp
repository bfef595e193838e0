#include "access/key_meter.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

namespace evenkeel {
namespace {

using Kind = KeyMeter::Verdict::Kind;
using std::chrono::sys_days;
using namespace std::chrono_literals;

constexpr WallTime noon = sys_days{2026y / 11 / 22} + 12h;
constexpr Instant start{Nanos{1h}};

struct CalendarCase {
    WallTime now, day, month;
};

TEST(Calendar, days_and_months_end_where_utc_says) {
    const std::vector<CalendarCase> cases{
        {noon, sys_days{2026y / 11 / 23}, sys_days{2026y / 12 / 1}},
        {sys_days{2026y / 11 / 22}, sys_days{2026y / 11 / 23}, sys_days{2026y / 12 / 1}},
        {sys_days{2026y / 12 / 31} + 24h - 1ms, sys_days{2027y / 1 / 1}, sys_days{2027y / 1 / 1}},
        {sys_days{2027y / 1 / 31} + 1ms, sys_days{2027y / 2 / 1}, sys_days{2027y / 2 / 1}},
        {sys_days{2028y / 2 / 28} + 1h, sys_days{2028y / 2 / 29}, sys_days{2028y / 3 / 1}},
    };
    for (const CalendarCase& each : cases) {
        EXPECT_EQ(next_day(each.now), each.day);
        EXPECT_EQ(next_month(each.now), each.month);
    }
}

TEST(KeyMeter, without_limits_everything_is_admitted) {
    const KeyLimits limits;
    KeyMeter meter(limits, {}, noon);
    meter.charge(1'000'000'000, 1e9, noon);
    for (int i = 0; i < 1'000; ++i) EXPECT_EQ(meter.begin(Demand::spend, start, noon).kind, Kind::admitted);
}

TEST(KeyMeter, a_minute_of_requests_may_come_at_once_and_then_they_refill_evenly) {
    const KeyLimits limits{.requests_per_minute = 6};
    KeyMeter meter(limits, {}, noon);
    for (int i = 0; i < 6; ++i) EXPECT_EQ(meter.begin(Demand::look, start, noon).kind, Kind::admitted) << i;
    const auto refused = meter.begin(Demand::look, start, noon);
    EXPECT_EQ(refused.kind, Kind::too_fast);
    EXPECT_EQ(refused.retry_after, 10s) << "one every ten seconds";
    EXPECT_EQ(meter.begin(Demand::look, start + 4s, noon).retry_after, 6s);
    EXPECT_EQ(meter.begin(Demand::look, start + 10s - 1ns, noon).retry_after, 1ms) << "rounded up, never 0";
    EXPECT_EQ(meter.begin(Demand::look, start + 10s, noon).kind, Kind::admitted) << "refusals cost nothing";
    EXPECT_EQ(meter.begin(Demand::look, start + 10s, noon).kind, Kind::too_fast);
    for (int i = 0; i < 6; ++i) EXPECT_EQ(meter.begin(Demand::look, start + 5min, noon).kind, Kind::admitted) << i;
    EXPECT_EQ(meter.begin(Demand::look, start + 5min, noon).kind, Kind::too_fast) << "the bucket never overflows";
}

TEST(KeyMeter, honouring_retry_after_is_enough) {
    for (const std::int64_t rate : {1, 7, 60, 90, 1'000'000}) {
        const KeyLimits limits{.requests_per_minute = rate};
        KeyMeter meter(limits, {}, noon);
        Instant now = start;
        int admitted = 0;
        for (int i = 0; i < 300; ++i) {
            const auto verdict = meter.begin(Demand::look, now, noon);
            if (verdict.kind == Kind::too_fast)
                now += verdict.retry_after;
            else
                ++admitted;
            ASSERT_FALSE(verdict.kind == Kind::too_fast && meter.begin(Demand::look, now, noon).kind == Kind::too_fast)
                << rate << " a minute, after " << admitted;
        }
    }
}

TEST(KeyMeter, calls_under_way_are_bounded_and_looking_is_not_one) {
    const KeyLimits limits{.concurrent = 2};
    KeyMeter meter(limits, {}, noon);
    EXPECT_EQ(meter.begin(Demand::spend, start, noon).kind, Kind::admitted);
    EXPECT_EQ(meter.begin(Demand::spend, start, noon).kind, Kind::admitted);
    const auto refused = meter.begin(Demand::spend, start, noon);
    EXPECT_EQ(refused.kind, Kind::too_many);
    EXPECT_GT(refused.retry_after, 0ms);
    EXPECT_EQ(meter.begin(Demand::look, start, noon).kind, Kind::admitted);
    EXPECT_EQ(meter.under_way(), 2);
    meter.end();
    EXPECT_EQ(meter.begin(Demand::spend, start, noon).kind, Kind::admitted);
}

TEST(KeyMeter, a_call_refused_for_its_rate_takes_no_permit) {
    const KeyLimits limits{.requests_per_minute = 1, .concurrent = 5};
    KeyMeter meter(limits, {}, noon);
    EXPECT_EQ(meter.begin(Demand::spend, start, noon).kind, Kind::admitted);
    EXPECT_EQ(meter.begin(Demand::spend, start, noon).kind, Kind::too_fast);
    EXPECT_EQ(meter.under_way(), 1);
}

struct BudgetCase {
    const char* title;
    KeyLimits limits;
    KeySpending so_far;
    Kind kind;
    Millis retry_after;
    std::string_view what;
};

TEST(KeyMeter, budgets_refuse_until_their_day_or_month_ends) {
    const Millis day_left = 12h, month_left = 12h + 8 * 24h;
    const std::vector<BudgetCase> cases{
        {"below", {.tokens_per_day = 100}, {.tokens_today = 99}, Kind::admitted, 0ms, ""},
        {"tokens", {.tokens_per_day = 100}, {.tokens_today = 100}, Kind::spent, day_left, "tokens per day"},
        {"day", {.usd_per_day = 0.5}, {.usd_today = 0.5}, Kind::spent, day_left, "USD per day"},
        {"month", {.usd_per_month = 9}, {.usd_this_month = 9.1}, Kind::spent, month_left, "USD per month"},
        {"the later one counts",
         {.tokens_per_day = 1, .usd_per_day = 1, .usd_per_month = 2},
         {.tokens_today = 5, .usd_today = 2, .usd_this_month = 2},
         Kind::spent,
         month_left,
         "USD per month"},
        {"nothing may be spent", {.usd_per_day = 0.0}, {}, Kind::spent, day_left, "USD per day"},
        {"local instead",
         {.usd_per_day = 1, .downgrade = true},
         {.usd_today = 1},
         Kind::local_only,
         day_left,
         "USD per day"},
        {"another budget's figures do not matter",
         {.tokens_per_day = 10},
         {.tokens_today = 9, .usd_today = 1e6, .usd_this_month = 1e6},
         Kind::admitted,
         0ms,
         ""},
    };
    for (const BudgetCase& each : cases) {
        KeyMeter meter(each.limits, each.so_far, noon);
        const auto verdict = meter.begin(Demand::spend, start, noon);
        EXPECT_EQ(verdict.kind, each.kind) << each.title;
        EXPECT_EQ(verdict.retry_after, each.retry_after) << each.title;
        EXPECT_EQ(verdict.what, each.what) << each.title;
        EXPECT_EQ(meter.under_way(), each.kind == Kind::spent ? 0 : 1) << each.title;
        EXPECT_EQ(meter.begin(Demand::look, start, noon).kind, Kind::admitted) << each.title << ": looking is free";
    }
}

TEST(KeyMeter, a_new_day_brings_a_new_budget_and_the_month_goes_on) {
    const KeyLimits limits{.tokens_per_day = 100, .usd_per_month = 1};
    KeyMeter meter(limits, {}, noon);
    meter.charge(100, 0.6, noon);
    EXPECT_EQ(meter.begin(Demand::spend, start, noon + 12h - 1ms).kind, Kind::spent);
    EXPECT_EQ(meter.begin(Demand::spend, start, noon + 12h).kind, Kind::admitted);
    meter.charge(50, 0.6, noon + 12h);
    EXPECT_EQ(meter.begin(Demand::spend, start, noon + 12h).what, "USD per month");
    EXPECT_EQ(meter.begin(Demand::spend, start, sys_days{2026y / 12 / 1}).kind, Kind::admitted);
}

TEST(KeyMeter, a_clock_set_back_never_gives_a_spent_budget_anew) {
    const KeyLimits limits{.tokens_per_day = 100};
    KeyMeter meter(limits, {}, noon);
    meter.charge(100, 0, noon);
    const WallTime yesterday = noon - 24h;
    const auto verdict = meter.begin(Demand::spend, start, yesterday);
    EXPECT_EQ(verdict.kind, Kind::spent);
    EXPECT_EQ(verdict.retry_after, 12h) << "as the clock says now";
    EXPECT_EQ(meter.begin(Demand::spend, start, yesterday + 12h).kind, Kind::admitted);
}

TEST(KeyMeter, a_try_without_a_price_counts_tokens_and_is_counted_as_unknown) {
    const KeyLimits limits{.usd_per_day = 1};
    KeyMeter meter(limits, {}, noon);
    meter.charge(10, std::nullopt, noon);
    meter.charge(0, std::nullopt, noon);
    meter.charge(5, 0.25, noon);
    EXPECT_EQ(meter.spending(noon).tokens_today, 15);
    EXPECT_EQ(meter.spending(noon).usd_today, 0.25);
    EXPECT_EQ(meter.spending(noon).cost_unknown_this_month, 1);
    EXPECT_EQ(meter.spending(noon + 12h).tokens_today, 0);
    EXPECT_EQ(meter.spending(noon + 12h).cost_unknown_this_month, 1);
}

}  // namespace
}  // namespace evenkeel
