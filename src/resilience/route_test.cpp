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
              "failover(retry(breaker(first_content_within(cloud))), retry(breaker(first_content_within(local))))");
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

}  // namespace
}  // namespace evenkeel
