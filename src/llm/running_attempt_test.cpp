#include "llm/running_attempt.hpp"

#include <gtest/gtest.h>

#include "testing/sim.hpp"

namespace evenkeel {
namespace {

using namespace std::chrono_literals;
using testing::Sim;

TEST(RunningAttempt, stands_in_the_call_as_running_until_it_is_closed) {
    Sim sim;
    Call call;
    call.probe = true;
    RunningAttempt attempt(sim.env(), call, "cloud", "m");
    ASSERT_EQ(call.attempts.size(), 1u);
    EXPECT_EQ(call.attempts[0].outcome, Attempt::Outcome::running);
    EXPECT_EQ(call.attempts[0].provider, "cloud");
    EXPECT_EQ(call.attempts[0].model, "m");
    EXPECT_TRUE(call.attempts[0].probe);
    sim.scheduler.run_for(30ms);
    attempt.saw_content();
    sim.scheduler.run_for(20ms);
    attempt.saw_content();
    attempt.answered();
    EXPECT_EQ(call.attempts[0].outcome, Attempt::Outcome::answered);
    EXPECT_EQ(call.attempts[0].first_content_after, 30ms);
    EXPECT_EQ(call.attempts[0].took, 50ms);
}

TEST(RunningAttempt, is_failed_before_content_and_cut_after_it) {
    Sim sim;
    Call call;
    const Error error = provider_fault(ErrorClass::transient, Scope::provider, "reset", "x").error();
    RunningAttempt early(sim.env(), call, "a", "m");
    EXPECT_EQ(early.failed(error).error().code, "x");
    RunningAttempt late(sim.env(), call, "b", "m");
    late.saw_content();
    EXPECT_EQ(late.failed(error).error().code, "x");
    EXPECT_EQ(call.attempts[0].outcome, Attempt::Outcome::failed);
    EXPECT_EQ(call.attempts[0].error->code, "x");
    EXPECT_EQ(call.attempts[1].outcome, Attempt::Outcome::cut);
}

TEST(RunningAttempt, is_cancelled_when_it_is_dropped_and_never_closed_twice) {
    Sim sim;
    Call call;
    {
        RunningAttempt dropped(sim.env(), call, "a", "m");
        RunningAttempt moved(std::move(dropped));
        sim.scheduler.run_for(5ms);
    }
    {
        RunningAttempt answered(sim.env(), call, "b", "m");
        answered.answered();
    }
    EXPECT_EQ(call.attempts[0].outcome, Attempt::Outcome::cancelled);
    EXPECT_EQ(call.attempts[0].took, 5ms);
    EXPECT_EQ(call.attempts[1].outcome, Attempt::Outcome::answered);
}

TEST(RunningAttempt, tells_what_happens_once_and_forgets_the_reasoning_of_an_earlier_try) {
    Sim sim;
    Call call;
    std::vector<std::string> told;
    call.on_progress = [&](const Progress& progress) {
        told.push_back(std::string(progress.provider) + " " + std::to_string(static_cast<int>(progress.kind)));
    };
    RunningAttempt first(sim.env(), call, "a", "m");
    first.saw_reasoning();
    first.saw_reasoning();
    EXPECT_EQ(call.reasoning_since, sim.scheduler.now());
    RunningAttempt second(sim.env(), call, "b", "m");
    EXPECT_FALSE(call.reasoning_since);
    second.saw_loading();
    EXPECT_EQ(told, (std::vector<std::string>{"a 0", "a 2", "b 0", "b 1"}));
}

}  // namespace
}  // namespace evenkeel
