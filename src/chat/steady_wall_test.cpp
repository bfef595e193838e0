#include "chat/steady_wall.hpp"

#include "testing/sim.hpp"

namespace evenkeel {
namespace {
using namespace std::chrono_literals;

TEST(SteadyWall, goes_on_evenly_while_the_wall_clock_jumps_a_day) {
    testing::Sim sim;
    const SteadyWall wall(sim.scheduler);
    const WallTime start = wall.now();
    EXPECT_EQ(start, sim.scheduler.wall());
    sim.scheduler.run_for(90s);
    sim.scheduler.jump_wall(24h);
    EXPECT_EQ(wall.now(), start + 90s);
    sim.scheduler.jump_wall(-48h);
    sim.scheduler.run_for(1s);
    EXPECT_EQ(wall.now(), start + 91s);
}

TEST(SteadyWall, takes_in_one_step_of_the_wall_clock_when_the_process_starts_again) {
    testing::Sim sim;
    const SteadyWall before(sim.scheduler);
    sim.scheduler.jump_wall(1h);
    const SteadyWall after(sim.scheduler);
    EXPECT_EQ(after.now(), before.now() + 1h);
}

TEST(SteadyWall, gives_the_instant_of_a_coming_time_and_the_present_for_a_past_one) {
    testing::Sim sim;
    const SteadyWall wall(sim.scheduler);
    EXPECT_EQ(wall.instant_of(wall.now() + 5s), sim.scheduler.now() + 5s);
    EXPECT_EQ(wall.instant_of(wall.now() - 5s), sim.scheduler.now());
}

}  // namespace
}  // namespace evenkeel
