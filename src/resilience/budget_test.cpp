#include "resilience/budget.hpp"

#include <vector>

#include "testing/sim.hpp"

namespace evenkeel {
namespace {

using namespace std::chrono_literals;

constexpr Instant start{1h};

TEST(Budget, allows_one_extra_call_in_ten_seconds_whatever_the_traffic) {
    Budget budget;
    EXPECT_TRUE(budget.take(start));
    EXPECT_FALSE(budget.take(start));
    EXPECT_FALSE(budget.take(start + 10s));
    EXPECT_TRUE(budget.take(start + 11s));
}

TEST(Budget, allows_a_tenth_of_the_calls) {
    Budget budget;
    for (int i = 0; i < 50; ++i) budget.note_call(start);
    int taken = 0;
    while (budget.take(start)) ++taken;
    EXPECT_EQ(taken, 5);
}

TEST(Budget, old_traffic_pays_for_nothing) {
    Budget budget;
    for (int i = 0; i < 1000; ++i) budget.note_call(start);
    int taken = 0;
    while (budget.take(start + 1min)) ++taken;
    EXPECT_EQ(taken, 1);
}

TEST(Budget, holds_before_every_extra_over_the_ten_seconds_before_it) {
    Budget budget;
    testing::SeededRandom random(3);
    std::vector<Instant> calls, extras;
    Instant now = start;
    for (int i = 0; i < 5000; ++i) {
        now += std::chrono::duration_cast<Nanos>(random.unit() * (i % 1000 < 500 ? 20ms : 2000ms));
        budget.note_call(now);
        calls.push_back(now);
        if (!budget.take(now)) continue;
        extras.push_back(now);
        const auto since = [&](const std::vector<Instant>& times, Nanos back) {
            return std::ranges::count_if(times, [&](Instant when) { return when > now - back; });
        };
        EXPECT_LE(since(extras, 10s), std::max<std::ptrdiff_t>(1, since(calls, 10s) / 10));
    }
    EXPECT_GT(extras.size(), 100u);
}

}  // namespace
}  // namespace evenkeel
