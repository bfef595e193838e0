#include "resilience/lane.hpp"

#include "testing/route_world.hpp"

namespace evenkeel {
namespace {

using namespace std::chrono_literals;
using testing::failing;
using testing::RouteWorld;

TEST(Lane, a_healthy_one_shows_who_it_is_and_what_it_did) {
    RouteWorld world;
    world.ask();
    const LaneStatus status = world.cloud_lane();
    EXPECT_EQ(status.name, "cloud");
    EXPECT_EQ(status.kind, "openai");
    EXPECT_EQ(status.model, "cloud-model");
    EXPECT_FALSE(status.local);
    EXPECT_EQ(status.phase, BreakerPhase::closed);
    EXPECT_FALSE(status.why.has_value());
    EXPECT_FALSE(status.next_try_at.has_value());
    EXPECT_FALSE(status.in_phase_for.has_value());
    EXPECT_EQ(status.counts.calls, 1);
    EXPECT_EQ(status.counts.answered, 1);
}

TEST(Lane, an_ill_one_shows_since_when_why_and_what_comes_next) {
    RouteWorld world;
    world.cloud->always(failing(ErrorClass::overload, 600s));
    world.ask();
    world.wait(60s);
    world.ask();
    const LaneStatus status = world.cloud_lane();
    EXPECT_EQ(status.phase, BreakerPhase::open);
    ASSERT_TRUE(status.why.has_value());
    EXPECT_EQ(status.why->cls, ErrorClass::overload);
    EXPECT_TRUE(status.stated);
    EXPECT_GE(*status.in_phase_for, 60s);
    EXPECT_LE(*status.in_phase_for, 61s);
    EXPECT_GE(*status.next_try_at - world.sim.scheduler.now(), 539s);
    EXPECT_EQ(status.counts.failed, 1);
    EXPECT_EQ(status.counts.refused, 1);
    EXPECT_EQ(status.counts.opened, 1);
}

TEST(Lane, a_private_call_may_see_local_lanes_only) {
    RouteWorld world;
    Event changed(world.sim.scheduler);
    const Lane cloud(world.sim.env(), {.upstream = world.cloud}, changed);
    const Lane local(world.sim.env(), {.upstream = world.local}, changed);
    EXPECT_FALSE(cloud.may_see({.local_only = true}));
    EXPECT_TRUE(cloud.may_see({}));
    EXPECT_TRUE(local.may_see({.local_only = true}));
}

}  // namespace
}  // namespace evenkeel
