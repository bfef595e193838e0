#include "resilience/breaker_machine.hpp"

#include <array>

namespace evenkeel {
namespace {

using namespace std::chrono_literals;
using Permit = BreakerMachine::Permit;

constexpr Instant start{1h};
constexpr BreakerMachine::Asker with_others{.others_left = true};
constexpr BreakerMachine::Asker alone{};
constexpr BreakerMachine::Asker probe{.probe = true, .others_left = true};

Error fault(ErrorClass cls, std::optional<Millis> retry_after = {}, std::string code = {}) {
    Error error = provider_fault(cls, Scope::provider, "ill", std::move(code)).error();
    error.retry_after = retry_after;
    return error;
}

/// A machine and a clock that moves by hand. Chance is 0: no jitter, and a ramp admits whomever it may.
struct Bench {
    BreakerMachine machine;
    Instant now = start;
    double chance = 0.0;

    BreakerPhase phase() const { return machine.state().phase; }
    void fail(const Error& error) {
        auto permit = machine.try_pass(alone, now, chance);
        ASSERT_TRUE(permit.has_value());
        machine.failed(*permit, error, now, chance);
    }
    void fail(ErrorClass cls, int times = 1) {
        for (int i = 0; i < times; ++i) fail(fault(cls));
    }
    void succeed() {
        auto permit = machine.try_pass(alone, now, chance);
        ASSERT_TRUE(permit.has_value());
        machine.first_content(*permit, now, chance);
        machine.whole(*permit, now, chance);
    }
    /// The time until the next probe; moves there.
    Nanos to_next_probe() {
        const Nanos wait = machine.next_try() - now;
        now = machine.next_try();
        return wait;
    }
    /// Opens it now, and lets each probe succeed until it closes; gives how many that took.
    int heal() {
        int probes = 0;
        for (; phase() != BreakerPhase::closed; ++probes) {
            to_next_probe();
            succeed();
        }
        return probes;
    }
};

struct OpeningRow {
    std::string_view what;
    Error error;
    int failures_to_open;  ///< 0: never.
};

TEST(BreakerMachine, opens_after_as_many_failures_as_the_class_deserves) {
    const std::array rows{
        OpeningRow{"silent", fault(ErrorClass::silent), 1},
        OpeningRow{"refused", fault(ErrorClass::transient, {}, "refused"), 1},
        OpeningRow{"no such name", fault(ErrorClass::transient, {}, "name_not_found"), 1},
        OpeningRow{"account", fault(ErrorClass::account), 1},
        OpeningRow{"model gone", fault(ErrorClass::model_gone), 1},
        OpeningRow{"429 with a time", fault(ErrorClass::overload, 7s), 1},
        OpeningRow{"429 without", fault(ErrorClass::overload), 3},
        OpeningRow{"500, reset", fault(ErrorClass::transient), 3},
        OpeningRow{"HTML", fault(ErrorClass::bad_answer), 3},
        OpeningRow{"schema", fault(ErrorClass::request), 0},
        OpeningRow{"content filter", fault(ErrorClass::policy), 0},
        OpeningRow{"too long", fault(ErrorClass::capacity), 0},
        OpeningRow{"left", fault(ErrorClass::cancelled), 0},
        OpeningRow{"our defect", own_fault(ErrorClass::internal, "x").error(), 0},
        OpeningRow{"the caller's own deadline", Error{.cls = ErrorClass::silent, .origin = Origin::caller}, 0},
    };
    for (const OpeningRow& row : rows) {
        Bench bench;
        int failures = 0;
        while (failures < 40 && bench.phase() == BreakerPhase::closed) {
            bench.fail(row.error);
            ++failures;
        }
        EXPECT_EQ(bench.phase() == BreakerPhase::open ? failures : 0, row.failures_to_open) << row.what;
    }
}

TEST(BreakerMachine, a_whole_reply_ends_a_row_of_failures) {
    Bench bench;
    for (int i = 0; i < 4; ++i) {
        bench.fail(ErrorClass::transient, 2);
        bench.succeed();
        bench.now += 31s;
    }
    EXPECT_EQ(bench.phase(), BreakerPhase::closed);
}

TEST(BreakerMachine, opens_when_half_of_ten_calls_within_the_window_failed) {
    Bench bench;
    for (int i = 0; i < 4; ++i) {
        bench.succeed();
        bench.fail(ErrorClass::transient);
        bench.now += 1s;
    }
    bench.succeed();
    EXPECT_EQ(bench.phase(), BreakerPhase::closed);
    bench.fail(ErrorClass::transient);
    EXPECT_EQ(bench.phase(), BreakerPhase::open);
}

TEST(BreakerMachine, forgets_what_is_older_than_the_window) {
    Bench bench;
    for (int i = 0; i < 40; ++i) {
        bench.succeed();
        bench.fail(ErrorClass::transient);
        bench.now += 8s;
    }
    EXPECT_EQ(bench.phase(), BreakerPhase::closed);
}

TEST(BreakerMachine, an_open_gate_refuses_everyone_until_a_probe_is_due) {
    Bench bench;
    bench.fail(ErrorClass::silent);
    for (const auto asker : {with_others, alone, probe}) {
        EXPECT_FALSE(bench.machine.try_pass(asker, bench.now, 0).has_value());
        EXPECT_FALSE(bench.machine.try_pass(asker, bench.machine.next_try() - 1ns, 0).has_value());
    }
}

TEST(BreakerMachine, a_due_probe_is_never_a_call_that_another_lane_can_take) {
    Bench bench;
    bench.fail(ErrorClass::silent);
    bench.now += 1h;
    EXPECT_FALSE(bench.machine.try_pass(with_others, bench.now, 0).has_value());
    const auto permit = bench.machine.try_pass(alone, bench.now, 0);
    ASSERT_TRUE(permit.has_value());
    EXPECT_TRUE(permit->probe);
}

TEST(BreakerMachine, lets_one_probe_through_at_a_time) {
    Bench bench;
    bench.fail(ErrorClass::silent);
    bench.to_next_probe();
    EXPECT_TRUE(bench.machine.try_pass(probe, bench.now, 0).has_value());
    EXPECT_EQ(bench.phase(), BreakerPhase::probing);
    EXPECT_FALSE(bench.machine.try_pass(probe, bench.now, 0).has_value());
    EXPECT_FALSE(bench.machine.try_pass(alone, bench.now + 1h, 0).has_value());
}

TEST(BreakerMachine, probes_grow_apart_up_to_a_minute) {
    Bench bench;
    bench.fail(ErrorClass::silent);
    std::vector<double> waits;
    for (int i = 0; i < 12; ++i) {
        waits.push_back(std::chrono::duration<double>(bench.to_next_probe()).count());
        bench.fail(ErrorClass::silent);
    }
    // The first ten seconds stay dense: a short outage must not end with a long wait.
    EXPECT_EQ(waits, (std::vector<double>{2, 2, 2.5, 2.5, 2.5, 8, 16, 16, 32, 32, 60, 60}));
}

TEST(BreakerMachine, jitter_only_brings_probes_forward) {
    for (const double chance : {0.0, 0.3, 0.999}) {
        Bench bench;
        bench.chance = chance;
        bench.fail(ErrorClass::silent);
        EXPECT_LE(bench.machine.next_try() - bench.now, 2s);
        EXPECT_GE(bench.machine.next_try() - bench.now, 1700ms);
    }
}

TEST(BreakerMachine, a_probe_that_hung_is_followed_by_the_next_as_if_it_had_not) {
    Bench bench;
    bench.fail(ErrorClass::silent);
    bench.to_next_probe();
    auto permit = bench.machine.try_pass(probe, bench.now, 0);
    const Instant began = bench.now;
    bench.now += 10s;
    bench.machine.failed(*permit, fault(ErrorClass::silent), bench.now, 0);
    EXPECT_EQ(bench.machine.next_try(), std::max(bench.now, began + 2s));
}

TEST(BreakerMachine, retry_after_is_a_floor_for_everyone) {
    Bench bench;
    bench.fail(fault(ErrorClass::overload, 36'000s));
    EXPECT_TRUE(bench.machine.state().stated);
    EXPECT_FALSE(bench.machine.try_pass(probe, start + 36'000s - 1ns, 0).has_value());
    bench.machine.checked(false, start + 10s);
    bench.machine.checked(true, start + 12s);
    EXPECT_GE(bench.machine.next_try(), start + 36'000s);
    EXPECT_LE(bench.machine.next_try(), start + 36'001s);
    EXPECT_TRUE(bench.machine.try_pass(probe, start + 36'001s, 0).has_value());
}

TEST(BreakerMachine, a_late_failure_of_an_older_call_can_still_state_a_time) {
    Bench bench;
    auto late = bench.machine.try_pass(alone, bench.now, 0);
    bench.fail(ErrorClass::silent);
    bench.machine.failed(*late, fault(ErrorClass::overload, 600s), bench.now + 1s, 0);
    EXPECT_EQ(bench.machine.next_try(), start + 601s);
}

TEST(BreakerMachine, a_ridiculous_retry_after_does_not_overflow) {
    Bench bench;
    bench.fail(fault(ErrorClass::overload, Millis::max()));
    EXPECT_GT(bench.machine.next_try(), start + 24h * 29);
    EXPECT_LT(bench.machine.next_try(), start + 24h * 31);
}

TEST(BreakerMachine, asks_every_five_minutes_where_an_operator_must_act) {
    Bench bench;
    bench.fail(ErrorClass::account);
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(bench.to_next_probe(), 5min);
        bench.fail(ErrorClass::account);
    }
    bench.to_next_probe();
    bench.fail(fault(ErrorClass::account, 3'600s));
    EXPECT_EQ(bench.to_next_probe(), 1h);
}

TEST(BreakerMachine, first_content_of_a_probe_closes_it) {
    Bench bench;
    bench.fail(ErrorClass::silent);
    bench.to_next_probe();
    auto permit = bench.machine.try_pass(probe, bench.now, 0);
    bench.machine.first_content(*permit, bench.now, 0);
    EXPECT_EQ(bench.phase(), BreakerPhase::closed);
    EXPECT_EQ(bench.machine.next_try(), Instant::min());
    // The rest of that very reply counts as any other.
    bench.machine.failed(*permit, fault(ErrorClass::silent), bench.now, 0);
    EXPECT_EQ(bench.phase(), BreakerPhase::open);
}

TEST(BreakerMachine, first_content_of_an_ordinary_call_proves_nothing_yet) {
    Bench bench;
    for (int i = 0; i < 3; ++i) {
        auto permit = bench.machine.try_pass(alone, bench.now, 0);
        bench.machine.first_content(*permit, bench.now, 0);
        bench.machine.failed(*permit, fault(ErrorClass::transient), bench.now, 0);  // Cut.
    }
    EXPECT_EQ(bench.phase(), BreakerPhase::open);
}

TEST(BreakerMachine, a_refused_request_proves_that_a_probed_provider_is_up) {
    Bench bench;
    bench.fail(ErrorClass::silent);
    bench.to_next_probe();
    bench.fail(ErrorClass::request);
    EXPECT_EQ(bench.phase(), BreakerPhase::closed);
}

TEST(BreakerMachine, each_relapse_doubles_the_successes_needed_up_to_eight) {
    Bench bench;
    std::vector<int> needed;
    for (int i = 0; i < 6; ++i) {
        bench.fail(ErrorClass::silent);
        needed.push_back(bench.heal());
        bench.now += 4min;
    }
    EXPECT_EQ(needed, (std::vector<int>{1, 2, 4, 8, 8, 8}));
    bench.now += 2min;
    bench.fail(ErrorClass::silent);
    EXPECT_EQ(bench.heal(), 1);
}

TEST(BreakerMachine, a_failed_probe_starts_the_count_of_successes_anew) {
    Bench bench;
    bench.fail(ErrorClass::silent);
    bench.heal();
    bench.fail(ErrorClass::silent);
    bench.to_next_probe();
    bench.succeed();
    bench.to_next_probe();
    bench.fail(ErrorClass::transient);
    EXPECT_EQ(bench.heal(), 2);
}

TEST(BreakerMachine, a_probe_dropped_by_its_caller_counts_as_neither) {
    Bench bench;
    bench.fail(ErrorClass::silent);
    bench.to_next_probe();
    auto permit = bench.machine.try_pass(probe, bench.now, 0);
    bench.machine.abandoned(*permit, bench.now);
    EXPECT_EQ(bench.phase(), BreakerPhase::open);
    EXPECT_EQ(bench.machine.state().successes, 0u);
    EXPECT_EQ(bench.machine.next_try(), bench.now + 2s);
}

TEST(BreakerMachine, a_call_dropped_by_its_caller_counts_as_neither) {
    Bench bench;
    bench.fail(ErrorClass::transient, 2);
    auto permit = bench.machine.try_pass(alone, bench.now, 0);
    bench.machine.abandoned(*permit, bench.now);
    EXPECT_EQ(bench.phase(), BreakerPhase::closed);
    bench.fail(ErrorClass::transient);
    EXPECT_EQ(bench.phase(), BreakerPhase::open);
}

TEST(BreakerMachine, outcomes_of_an_older_period_neither_open_nor_close_it) {
    Bench bench;
    auto old_failure = bench.machine.try_pass(alone, bench.now, 0);
    auto old_success = bench.machine.try_pass(alone, bench.now, 0);
    bench.fail(ErrorClass::silent);
    bench.machine.whole(*old_success, bench.now, 0);
    EXPECT_EQ(bench.phase(), BreakerPhase::open);
    bench.heal();
    bench.machine.failed(*old_failure, fault(ErrorClass::silent), bench.now, 0);
    EXPECT_EQ(bench.phase(), BreakerPhase::closed);
}

TEST(BreakerMachine, a_free_check_that_turns_good_brings_the_probe_forward) {
    Bench bench;
    bench.fail(ErrorClass::account);
    EXPECT_EQ(bench.machine.next_check(), start);
    bench.machine.checked(true, start);
    EXPECT_EQ(bench.machine.next_try(), start + 5min);  // It was good all the time: that says nothing.
    EXPECT_EQ(bench.machine.next_check(), forever);
    bench.machine.checked(false, start + 4s);
    EXPECT_EQ(bench.machine.next_check(), start + 6s);
    bench.machine.checked(std::nullopt, start + 6s);
    bench.machine.checked(true, start + 8s);
    EXPECT_EQ(bench.machine.next_try(), start + 8s);
}

TEST(BreakerMachine, what_was_unreachable_needs_no_first_check_to_be_bad) {
    Bench bench;
    bench.fail(fault(ErrorClass::transient, {}, "refused"));
    bench.machine.checked(true, start + 100ms);
    EXPECT_EQ(bench.machine.next_try(), start + 100ms);
}

TEST(BreakerMachine, traffic_returns_on_a_ramp_that_a_lone_user_never_notices) {
    Bench bench;
    bench.fail(ErrorClass::silent);
    bench.heal();
    // A thousand calls a second: first about a tenth, and all of them after some twenty seconds.
    std::uint64_t state = 7;
    const auto share = [&](Instant from) {
        int passed = 0;
        for (int i = 0; i < 1000; ++i) {
            state = state * 6364136223846793005ULL + 1442695040888963407ULL;
            passed += bench.machine.try_pass(with_others, from + i * 1ms, static_cast<double>(state >> 11) * 0x1.0p-53)
                          .has_value();
        }
        return passed;
    };
    const Instant closed = bench.now;
    const int first = share(closed);
    EXPECT_GE(first, 60);
    EXPECT_LE(first, 180);
    EXPECT_GT(share(closed + 10s), 2 * first);
    EXPECT_EQ(share(closed + 20s), 1000);

    Bench lone;
    lone.fail(ErrorClass::silent);
    lone.heal();
    for (int i = 0; i < 30; ++i)
        EXPECT_TRUE(lone.machine.try_pass(with_others, lone.now + i * 500ms, 0.999).has_value());
}

TEST(BreakerMachine, the_ramp_never_turns_away_who_has_nowhere_else_to_go) {
    Bench bench;
    bench.fail(ErrorClass::silent);
    bench.heal();
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(bench.machine.try_pass(alone, bench.now, 0.999).has_value());
}

TEST(BreakerMachine, a_restored_machine_goes_on_where_the_old_one_was) {
    Bench bench;
    bench.fail(fault(ErrorClass::overload, 600s));
    BreakerState state = bench.machine.state();
    state.phase = BreakerPhase::probing;  // Killed within a probe.
    BreakerMachine restored;
    restored.restore(state);
    EXPECT_EQ(restored.state().phase, BreakerPhase::open);
    EXPECT_FALSE(restored.try_pass(probe, start + 599s, 0).has_value());
    EXPECT_TRUE(restored.try_pass(probe, start + 601s, 0).has_value());
}

}  // namespace
}  // namespace evenkeel
