#include "resilience/route.hpp"

#include <ranges>

#include "testing/route_world.hpp"

namespace evenkeel {
namespace {

using namespace std::chrono_literals;
using testing::answering;
using testing::failing;
using testing::refusing;
using testing::RouteWorld;
using testing::silent;

TEST(Route, describes_its_tree) {
    RouteWorld world;
    EXPECT_EQ(world.route->describe(),
              "resuming(failover(retry(breaker(paced(first_content_within(cloud)))), "
              "retry(breaker(paced(first_content_within(local))))))");
}

TEST(Route, a_lane_with_no_slot_left_is_passed_over_and_says_so) {
    RouteWorld world;
    world.cloud->always(answering("Slow.", 5s));
    world.route = make_route(world.sim.env(), {{.upstream = world.cloud, .pace = {.concurrent_max = 1}},
                                               {.upstream = world.local, .pace = {.concurrent_max = 1}}});
    Call busy;
    const ChatRequest request = testing::question("?");
    auto slow = world.sim.run(world.route->open(request, busy));
    const auto second = world.ask();
    EXPECT_EQ(second.by(), "local");
    EXPECT_EQ(second.attempts.at(0).outcome, Attempt::Outcome::skipped);
    EXPECT_EQ(second.attempts.at(0).error->code, "no_slot");
    Call beside;
    auto also_slow = world.sim.run(world.route->open(request, beside));
    const auto third = world.ask();
    ASSERT_TRUE(third.drained.error);
    EXPECT_EQ(third.error().cls, ErrorClass::overload) << "a turn goes to the queue with it";
    EXPECT_TRUE(third.error().retry_after);
    EXPECT_EQ(world.cloud_phase(), BreakerPhase::closed) << "our own limit says nothing about the provider";
}

TEST(Route, asks_the_first_provider_while_it_is_well) {
    RouteWorld world;
    for (int i = 0; i < 20; ++i) EXPECT_EQ(world.ask().drained.text, "Fine.");
    EXPECT_EQ(world.cloud->asked().size(), 20u);
    EXPECT_TRUE(world.local->asked().empty());
}

TEST(Route, only_the_first_message_waits_for_a_silent_provider) {
    RouteWorld world;
    world.start_probes();
    world.cloud->always(silent());
    const auto first = world.ask();
    EXPECT_EQ(first.drained.text, "From home.");
    EXPECT_GE(first.took, 10s);
    EXPECT_LE(first.took, 10s + 300ms);
    for (int i = 0; i < 200; ++i) {
        const auto later = world.ask();
        EXPECT_EQ(later.by(), "local");
        EXPECT_LE(later.took, 300ms);
        world.wait(1s);
    }
    for (const auto& asked : world.cloud->asked() | std::views::drop(1)) EXPECT_TRUE(asked.probe);
}

TEST(Route, only_the_first_message_notices_an_unreachable_provider) {
    RouteWorld world;
    world.cloud->always(refusing());
    EXPECT_EQ(world.ask().by(), "local");
    EXPECT_EQ(world.cloud_phase(), BreakerPhase::open);
    EXPECT_EQ(world.ask().by(), "local");
    EXPECT_EQ(world.cloud->asked().size(), 1u);
}

/// Asks once each `every` until the cloud answers; gives when that was, from now.
Nanos back_after(RouteWorld& world, Nanos every = 100ms, Nanos at_most = 10min) {
    const Instant began = world.sim.scheduler.now();
    for (;;) {
        const Nanos waited = world.sim.scheduler.now() - began;
        if (world.ask().by() == "cloud" || waited > at_most) return waited;
        world.wait(every);
    }
}

TEST(RouteRecovery, is_within_three_seconds_of_a_short_outages_end_even_where_no_check_sees_it) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        for (Nanos outage = 500ms; outage <= 10s; outage += 500ms) {
            RouteWorld world(seed);
            world.start_probes();
            world.cloud->always(seed % 2 == 0 ? refusing() : failing(ErrorClass::transient));
            const Instant end = world.sim.scheduler.now() + outage;
            while (world.sim.scheduler.now() + 110ms < end) {
                EXPECT_EQ(world.ask().by(), "local");
                world.wait(50ms);
            }
            world.sim.scheduler.run_until(end);
            world.cloud->always(answering("Back."));
            EXPECT_LE(back_after(world), 3s) << "seed " << seed << ", outage " << outage;
        }
    }
}

