#include "resilience/pace.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "testing/scripted_provider.hpp"
#include "testing/sim.hpp"

namespace evenkeel {
namespace {

using namespace std::chrono_literals;
using testing::answering;
using testing::failing;

constexpr Instant start = Instant(1h);

TEST(PaceMachine, a_bucket_lets_a_burst_through_and_then_the_rate) {
    PaceMachine machine({.calls_per_s = 20});
    Instant now = start;
    std::vector<Nanos> times;
    for (int i = 0; i < 60; ++i) {
        now = std::max(now, machine.token_at(now));
        machine.take(now);
        times.push_back(now - start);
    }
    EXPECT_EQ(std::ranges::count(times, 0ns), 5);
    // In no second more than the rate and the burst.
    for (std::size_t i = 0; i < times.size(); ++i)
        EXPECT_LE(std::ranges::count_if(times, [&](Nanos t) { return t >= times[i] && t < times[i] + 1s; }), 25);
    EXPECT_NEAR(std::chrono::duration<double>(times.back()).count(), 2.75, 0.06);
}

TEST(PaceMachine, a_rate_below_one_a_second_lets_one_through_at_once) {
    PaceMachine machine({.calls_per_s = 0.5});
    EXPECT_EQ(machine.token_at(start), start);
    machine.take(start);
    EXPECT_EQ(machine.token_at(start), start + 2s);
}

TEST(PaceMachine, fixed_slots_stay_as_they_are) {
    PaceMachine machine({.concurrent_max = 2});
    machine.went_badly(start);
    machine.take(start);
    EXPECT_TRUE(machine.has_slot());
    machine.take(start);
    EXPECT_FALSE(machine.has_slot());
    machine.give_back();
    EXPECT_TRUE(machine.has_slot());
}

TEST(PaceMachine, shrinks_at_once_and_grows_slowly) {
    PaceMachine machine({.concurrent_max = 32, .adapts = true});
    EXPECT_EQ(machine.limit(), 32u);
    for (int i = 0; i < 20; ++i) machine.take(start);
    machine.went_badly(start);
    EXPECT_EQ(machine.limit(), 14u) << "of what was under way";
    for (int i = 0; i < 10; ++i) machine.went_badly(start + 500ms);
    EXPECT_EQ(machine.limit(), 14u) << "one overload that many calls tell of counts once";
    Instant now = start;
    for (int i = 0; i < 20; ++i) machine.went_badly(now += 1s);
    EXPECT_EQ(machine.limit(), PaceMachine::least) << "never none";
    EXPECT_FALSE(machine.has_slot());
    for (int i = 0; i < 20; ++i) machine.give_back();
    machine.went_well();
    EXPECT_EQ(machine.limit(), PaceMachine::least) << "an idle lane proves nothing";
    for (int i = 0; i < 4; ++i) machine.take(now);
    for (int i = 0; i < 5; ++i) machine.went_well();
    EXPECT_EQ(machine.limit(), 5u);
    for (int i = 0; i < 28; ++i) machine.take(now);
    for (int i = 0; i < 2'000; ++i) machine.went_well();
    EXPECT_EQ(machine.limit(), 32u);
}

struct World {
    testing::Sim sim;
    std::shared_ptr<testing::ScriptedProvider> provider =
        std::make_shared<testing::ScriptedProvider>(sim.env(), "local", true);
    std::shared_ptr<Pace> pace;
    ProviderPtr layer;
    std::size_t most = 0;
    std::vector<int> order;
    std::vector<Error> errors;
    TaskGroup tasks{sim.scheduler};

    explicit World(PaceLimits limits) : pace(std::make_shared<Pace>(sim.env(), limits)), layer(paced(provider, pace)) {
        provider->always(answering("one two three", 400ms, 300ms));  // A second in all.
    }
    static Task<void> ask(World& world, int number, Millis slot_wait, bool others_left) {
        Call call{.others_left = others_left};
        call.slot_wait = slot_wait;
        const ChatRequest request = testing::question("?");
        auto opened = co_await world.layer->open(request, call);
        if (!opened) {
            world.errors.push_back(std::move(opened.error()));
            co_return;
        }
        world.most = std::max(world.most, world.provider->running());
        world.order.push_back(number);
        co_await testing::drain(**opened);
    }
    void start(int number, Millis slot_wait = 0ms, bool others_left = false) {
        tasks.spawn(ask(*this, number, slot_wait, others_left));
    }
};

TEST(Paced, describes_itself) { EXPECT_EQ(World({}).layer->describe(), "paced(local)"); }

TEST(Paced, without_limits_all_go_at_once) {
    World world({});
    for (int i = 0; i < 500; ++i) world.start(i);
    world.sim.scheduler.run_for(1'100ms);
    EXPECT_EQ(world.order.size(), 500u);
}

TEST(Paced, waits_in_line_for_a_slot_in_the_order_of_arrival) {
    World world({.concurrent_max = 2});
    for (int i = 0; i < 10; ++i) world.start(i, 10s);
    world.sim.scheduler.run_for(6s);
    EXPECT_EQ(world.order, (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
    EXPECT_EQ(world.most, 2u) << "the provider is never given more, whatever waits";
    EXPECT_EQ(world.pace->machine().running(), 0u);
}

TEST(Paced, who_may_not_wait_is_told_at_once) {
    World world({.concurrent_max = 1});
    world.start(0);
    world.start(1);
    world.start(2, 10s, true);
    world.sim.scheduler.run_for(10ms);
    ASSERT_EQ(world.errors.size(), 2u);
    EXPECT_EQ(world.errors[0].code, "no_slot");
    EXPECT_EQ(world.errors[0].cls, ErrorClass::overload);
    EXPECT_EQ(world.errors[0].origin, Origin::self) << "no breaker counts it";
    EXPECT_TRUE(world.errors[0].retry_after);
}

TEST(Paced, waiting_ends_in_time) {
    World world({.concurrent_max = 1});
    world.start(0);
    world.start(1, 300ms);
    world.start(2, 5s);
    world.sim.scheduler.run_for(3s);
    EXPECT_EQ(world.order, (std::vector<int>{0, 2}));
    EXPECT_EQ(world.errors.size(), 1u);
    EXPECT_EQ(world.pace->waiting(), 0u);
}

TEST(Paced, those_who_leave_the_line_hold_nobody_up) {
    World world({.concurrent_max = 1});
    world.start(0);
    {
        TaskGroup leaving(world.sim.scheduler);
        for (int i = 1; i < 5; ++i) leaving.spawn(World::ask(world, i, 10s, false));
        world.sim.scheduler.run_for(100ms);
        EXPECT_EQ(world.pace->waiting(), 4u);
        world.start(9, 10s);
        world.sim.scheduler.run_for(100ms);
    }
    world.sim.scheduler.run_for(3s);
    EXPECT_EQ(world.order, (std::vector<int>{0, 9}));
}

TEST(Paced, a_slot_is_given_back_however_a_call_ends) {
    World world({.concurrent_max = 1});
    world.provider->then(failing(ErrorClass::transient)).then(testing::cutting("one two", 1)).then(testing::silent());
    world.start(0);
    world.sim.scheduler.run_for(1s);
    world.start(1);
    world.sim.scheduler.run_for(1s);
    {
        TaskGroup leaving(world.sim.scheduler);
        leaving.spawn(World::ask(world, 2, 0ms, false));
        world.sim.scheduler.run_for(1s);
        EXPECT_EQ(world.pace->machine().running(), 1u);
    }
    EXPECT_EQ(world.pace->machine().running(), 0u);
}

TEST(Paced, a_small_burst_is_spread_even_where_nobody_may_wait) {
    World world({.calls_per_s = 20});
    for (int i = 0; i < 20; ++i) world.start(i, 0ms, true);
    world.sim.scheduler.run_for(2s);
    EXPECT_EQ(world.order.size(), 10u) << "five at once, five more within a quarter of a second";
    EXPECT_EQ(world.errors.size(), 10u);
}

TEST(Paced, learns_from_overload_and_silence_only) {
    World world({.concurrent_max = 10, .adapts = true});
    world.provider->then(failing(ErrorClass::transient)).then(failing(ErrorClass::overload));
    world.start(0);
    world.sim.scheduler.run_for(1s);
    EXPECT_EQ(world.pace->machine().limit(), 10u);
    world.start(1);
    world.sim.scheduler.run_for(1s);
    EXPECT_EQ(world.pace->machine().limit(), PaceMachine::least);
}

}  // namespace
}  // namespace evenkeel
