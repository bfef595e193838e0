#include "resilience/failover.hpp"

#include "testing/route_world.hpp"

namespace evenkeel {
namespace {

using namespace std::chrono_literals;
using testing::answering;
using testing::cutting;
using testing::failing;
using testing::question;
using testing::refusing;
using testing::RouteWorld;
using testing::silent;

struct Row {
    std::string_view what;
    testing::Script script;
    bool fails_over;
};

TEST(Failover, goes_on_or_gives_back_as_the_class_deserves) {
    const std::vector<Row> rows{
        {"S03 500", failing(ErrorClass::transient), true},
        {"S02 429", failing(ErrorClass::overload), true},
        {"S01 429 for two seconds", failing(ErrorClass::overload, 2s), true},
        {"S04 refused", refusing(), true},
        {"401", failing(ErrorClass::account), true},
        {"no such model", failing(ErrorClass::model_gone), true},
        {"HTML", failing(ErrorClass::bad_answer), true},
        {"S06 silence", silent(), true},
        {"S07 first word after 20 s", answering("late", 20s), true},
        {"a defect of ours", testing::Script().fail(own_fault(ErrorClass::internal, "no CA").error()), true},
        {"schema", failing(ErrorClass::request), false},
        {"S13 content filter", failing(ErrorClass::policy), false},
        {"S12 too long for this and the smaller window", failing(ErrorClass::capacity), false},
        {"the caller left", failing(ErrorClass::cancelled), false},
    };
    for (const Row& row : rows) {
        RouteWorld world;
        world.cloud->always(row.script);
        const auto reply = world.ask();
        EXPECT_EQ(reply.by(), row.fails_over ? "local" : "") << row.what;
        EXPECT_EQ(world.cloud->asked().size(), 1u) << row.what;
        EXPECT_EQ(world.local->asked().size(), row.fails_over ? 1u : 0u) << row.what;
        // Nothing is waited for between the failure and the next lane.
        if (row.fails_over) {
            const Nanos waited = world.local->asked()[0].at - world.cloud->asked()[0].at;
            EXPECT_TRUE(waited == 0ms || waited == 1ms || waited == 10s) << row.what;
        }
    }
}

TEST(Failover, keeps_a_record_of_every_lane) {
    RouteWorld world;
    world.cloud->always(failing(ErrorClass::silent));
    const auto first = world.ask();
    ASSERT_EQ(first.attempts.size(), 2u);
    EXPECT_EQ(first.attempts[0].outcome, Attempt::Outcome::failed);
    EXPECT_EQ(first.attempts[1].outcome, Attempt::Outcome::answered);
    const auto second = world.ask();
    ASSERT_EQ(second.attempts.size(), 2u);
    EXPECT_EQ(second.attempts[0].outcome, Attempt::Outcome::skipped);
    EXPECT_EQ(second.attempts[0].provider, "cloud");
    EXPECT_EQ(second.attempts[0].error->code, "lane_closed");
}

TEST(Failover, a_lane_that_stays_closed_is_recorded_once) {
    RouteWorld world;
    world.cloud->always(failing(ErrorClass::silent));
    world.ask();
    world.local->always(failing(ErrorClass::silent));
    const auto reply = world.ask();
    ASSERT_EQ(reply.attempts.size(), 2u);
    EXPECT_EQ(reply.attempts[0].outcome, Attempt::Outcome::skipped);
    EXPECT_EQ(reply.attempts[1].outcome, Attempt::Outcome::failed);
}

TEST(Failover, tells_a_surface_who_failed) {
    RouteWorld world;
    world.cloud->always(failing(ErrorClass::transient));
    std::vector<std::string> failed;
    Call call;
    call.on_progress = [&](const Progress& progress) {
        if (progress.kind == Progress::Kind::failed) failed.emplace_back(progress.provider);
    };
    world.ask(std::move(call));
    EXPECT_EQ(failed, std::vector<std::string>{"cloud"});
}

TEST(Failover, capacity_is_tried_where_the_window_is_larger) {
    RouteWorld world;
    world.route = make_route(world.sim.env(), {{.upstream = world.local, .context_tokens = 8'192},
                                               {.upstream = world.cloud, .context_tokens = 128'000}});
    world.local->always(failing(ErrorClass::capacity));
    EXPECT_EQ(world.ask().by(), "cloud");
}

TEST(Failover, too_long_for_the_small_window_waits_for_the_large_one) {
    RouteWorld world;
    world.cloud->always(refusing());
    world.local->always(failing(ErrorClass::capacity));
    const auto reply = world.ask();
    EXPECT_EQ(reply.error().cls, ErrorClass::transient);
    const auto again = world.ask();
    EXPECT_EQ(again.error().code, "all_lanes_closed");
    EXPECT_TRUE(again.error().retry_after.has_value());
}

TEST(Failover, a_private_call_never_reaches_a_lane_that_is_not_local) {
    RouteWorld world;
    world.start_probes();
    EXPECT_EQ(world.ask(Call{.local_only = true}).by(), "local");
    for (const auto& script : {failing(ErrorClass::transient), failing(ErrorClass::capacity), refusing(), silent()}) {
        world.local->always(script);
        for (int i = 0; i < 20; ++i) {
            const auto reply = world.ask(Call{.local_only = true});
            EXPECT_TRUE(reply.drained.error.has_value());
            EXPECT_EQ(reply.attempts[0].provider, "cloud");
            EXPECT_EQ(reply.attempts[0].outcome, Attempt::Outcome::skipped);
            world.wait(700ms);
        }
    }
    EXPECT_TRUE(world.cloud->asked().empty());
}

TEST(Failover, a_private_call_without_a_local_lane_is_refused_at_once) {
    RouteWorld world;
    world.route = make_route(world.sim.env(), {{.upstream = world.cloud}});
    const auto reply = world.ask(Call{.local_only = true});
    EXPECT_EQ(reply.error().cls, ErrorClass::request);
    EXPECT_EQ(reply.error().code, "no_local_provider");
    EXPECT_TRUE(world.cloud->asked().empty());
    EXPECT_EQ(world.route->next_try_at(true), forever);
}

TEST(Failover, without_any_lane_says_so) {
    RouteWorld world;
    world.route = make_route(world.sim.env(), {});
    EXPECT_EQ(world.ask().error().code, "no_provider");
    EXPECT_EQ(world.route->next_try_at(), forever);
    EXPECT_FALSE(world.route->may_try_now());
}

TEST(Failover, who_broke_this_turn_is_asked_last) {
    RouteWorld world;
    EXPECT_EQ(world.ask(Call{.avoid = {"cloud"}}).by(), "local");
    EXPECT_TRUE(world.cloud->asked().empty());
    world.local->always(refusing());
    EXPECT_EQ(world.ask(Call{.avoid = {"cloud"}}).by(), "cloud");
    EXPECT_EQ(world.ask(Call{.avoid = {"cloud", "local"}}).by(), "cloud");
}

TEST(Failover, a_cut_after_the_first_word_is_passed_up) {
    RouteWorld world;
    world.cloud->always(cutting("one two three", 2));
    const auto reply = world.ask();
    EXPECT_EQ(reply.drained.text, "one two ");
    EXPECT_EQ(reply.error().cls, ErrorClass::transient);
    EXPECT_TRUE(world.local->asked().empty());
    EXPECT_EQ(reply.attempts.back().outcome, Attempt::Outcome::cut);
}

TEST(Failover, when_all_gates_are_closed_it_answers_at_once_and_asks_nobody) {
    RouteWorld world;
    world.cloud->always(failing(ErrorClass::overload, 600s));
    world.local->always(refusing());
    EXPECT_TRUE(world.ask().drained.error.has_value());
    const std::size_t asked = world.cloud->asked().size() + world.local->asked().size();
    const auto reply = world.ask();
    EXPECT_EQ(reply.took, 0ns);
    EXPECT_EQ(reply.error().code, "all_lanes_closed");
    EXPECT_EQ(reply.error().cls, ErrorClass::overload);
    EXPECT_EQ(reply.error().origin, Origin::provider);
    // The earliest of both: the local lane is probed within 2 s, the cloud stated ten minutes.
    EXPECT_GT(*reply.error().retry_after, 1s);
    EXPECT_LE(*reply.error().retry_after, 2s);
    EXPECT_EQ(world.cloud->asked().size() + world.local->asked().size(), asked);
    const Nanos until = world.route->next_try_at() - world.sim.scheduler.now();
    EXPECT_GE(*reply.error().retry_after, until);
    EXPECT_LT(*reply.error().retry_after, until + 1ms);
}

TEST(Failover, the_error_that_helps_most_speaks_for_all) {
    RouteWorld world;
    world.cloud->always(failing(ErrorClass::account, {}, "invalid_api_key"));
    world.local->always(refusing());
    const auto reply = world.ask();
    EXPECT_EQ(reply.error().cls, ErrorClass::account);
    EXPECT_EQ(reply.error().code, "invalid_api_key");
    EXPECT_NE(reply.error().detail.find("cloud: "), std::string::npos);
    EXPECT_NE(reply.error().detail.find("local: "), std::string::npos);
    EXPECT_LE(reply.error().detail.size(), 512u);
}

TEST(Failover, only_the_last_usable_lane_waits_or_repeats) {
    RouteWorld world;
    world.cloud->always(failing(ErrorClass::transient));
    world.local->then(failing(ErrorClass::transient)).always(answering("Second."));
    const auto reply = world.ask();
    EXPECT_EQ(reply.drained.text, "Second.");
    EXPECT_EQ(world.cloud->asked().size(), 1u);
    EXPECT_EQ(world.local->asked().size(), 2u);
}

TEST(Failover, with_the_fallback_down_a_short_retry_after_is_waited_for) {
    RouteWorld world;
    world.local->always(refusing());
    EXPECT_TRUE(world.ask(Call{.local_only = true}).drained.error.has_value());
    world.cloud->then(failing(ErrorClass::overload, 2s));
    const auto reply = world.ask();
    EXPECT_EQ(reply.by(), "cloud");
    EXPECT_GE(reply.took, 2s);
    EXPECT_LE(reply.took, 3100ms);
}

TEST(Failover, never_tries_more_often_than_the_call_allows) {
    RouteWorld world;
    world.cloud->always(failing(ErrorClass::transient));
    const auto reply = world.ask(Call{.attempts_max = 1});
    EXPECT_TRUE(reply.drained.error.has_value());
    EXPECT_EQ(world.cloud->asked().size() + world.local->asked().size(), 1u);
}

TEST(Failover, never_asks_after_the_calls_deadline) {
    RouteWorld world;
    world.cloud->always(silent());
    const auto reply = world.ask(Call{.deadline = world.sim.scheduler.now() + 4s});
    EXPECT_EQ(reply.error().code, "deadline");
    EXPECT_EQ(reply.took, 4s);
    EXPECT_TRUE(world.local->asked().empty());
    EXPECT_EQ(world.cloud_phase(), BreakerPhase::closed) << "the caller's haste is not the provider's failure";
}

TEST(Failover, a_named_model_goes_to_its_lane_and_the_others_answer_with_theirs) {
    RouteWorld world;
    ChatRequest request = question("?");
    request.model = "gpt-17";
    world.cloud->then(failing(ErrorClass::transient));
    EXPECT_EQ(world.ask({}, request).by(), "local");
    EXPECT_EQ(world.cloud->asked()[0].model, "gpt-17");
    EXPECT_EQ(world.local->asked()[0].model, "");
    request.model = "local-model";
    world.local->always(refusing());
    world.cloud->then(failing(ErrorClass::transient));
    EXPECT_TRUE(world.ask({}, request).drained.error.has_value());
    EXPECT_EQ(world.cloud->asked()[1].model, "");
    EXPECT_EQ(world.local->asked()[1].model, "local-model");
}

TEST(Failover, a_named_model_that_is_missing_is_the_callers_own_matter) {
    RouteWorld world;
    ChatRequest request = question("?");
    request.model = "gpt-17";
    world.cloud->always(failing(ErrorClass::model_gone));
    EXPECT_EQ(world.ask({}, request).error().cls, ErrorClass::model_gone);
    EXPECT_TRUE(world.local->asked().empty());
    EXPECT_EQ(world.cloud_phase(), BreakerPhase::closed);
}

TEST(Failover, a_lane_on_its_ramp_still_answers_when_the_other_fails) {
    RouteWorld world;
    world.cloud->then(refusing());
    world.ask();
    world.wait(2s);
    EXPECT_EQ(world.ask(Call{.probe = true}).by(), "cloud");
    EXPECT_EQ(world.cloud_phase(), BreakerPhase::closed);
    world.local->always(refusing());
    for (int i = 0; i < 200; ++i) EXPECT_EQ(world.ask().by(), "cloud");
}

TEST(Failover, an_outage_of_all_is_ended_by_the_first_call_whose_probe_is_due) {
    RouteWorld world;
    world.cloud->always(refusing());
    world.local->always(refusing());
    EXPECT_TRUE(world.ask().drained.error.has_value());
    EXPECT_FALSE(world.route->may_try_now());
    world.sim.scheduler.run_until(world.route->next_try_at());
    EXPECT_TRUE(world.route->may_try_now());
    world.cloud->always(answering("Back."));
    EXPECT_EQ(world.ask().drained.text, "Back.");
}

}  // namespace
}  // namespace evenkeel