TEST(RouteRecovery, is_within_three_seconds_where_the_free_check_sees_it) {
    for (const Nanos outage : {Nanos(30s), Nanos(5min), Nanos(3h)}) {
        RouteWorld world;
        world.start_probes();
        world.cloud->always(refusing());
        world.cloud->models_result = provider_fault(ErrorClass::transient, Scope::provider, "no", "refused");
        world.ask();
        world.wait(outage);
        world.cloud->always(answering("Back."));
        world.cloud->models_result = std::vector<std::string>{"cloud-model"};
        EXPECT_LE(back_after(world), 3s) << outage;
    }
}

TEST(RouteRecovery, is_within_one_probe_interval_and_a_second_otherwise) {
    struct Row {
        Nanos outage, interval;
    };
    for (const Row& row : {Row{15s, 8s}, Row{30s, 16s}, Row{60s, 32s}, Row{2min, 60s}, Row{3h, 60s}}) {
        RouteWorld world;
        world.start_probes();
        world.cloud->always(failing(ErrorClass::transient));
        for (int i = 0; i < 3; ++i) world.ask();
        world.wait(row.outage);
        world.cloud->always(answering("Back."));
        EXPECT_LE(back_after(world), row.interval + 1s) << row.outage;
    }
}

TEST(RouteRecovery, needs_no_traffic) {
    RouteWorld world;
    world.start_probes();
    world.cloud->then(refusing());
    world.ask();
    world.wait(10s);
    EXPECT_EQ(world.ask().by(), "cloud");
}

TEST(RouteConduct, a_minute_of_outage_costs_the_primary_a_dozen_calls_at_most) {
    for (const auto& script : {failing(ErrorClass::transient), failing(ErrorClass::overload), refusing(), silent()}) {
        RouteWorld world;
        world.start_probes();
        world.cloud->always(script);
        const Instant end = world.sim.scheduler.now() + 60s;
        for (int i = 0; i < 20; ++i) {
            EXPECT_EQ(world.ask().by(), "local");
            world.wait(2500ms);
        }
        world.sim.scheduler.run_until(std::max(end, world.sim.scheduler.now()));
        EXPECT_LE(world.cloud->asked().size(), 12u);
    }
}

TEST(RouteConduct, a_provider_that_flaps_is_asked_less_and_less) {
    RouteWorld world;
    world.start_probes();
    std::size_t failed_calls = 0;
    for (int second = 0; second < 600; ++second) {
        world.cloud->always(second % 10 < 5 ? refusing() : answering("Up for now."));
        const auto reply = world.ask();
        EXPECT_FALSE(reply.drained.error.has_value());
        failed_calls += reply.attempts.front().outcome == Attempt::Outcome::failed;
        world.wait(890ms);
    }
    EXPECT_LE(failed_calls, 60u);
    EXPECT_GE(world.cloud_lane().counts.opened, 3);
}

TEST(RouteConduct, half_the_calls_failing_opens_it_and_every_question_is_answered) {
    RouteWorld world;
    world.start_probes();
    for (int i = 0; i < 40; ++i) {
        world.cloud->then(i % 2 == 0 ? failing(ErrorClass::transient) : answering("Luck."));
        EXPECT_FALSE(world.ask().drained.error.has_value());
    }
    EXPECT_GE(world.cloud_lane().counts.opened, 1);
}

