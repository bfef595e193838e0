#include "resilience/prefill.hpp"

#include <gtest/gtest.h>

#include <string>

#include "testing/scripted_provider.hpp"
#include "testing/sim.hpp"

namespace evenkeel {
namespace {

using namespace std::chrono_literals;
using testing::answering;

struct World {
    testing::Sim sim;
    Event changed{sim.scheduler};
    std::shared_ptr<testing::ScriptedProvider> provider =
        std::make_shared<testing::ScriptedProvider>(sim.env(), "cloud");
    Call call;
    bool works(Prefill& prefill, const std::string& model = "m") { return sim.run(prefill.works(model, call)); }
};

TEST(Prefill, only_a_text_that_goes_on_with_its_blank_counts) {
    for (const char* yes : {" six", " six seven eight"}) EXPECT_TRUE(Prefill::goes_on(yes));
    for (const char* no : {"six", "one two three", "", " ", "Sure! six", "one two three four five six"})
        EXPECT_FALSE(Prefill::goes_on(no)) << no;
}

TEST(Prefill, what_is_configured_is_not_asked) {
    World world;
    Prefill yes(world.sim.env(), PrefillMode::yes, world.provider, world.changed);
    Prefill no(world.sim.env(), PrefillMode::no, world.provider, world.changed);
    EXPECT_TRUE(world.works(yes));
    EXPECT_FALSE(world.works(no));
    EXPECT_TRUE(world.provider->asked().empty());
}

TEST(Prefill, each_model_is_asked_once) {
    World world;
    Prefill prefill(world.sim.env(), PrefillMode::automatic, world.provider, world.changed);
    world.provider->then(answering(" six seven")).then(answering("one two"));
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(world.works(prefill, "good"));
        EXPECT_FALSE(world.works(prefill, "bad"));
    }
    ASSERT_EQ(world.provider->asked().size(), 2u);
    EXPECT_EQ(world.provider->asked()[0].model, "good");
    ASSERT_EQ(world.call.attempts.size(), 2u);
    EXPECT_TRUE(world.call.attempts[0].probe);
    EXPECT_EQ(world.call.attempts[0].outcome, Attempt::Outcome::answered);
}

TEST(Prefill, a_failure_teaches_nothing_and_never_takes_long) {
    World world;
    Prefill prefill(world.sim.env(), PrefillMode::automatic, world.provider, world.changed);
    world.provider->then(testing::failing(ErrorClass::transient)).then(testing::silent()).then(answering(" six"));
    EXPECT_FALSE(world.works(prefill));
    const Instant began = world.sim.scheduler.now();
    EXPECT_FALSE(world.works(prefill));
    EXPECT_EQ(world.sim.scheduler.now() - began, 5s);
    EXPECT_EQ(world.call.attempts[1].outcome, Attempt::Outcome::cancelled);
    EXPECT_TRUE(world.works(prefill));
}

Task<void> ask(Prefill& prefill, Call& call, int& yes) {
    if (co_await prefill.works("m", call)) ++yes;
}

TEST(Prefill, of_many_at_once_one_asks) {
    World world;
    Prefill prefill(world.sim.env(), PrefillMode::automatic, world.provider, world.changed);
    world.provider->always(answering(" six"));
    int yes = 0;
    TaskGroup all(world.sim.scheduler);
    for (int i = 0; i < 20; ++i) all.spawn(ask(prefill, world.call, yes));
    world.sim.scheduler.run_for(1s);
    EXPECT_EQ(yes, 20);
    EXPECT_EQ(world.provider->asked().size(), 1u);
}

TEST(Prefill, when_the_one_that_asks_leaves_another_asks) {
    World world;
    Prefill prefill(world.sim.env(), PrefillMode::automatic, world.provider, world.changed);
    world.provider->always(answering(" six"));
    int yes = 0;
    TaskGroup first(world.sim.scheduler), second(world.sim.scheduler);
    first.spawn(ask(prefill, world.call, yes));
    world.sim.scheduler.run_for(50ms);
    second.spawn(ask(prefill, world.call, yes));
    world.sim.scheduler.run_for(20ms);
    first.cancel();
    world.sim.scheduler.run_for(1s);
    EXPECT_EQ(yes, 1);
    EXPECT_EQ(world.provider->asked().size(), 2u);
}

}  // namespace
}  // namespace evenkeel
