#include "chat/route_monitor.hpp"

#include "testing/route_world.hpp"

namespace evenkeel {
namespace {
using namespace std::chrono_literals;

TEST(RouteMonitor, shows_each_lane_in_the_order_of_the_route_and_what_keeps_it_closed) {
    testing::RouteWorld world;
    const RouteMonitor monitor(world.sim.env(), *world.route);
    EXPECT_LE(monitor.next_try_at(false), world.sim.scheduler.now());
    world.cloud->always(testing::failing(ErrorClass::account));
    const WallTime failed_at = world.sim.scheduler.wall() + 1ms;
    static_cast<void>(world.ask());
    world.wait(10s);
    const auto lanes = monitor.lanes();
    ASSERT_EQ(lanes.size(), 2U);
    EXPECT_EQ(lanes[0].name, "cloud");
    EXPECT_EQ(lanes[0].phase, "open");
    EXPECT_EQ(lanes[0].since, failed_at);
    EXPECT_THAT(lanes[0].why, ::testing::HasSubstr("scripted failure"));
    EXPECT_GT(lanes[0].next_try_at, world.sim.scheduler.now());
    EXPECT_EQ(lanes[0].failures, 1);
    EXPECT_EQ(lanes[1].phase, "closed");
    EXPECT_TRUE(lanes[1].local);
    EXPECT_LE(monitor.next_try_at(false), world.sim.scheduler.now()) << "the local one can be asked";
}

}  // namespace
}  // namespace evenkeel