TEST(RouteConduct, no_call_waits_for_a_provider_that_is_known_to_be_ill) {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        RouteWorld world(seed);
        world.start_probes();
        for (int i = 0; i < 30; ++i) {
            switch (world.sim.random.bits() % 5) {
                case 0: world.cloud->always(silent()); break;
                case 1: world.cloud->always(refusing()); break;
                case 2: world.cloud->always(failing(ErrorClass::overload, 5s)); break;
                case 3: world.cloud->always(failing(ErrorClass::account)); break;
                default: world.cloud->always(answering("Well."));
            }
            for (int n = 0; n < 3; ++n) {
                const bool known = world.cloud_phase() != BreakerPhase::closed;
                const auto reply = world.ask();
                EXPECT_FALSE(reply.drained.error.has_value());
                EXPECT_LE(reply.took, known ? Nanos(300ms) : Nanos(10'300ms));
                if (known) EXPECT_EQ(reply.by(), "local");
            }
            world.wait(Nanos(world.sim.random.bits() % 20'000'000'000));
        }
        for (const auto& asked : world.cloud->asked()) EXPECT_EQ(asked.probe, asked.turns[0].text == "ping");
    }
}

TEST(RouteHealth, survives_a_restart) {
    RouteWorld world;
    world.cloud->always(failing(ErrorClass::overload, 600s));
    world.ask();
    const std::string saved = world.route->save();
    world.wait(100s);
    world.build();
    ASSERT_TRUE(world.route->load(saved).has_value());
    world.start_probes();
    EXPECT_EQ(world.cloud_phase(), BreakerPhase::open);
    EXPECT_TRUE(world.cloud_lane().stated);
    EXPECT_EQ(world.ask().by(), "local");
    world.cloud->always(answering("Back."));
    world.wait(498s);
    EXPECT_EQ(world.cloud->asked().size(), 1u);
    world.wait(5s);
    EXPECT_EQ(world.ask().by(), "cloud");
}

TEST(RouteHealth, survives_a_wall_clock_that_jumps) {
    for (const Millis jump : {Millis(-24h), Millis(24h)}) {
        RouteWorld world;
        world.cloud->always(failing(ErrorClass::overload, 600s));
        world.ask();
        const std::string saved = world.route->save();
        world.sim.scheduler.jump_wall(jump);
        world.build();
        ASSERT_TRUE(world.route->load(saved).has_value());
        EXPECT_EQ(world.cloud_phase(), BreakerPhase::open);
        EXPECT_LE(world.cloud_lane().next_try_at.value(), world.sim.scheduler.now() + 601s);
        EXPECT_EQ(world.ask().by(), "local");
    }
}

TEST(RouteHealth, counts_failures_over_processes_that_ask_one_question_each) {
    RouteWorld world;
    world.cloud->always(failing(ErrorClass::transient));
    std::string saved;
    for (int process = 0; process < 3; ++process) {
        world.build();
        ASSERT_TRUE(world.route->load(saved).has_value());
        world.ask();
        saved = world.route->save();
    }
    EXPECT_EQ(world.cloud_phase(), BreakerPhase::open);
    EXPECT_EQ(world.cloud->asked().size(), 3u);
}

TEST(RouteHealth, another_key_or_model_starts_afresh) {
    RouteWorld world;
    world.cloud->always(failing(ErrorClass::account));
    world.ask();
    const std::string saved = world.route->save();
    world.route =
        make_route(world.sim.env(), {{.upstream = world.cloud, .credential = "key-2"}, {.upstream = world.local}});
    ASSERT_TRUE(world.route->load(saved).has_value());
    EXPECT_EQ(world.cloud_phase(), BreakerPhase::closed);
}

TEST(RouteHealth, damaged_memory_is_an_error_and_changes_nothing) {
    RouteWorld world;
    for (const std::string_view text : {"{", "[]", R"({"version":2,"lanes":[]})", R"({"version":1})"}) {
        const auto loaded = world.route->load(text);
        ASSERT_FALSE(loaded.has_value()) << text;
        EXPECT_EQ(loaded.error().code, "damaged");
    }
    EXPECT_TRUE(world.route->load("").has_value());
    EXPECT_TRUE(
        world.route->load(R"({"version":1,"saved_at_ms":-9223372036854775808,"lanes":[{"name":7}]})").has_value());
    EXPECT_EQ(world.cloud_phase(), BreakerPhase::closed);
}

}  // namespace
}  // namespace evenkeel
