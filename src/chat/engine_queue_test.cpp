#include "testing/chat_bench.hpp"

namespace evenkeel {
namespace {
using namespace std::chrono_literals;
using Kind = TurnEvent::Kind;
using testing::answering;
using testing::ChatBench;
using testing::failing;

/// Puts questions into the store as an earlier process would have left them.
std::vector<Id> leave_behind(ChatBench& bench, int count) {
    std::vector<Id> ids;
    IdMaker maker(bench.sim.env());
    for (int i = 0; i < count; ++i) {
        ids.push_back(maker.next());
        const auto inbound = bench.message("Q", "c" + std::to_string(i));
        EXPECT_TRUE(bench.raw->queue().accept(inbound, ids.back(), bench.sim.scheduler.wall()));
    }
    return ids;
}

TEST(EngineQueue, works_a_backlog_with_one_probe_and_then_a_ramp) {
    ChatBench bench({.drain = {.rate_per_s = 25}});
    bench.engine.reset();
    const auto ids = leave_behind(bench, 100);
    bench.start();
    bench.sim.scheduler.run_for(90ms);
    EXPECT_EQ(bench.cloud.asked().size(), 1U);
    EXPECT_TRUE(bench.cloud.asked()[0].probe);
    bench.sim.scheduler.run_for(910ms);
    EXPECT_LE(bench.cloud.asked().size(), 5U) << "a tenth of the rate, and the probe";
    bench.sim.scheduler.run_for(60s);
    for (const Id& id : ids) EXPECT_EQ(bench.view(id).state, JobState::answered);
    EXPECT_EQ(bench.cloud.asked().size(), 100U);
}

TEST(EngineQueue, a_live_question_does_not_wait_behind_the_backlog) {
    ChatBench bench;
    bench.engine.reset();
    leave_behind(bench, 200);
    bench.start();
    bench.sim.scheduler.run_for(5s);
    const Instant asked = bench.sim.scheduler.now();
    auto stream = bench.ask("Live?");
    bench.until_kind(*stream, Kind::answered);
    EXPECT_LE(bench.sim.scheduler.now() - asked, 200ms);
}

TEST(EngineQueue, asks_nobody_while_the_route_is_down) {
    ChatBench bench;
    bench.engine.reset();
    leave_behind(bench, 10);
    bench.route.down_until(bench.sim.scheduler.now() + 300s);
    bench.start();
    bench.sim.scheduler.run_for(299s);
    EXPECT_TRUE(bench.cloud.asked().empty());
    bench.sim.scheduler.run_for(60s);
    EXPECT_EQ(bench.cloud.asked().size(), 10U);
}

TEST(EngineQueue, a_lost_wake_up_costs_at_most_the_safety_scan) {
    ChatBench bench;
    bench.sim.scheduler.run_for(10s);
    const auto ids = leave_behind(bench, 1);  // Behind the engine's back: nobody wakes it.
    bench.sim.scheduler.run_for(1200ms);
    EXPECT_EQ(bench.view(ids[0]).state, JobState::answered);
}

TEST(EngineQueue, returns_what_another_worker_of_this_process_lost_and_answers_it) {
    ChatBench bench;
    bench.engine.reset();
    const auto ids = leave_behind(bench, 1);
    ASSERT_TRUE(bench.raw->queue().claim_one(ids[0], {.lease_for = 30s}, bench.sim.scheduler.wall()).value());
    bench.start();
    bench.sim.scheduler.run_for(29s);
    EXPECT_EQ(bench.view(ids[0]).state, JobState::working);
    bench.sim.scheduler.run_for(7s);
    EXPECT_EQ(bench.view(ids[0]).state, JobState::answered);
}

TEST(EngineQueue, a_provider_that_comes_back_ends_every_back_off) {
    for (const bool is_private : {false, true}) {
        ChatBench bench({.retry_delay_min = 5min});
        bench.route.set_ill("local", true);
        bench.cloud.always(failing(ErrorClass::transient));
        bench.local.always(failing(ErrorClass::transient));
        auto inbound = bench.message("Hello?");
        inbound.is_private = is_private;
        auto stream = bench.submit(inbound);
        const Id id = bench.id_of(*stream);
        bench.sim.scheduler.run_for(2min);
        EXPECT_EQ(bench.view(id).state, JobState::queued);
        bench.local.always(answering("At home."));
        bench.route.set_ill("local", false);
        bench.sim.scheduler.run_for(3s);
        EXPECT_EQ(bench.view(id).state, JobState::answered) << "private: " << is_private;
    }
}

TEST(EngineQueue, the_cloud_that_comes_back_is_nothing_to_a_private_question) {
    ChatBench bench({.retry_delay_min = 5min});
    bench.route.set_ill("cloud", true);
    bench.local.always(failing(ErrorClass::transient));
    auto inbound = bench.message("Hello?");
    inbound.is_private = true;
    auto stream = bench.submit(inbound);
    bench.sim.scheduler.run_for(1min);
    const std::size_t before = bench.local.asked().size();
    bench.route.set_ill("cloud", false);
    bench.sim.scheduler.run_for(3s);
    EXPECT_EQ(bench.local.asked().size(), before);
    EXPECT_TRUE(bench.cloud.asked().empty());
}

TEST(EngineQueue, tells_those_who_watch_that_their_question_was_removed) {
    ChatBench bench;
    bench.route.down_until(forever);
    auto stream = bench.ask("Hello?", "garden");
    bench.until_kind(*stream, Kind::queued);
    ASSERT_TRUE(bench.raw->conversations().forget("local", "garden"));
    EXPECT_THAT(bench.until_kind(*stream, Kind::cancelled).text, ::testing::HasSubstr("removed"));
}

}  // namespace
}  // namespace evenkeel
