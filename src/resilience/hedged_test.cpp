#include "resilience/hedged.hpp"

#include <gtest/gtest.h>

#include <string>

#include "resilience/route.hpp"
#include "testing/route_world.hpp"

namespace evenkeel {
namespace {

using namespace std::chrono_literals;
using testing::answering;
using testing::failing;
using testing::RouteWorld;
using testing::silent;

struct World : RouteWorld {
    explicit World(std::string hedge = "spare", bool spare_is_local = false) {
        spare = std::make_shared<testing::ScriptedProvider>(sim.env(), "spare", spare_is_local);
        spare->always(answering("From the spare."));
        route = make_route(sim.env(), {{.upstream = cloud}, {.upstream = local}, {.upstream = spare}},
                           {.hedge = std::move(hedge)});
    }
    /// Enough calls, slowly enough, that the delay is known and a hedge may be paid for.
    void warm_up(Nanos first_after = 200ms) {
        cloud->always(answering("Fine.", first_after));
        for (int i = 0; i < 60; ++i) {
            ask();
            wait(100ms);
        }
        asked_before = cloud->asked().size();
    }
    std::shared_ptr<testing::ScriptedProvider> spare;
    std::size_t asked_before = 0;
};

TEST(Hedged, describes_itself) {
    EXPECT_NE(World().route->describe().find("failover(hedged(retry("), std::string::npos);
    EXPECT_EQ(RouteWorld().route->describe().find("hedged"), std::string::npos) << "it is off by default";
}

TEST(Hedged, nobody_else_is_asked_while_the_first_is_as_fast_as_ever) {
    World world;
    world.warm_up();
    EXPECT_TRUE(world.spare->asked().empty());
}

TEST(Hedged, a_slow_first_loses_to_the_second_and_is_cancelled) {
    World world;
    world.warm_up();
    world.cloud->always(answering("Late.", 8s));
    const auto reply = world.ask();
    EXPECT_EQ(reply.drained.text, "From the spare.");
    EXPECT_LT(reply.took, Hedged::delay_min + 300ms);
    ASSERT_EQ(reply.attempts.size(), 2u);
    EXPECT_EQ(reply.attempts[0].provider, "cloud");
    EXPECT_EQ(reply.attempts[0].outcome, Attempt::Outcome::cancelled);
    EXPECT_EQ(reply.attempts[1].provider, "spare");
    EXPECT_EQ(reply.attempts[1].outcome, Attempt::Outcome::answered);
    EXPECT_TRUE(reply.attempts[1].usage) << "what it cost is known to the end";
    EXPECT_EQ(world.cloud->running(), 0u);
}

TEST(Hedged, the_delay_is_what_the_first_was_slower_than_once_in_twenty) {
    World world;
    world.warm_up(3s);
    world.cloud->always(silent());
    EXPECT_EQ(world.ask().took, 3s + 100ms + 20ms);
}

TEST(Hedged, a_first_that_comes_before_the_second_wins_and_the_second_is_recorded) {
    World world;
    world.warm_up();
    world.cloud->always(answering("Just so.", 1'550ms));
    const auto reply = world.ask();
    EXPECT_EQ(reply.drained.text, "Just so.");
    ASSERT_EQ(reply.attempts.size(), 2u);
    EXPECT_EQ(reply.attempts[0].outcome, Attempt::Outcome::answered);
    EXPECT_EQ(reply.attempts[1].outcome, Attempt::Outcome::cancelled);
    EXPECT_EQ(world.spare->running(), 0u);
}

TEST(Hedged, a_local_second_waits_a_moment_for_the_cloud) {
    for (const auto& [first_after, winner] : {std::pair{1'850ms, "cloud"}, std::pair{2'000ms, "spare"}}) {
        World world("spare", true);
        world.warm_up();
        world.cloud->always(answering("Cloud.", first_after));
        EXPECT_EQ(world.ask().attempts[winner == std::string("spare") ? 1 : 0].outcome, Attempt::Outcome::answered)
            << winner;
    }
}

TEST(Hedged, hedges_are_no_more_than_a_tenth_of_the_calls) {
    World world;
    world.warm_up();
    world.cloud->always(answering("Slow.", 2s));
    const std::size_t before = world.cloud->asked().size();
    for (int i = 0; i < 40; ++i) world.ask();
    const std::size_t calls = world.cloud->asked().size() - before;
    EXPECT_EQ(calls, 40u);
    // Forty calls of two seconds: one hedge in ten seconds.
    EXPECT_LE(world.spare->asked().size(), 9u);
    EXPECT_GE(world.spare->asked().size(), 4u);
}

TEST(Hedged, when_both_fail_the_next_is_asked_and_nobody_twice) {
    World world;
    world.warm_up();
    world.cloud->always(failing(ErrorClass::transient, {}, "boom", 1'800ms));
    world.spare->always(failing(ErrorClass::transient, {}, "boom", 500ms));
    const auto reply = world.ask();
    EXPECT_EQ(reply.by(), "local");
    EXPECT_EQ(world.spare->asked().size(), 1u);
    EXPECT_EQ(world.cloud->asked().size(), world.asked_before + 1);
}

TEST(Hedged, a_private_question_is_not_shown_to_a_second_in_the_cloud) {
    World world;
    world.warm_up();
    world.cloud->always(silent());
    world.ask({.local_only = true});
    EXPECT_TRUE(world.spare->asked().empty());
}

TEST(Hedged, cloud_means_the_next_cloud_provider_and_never_a_local_one) {
    World world("cloud");
    world.warm_up();
    world.cloud->always(answering("Late.", 8s));
    EXPECT_EQ(world.ask().drained.text, "From the spare.");
    RouteWorld alone;
    alone.route =
        make_route(alone.sim.env(), {{.upstream = alone.cloud}, {.upstream = alone.local}}, {.hedge = "cloud"});
    EXPECT_EQ(alone.route->describe().find("hedged"), std::string::npos);
}

TEST(Hedged, a_caller_who_leaves_cancels_both) {
    World world;
    world.warm_up();
    world.cloud->always(silent());
    world.spare->always(silent());
    Call call;
    const ChatRequest request = testing::question("?");
    auto left = [](World& w, const ChatRequest& r, Call& c) -> Task<bool> {
        co_return (co_await until(w.sim.scheduler, w.sim.scheduler.now() + 2s, testing::ask(*w.route, r, c)))
            .has_value();
    };
    EXPECT_FALSE(world.sim.run(left(world, request, call)));
    EXPECT_EQ(world.cloud->running() + world.spare->running(), 0u);
}

}  // namespace
}  // namespace evenkeel
