#include "resilience/prober.hpp"

#include "testing/route_world.hpp"

namespace evenkeel {
namespace {

using namespace std::chrono_literals;
using testing::answering;
using testing::failing;
using testing::refusing;
using testing::RouteWorld;
using testing::silent;

Result<std::vector<std::string>> no_list() {
    return provider_fault(ErrorClass::transient, Scope::provider, "connection refused", "refused");
}

TEST(Prober, leaves_healthy_lanes_alone) {
    RouteWorld world;
    world.start_probes();
    world.wait(24h);
    EXPECT_TRUE(world.cloud->asked().empty());
    EXPECT_EQ(world.cloud->models_asked, 0u);
}

TEST(Prober, brings_a_lane_back_without_spending_anybodys_question) {
    RouteWorld world;
    world.start_probes();
    world.cloud->then(failing(ErrorClass::silent));
    world.ask();
    world.wait(2200ms);
    EXPECT_EQ(world.cloud_phase(), BreakerPhase::closed);
    ASSERT_EQ(world.cloud->asked().size(), 2u);
    const auto& asked = world.cloud->asked()[1];
    EXPECT_TRUE(asked.probe);
    EXPECT_EQ(asked.turns.size(), 1u);
    EXPECT_EQ(asked.turns[0].text, "ping");
    ASSERT_EQ(world.probes.size(), 1u);
    EXPECT_TRUE(world.probes[0].probe);
    EXPECT_EQ(world.probes[0].outcome, Attempt::Outcome::answered);
    EXPECT_TRUE(world.probes[0].usage.has_value()) << "the reply is read to its end for its figures";
}

TEST(Prober, keeps_the_pace_and_reports_every_probe) {
    RouteWorld world;
    world.start_probes();
    world.cloud->always(failing(ErrorClass::silent));
    world.ask();
    world.wait(1h);
    const auto& asked = world.cloud->asked();
    EXPECT_GE(asked.size(), 60u);
    EXPECT_LE(asked.size(), 1u + 10u + 3600u / 51u);
    for (std::size_t i = 1; i < asked.size(); ++i) {
        EXPECT_TRUE(asked[i].probe);
        EXPECT_GE(asked[i].at - asked[i - 1].at, 1700ms);
        EXPECT_LE(asked[i].at - asked[i - 1].at, 61s);
    }
    EXPECT_EQ(world.probes.size(), asked.size() - 1);
}

TEST(Prober, asks_nobody_before_the_time_the_provider_stated) {
    RouteWorld world;
    world.start_probes();
    world.cloud->then(failing(ErrorClass::overload, 36'000s));
    world.ask();
    world.wait(36'000s - 1s);
    EXPECT_EQ(world.cloud->asked().size(), 1u);
    EXPECT_EQ(world.cloud->models_asked, 0u);
    EXPECT_EQ(world.ask().by(), "local");
    world.wait(3s);
    EXPECT_EQ(world.cloud_phase(), BreakerPhase::closed);
    EXPECT_EQ(world.ask().by(), "cloud");
}

TEST(Prober, a_wrong_key_is_tried_again_every_five_minutes) {
    RouteWorld world;
    world.start_probes();
    world.cloud->always(failing(ErrorClass::account));
    world.ask();
    world.wait(1h);
    EXPECT_GE(world.cloud->asked().size(), 12u);
    EXPECT_LE(world.cloud->asked().size(), 16u);
    EXPECT_EQ(world.sim.notes.count("breaker.opened"), 1u);
    world.cloud->always(answering("Paid."));
    world.wait(5min);
    EXPECT_EQ(world.ask().by(), "cloud");
}

TEST(Prober, free_checks_are_two_seconds_apart_and_stop_while_they_teach_nothing) {
    RouteWorld world;
    world.start_probes();
    world.cloud->always(refusing());
    world.cloud->models_result = no_list();
    world.ask();
    world.wait(100s);
    EXPECT_LE(world.cloud->models_asked, 51u);
    EXPECT_GE(world.cloud->models_asked, 40u);
    world.cloud->models_result = std::vector<std::string>{"cloud-model"};
    world.wait(10s);  // Back for a moment on paper; the probe fails again.
    const std::size_t before = world.cloud->models_asked;
    world.wait(1min);
    EXPECT_LE(world.cloud->models_asked, before + 4);
}

TEST(Prober, a_missing_model_is_back_when_the_list_names_it) {
    RouteWorld world;
    world.start_probes();
    world.cloud->always(failing(ErrorClass::model_gone));
    world.cloud->models_result = std::vector<std::string>{"another-model"};
    world.ask();
    world.wait(10min);
    world.cloud->always(answering("Pulled."));
    world.cloud->models_result = std::vector<std::string>{"another-model", "cloud-model"};
    world.wait(3s);
    EXPECT_EQ(world.ask().by(), "cloud");
}

TEST(Prober, where_no_lane_can_answer_a_waiting_call_goes_first) {
    RouteWorld world;
    world.start_probes();
    world.cloud->always(refusing());
    world.local->always(refusing());
    world.cloud->models_result = world.local->models_result = no_list();
    world.ask();
    // A worker that sleeps until somebody may be asked, as the queue does.
    world.cloud->always(answering("The real answer."));
    world.sim.scheduler.run_until(world.route->next_try_at());
    EXPECT_TRUE(world.route->may_try_now());
    EXPECT_EQ(world.ask().drained.text, "The real answer.");
    EXPECT_FALSE(world.cloud->asked().back().probe);
    for (const auto& asked : world.cloud->asked()) EXPECT_FALSE(asked.probe);
}

TEST(Prober, where_no_lane_can_answer_and_nobody_waits_it_asks_itself) {
    RouteWorld world;
    world.start_probes();
    world.cloud->always(refusing());
    world.local->always(refusing());
    world.ask();
    world.cloud->always(answering("Back."));
    world.wait(3s);
    EXPECT_EQ(world.cloud_phase(), BreakerPhase::closed);
    EXPECT_TRUE(std::ranges::any_of(world.probes, [](const Attempt& probe) {
        return probe.provider == "cloud" && probe.outcome == Attempt::Outcome::answered;
    }));
}

TEST(Prober, stops_in_the_middle_of_a_probe) {
    RouteWorld world;
    world.start_probes();
    world.cloud->always(silent());
    world.ask();
    world.wait(5s);
    EXPECT_EQ(world.cloud->running(), 1u);
    world.route->stop_probes();
    EXPECT_EQ(world.cloud->running(), 0u);
    EXPECT_EQ(world.cloud_phase(), BreakerPhase::open);
}

/// Its list hangs; otherwise it is the scripted provider inside.
class HangingList final : public Upstream {
public:
    HangingList(Env env, std::shared_ptr<testing::ScriptedProvider> inner)
        : inner_(std::move(inner)), never_(env.scheduler) {}
    std::string describe() const override { return inner_->describe(); }
    Task<Result<std::unique_ptr<ReplyStream>>> open(const ChatRequest& request, Call& call) override {
        return inner_->open(request, call);
    }
    const Identity& identity() const noexcept override { return inner_->identity(); }
    Task<Result<std::vector<std::string>>> models(Instant) override {
        ++asked;
        if (hangs) co_await never_.wait();
        co_return std::vector<std::string>{"cloud-model"};
    }
    bool hangs = true;
    int asked = 0;

private:
    std::shared_ptr<testing::ScriptedProvider> inner_;
    Event never_;
};

TEST(Prober, a_list_that_hangs_is_a_bad_one_and_delays_no_probe) {
    RouteWorld world;
    auto hanging = std::make_shared<HangingList>(world.sim.env(), world.cloud);
    world.route = make_route(world.sim.env(), {{.upstream = hanging}, {.upstream = world.local}});
    world.start_probes();
    world.cloud->always(failing(ErrorClass::silent));
    world.ask();
    world.wait(60s);
    EXPECT_GE(world.cloud->asked().size(), 8u);
    EXPECT_GE(hanging->asked, 10);
    world.cloud->always(answering("Back."));
    hanging->hangs = false;
    world.wait(4500ms);
    EXPECT_EQ(world.cloud_phase(), BreakerPhase::closed);
}

/// A cloud, and a local model that is loaded ahead.
struct ColdWorld : RouteWorld {
    ColdWorld() {
        route = make_route(sim.env(), {{.upstream = cloud}, {.upstream = local, .warms_up = true}});
        start_probes();
    }
};

TEST(Prober, loads_the_local_model_while_a_slow_cloud_is_still_waited_for) {
    ColdWorld world;
    world.cloud->always(answering("Late.", 8s));
    EXPECT_EQ(world.ask().by(), "cloud");
    ASSERT_EQ(world.local->asked().size(), 1u);
    EXPECT_TRUE(world.local->asked()[0].probe);
    EXPECT_EQ(world.sim.notes.count("lane.warmed"), 1u);
    ASSERT_EQ(world.probes.size(), 1u) << "what it cost is told";
    for (int i = 0; i < 5; ++i) world.ask();
    EXPECT_EQ(world.local->asked().size(), 1u) << "it is in memory now";
}

TEST(Prober, loads_the_local_model_when_the_cloud_is_out_and_never_while_all_is_well) {
    ColdWorld world;
    for (int i = 0; i < 50; ++i) world.ask();
    world.wait(24h);
    EXPECT_TRUE(world.local->asked().empty());
    world.cloud->always(failing(ErrorClass::account));
    world.ask({.probe = true});
    world.wait(1s);
    EXPECT_GE(world.local->asked().size(), 1u);
}

TEST(Prober, a_network_that_is_gone_is_one_condition_and_one_is_probed_for_all) {
    RouteWorld world;
    auto second = std::make_shared<testing::ScriptedProvider>(world.sim.env(), "second");
    auto third = std::make_shared<testing::ScriptedProvider>(world.sim.env(), "third");
    world.route = make_route(world.sim.env(), {{.upstream = world.cloud}, {.upstream = second}, {.upstream = third}});
    world.start_probes();
    for (const auto& each : {world.cloud, second, third}) {
        each->always(failing(ErrorClass::transient, {}, "dns_failed"));
        each->models_result = no_list();
    }
    world.ask();
    const auto asked = [](const auto& provider) { return provider->asked().size() + provider->models_asked; };
    world.wait(10min);
    EXPECT_GE(world.cloud->asked().size(), 10u);
    EXPECT_EQ(asked(second), 1u);
    EXPECT_EQ(asked(third), 1u);
    for (const auto& each : {world.cloud, second, third}) each->always(answering("Back."));
    world.wait(70s);
    for (const LaneStatus& lane : world.route->lanes()) EXPECT_EQ(lane.phase, BreakerPhase::closed) << lane.name;
}

TEST(Prober, a_provider_that_refuses_is_its_own_matter) {
    RouteWorld world;
    auto second = std::make_shared<testing::ScriptedProvider>(world.sim.env(), "second");
    world.route = make_route(world.sim.env(), {{.upstream = world.cloud}, {.upstream = second}});
    world.start_probes();
    world.cloud->always(refusing());
    second->always(refusing());
    world.ask();
    world.wait(1min);
    EXPECT_GT(second->asked().size(), 3u);
}

}  // namespace
}  // namespace evenkeel
