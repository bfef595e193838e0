#include "chat/drain.hpp"

#include <deque>

namespace evenkeel {
namespace {
using namespace std::chrono_literals;
using End = Drain::End;
using Phase = Drain::Phase;

constexpr Instant start{1h};

/// Lets `drain` take what it grants in steps of 10 ms, each job answered after `took`; gives how many were taken.
std::size_t drained(Drain& drain, Instant& now, Nanos span, Nanos took, bool lively = false) {
    std::deque<Instant> ends;
    std::size_t taken = 0;
    for (const Instant until = now + span; now < until; now += 10ms) {
        drain.live(lively ? 1 : 0, now);
        for (; !ends.empty() && ends.front() <= now; ends.pop_front()) drain.ended(End::answered, now);
        const auto grant = drain.grant(now);
        if (grant.jobs > 0) drain.claimed(grant.jobs, now);
        for (std::size_t i = 0; i < grant.jobs; ++i) ends.push_back(now + took);
        taken += grant.jobs;
    }
    for (; !ends.empty(); ends.pop_front()) drain.ended(End::answered, now);
    return taken;
}

TEST(Drain, sends_one_probe_alone_and_waits_for_its_answer) {
    Drain drain({}, start);
    const auto first = drain.grant(start);
    EXPECT_EQ(first.jobs, 1U);
    EXPECT_TRUE(first.probe);
    drain.claimed(1, start);
    EXPECT_EQ(drain.grant(start + 5s).jobs, 0U);
    drain.ended(End::answered, start + 6s);
    EXPECT_EQ(drain.phase(), Phase::ramping);
    EXPECT_FALSE(drain.grant(start + 6s).probe);
}

TEST(Drain, holds_while_the_route_is_down_and_probes_again_when_it_opens) {
    Drain drain({}, start);
    drain.route_opens_at(start + 30s, start);
    EXPECT_EQ(drain.phase(), Phase::held);
    EXPECT_EQ(drain.grant(start).jobs, 0U);
    EXPECT_EQ(drain.grant(start).again, start + 30s);
    drain.route_opens_at(start + 30s, start + 30s);
    EXPECT_TRUE(drain.grant(start + 30s).probe);
}

TEST(Drain, waits_longer_after_each_probe_that_failed) {
    Drain drain({}, start);
    Instant now = start;
    for (const Nanos wait : {2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
        ASSERT_EQ(drain.grant(now).jobs, 1U);
        drain.claimed(1, now);
        drain.ended(End::failed, now);
        EXPECT_EQ(drain.grant(now).again, now + wait);
        now += wait;
    }
}

TEST(Drain, begins_at_a_tenth_and_doubles_each_clean_ten_seconds_up_to_its_share) {
    Drain drain({.max_concurrent = 1000}, start);
    Instant now = start;
    drain.live_ended(End::answered, now);
    EXPECT_NEAR(static_cast<double>(drained(drain, now, 10s, 100ms)), 25, 2);   // 2.5/s
    EXPECT_NEAR(static_cast<double>(drained(drain, now, 10s, 100ms)), 50, 3);   // 5/s
    EXPECT_NEAR(static_cast<double>(drained(drain, now, 10s, 100ms)), 100, 4);  // 10/s
    EXPECT_NEAR(static_cast<double>(drained(drain, now, 10s, 100ms)), 200, 5);  // 20/s: 80 % of 25/s
    EXPECT_NEAR(static_cast<double>(drained(drain, now, 10s, 100ms)), 200, 5);
}

TEST(Drain, leaves_half_of_the_rate_to_live_traffic) {
    Drain drain({.max_concurrent = 1000}, start);
    Instant now = start;
    drain.live_ended(End::answered, now);
    drained(drain, now, 60s, 100ms, true);
    EXPECT_NEAR(static_cast<double>(drained(drain, now, 10s, 100ms, true)), 125, 4);
}

TEST(Drain, goes_back_to_a_tenth_on_overload) {
    Drain drain({.max_concurrent = 1000}, start);
    Instant now = start;
    drain.live_ended(End::answered, now);
    drained(drain, now, 60s, 100ms);
    EXPECT_DOUBLE_EQ(drain.share(), 0.8);
    drain.live_ended(End::overloaded, now);
    EXPECT_NEAR(static_cast<double>(drained(drain, now, 10s, 100ms)), 25, 7);  // and the bucket's rest
}

TEST(Drain, a_failure_starts_the_clean_time_anew) {
    Drain drain({}, start);
    drain.live_ended(End::answered, start);
    drain.live_ended(End::failed, start + 9s);
    static_cast<void>(drain.grant(start + 12s));
    EXPECT_DOUBLE_EQ(drain.share(), 0.1);
    static_cast<void>(drain.grant(start + 19s));
    EXPECT_DOUBLE_EQ(drain.share(), 0.2);
}

TEST(Drain, never_runs_more_at_once_than_allowed) {
    Drain drain({.max_concurrent = 3}, start);
    Instant now = start;
    drain.live_ended(End::answered, now);
    drained(drain, now, 60s, 1ms);
    std::size_t running = 0;
    for (int i = 0; i < 500; ++i, now += 10ms) {
        const auto grant = drain.grant(now);
        drain.claimed(grant.jobs, now);
        running += grant.jobs;
    }
    EXPECT_EQ(running, 3U);
}

TEST(Drain, empties_a_day_of_backlog_close_to_the_ideal_time) {
    Drain drain({.max_concurrent = 1000}, start);
    Instant now = start;
    std::size_t done = 0;
    while (done < 18'000) done += drained(drain, now, 1s, 500ms);
    const auto ideal = 18'000 / (25 * 0.8);
    EXPECT_LE(std::chrono::duration<double>(now - start).count(), 1.15 * ideal);
}

}  // namespace
}  // namespace evenkeel
