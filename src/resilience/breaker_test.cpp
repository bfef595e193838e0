#include "resilience/breaker.hpp"

#include "testing/scripted_provider.hpp"
#include "testing/sim.hpp"

namespace evenkeel {
namespace {

using namespace std::chrono_literals;
using testing::answering;
using testing::ask;
using testing::cutting;
using testing::Drained;
using testing::failing;
using testing::question;
using testing::Script;

struct World {
    Drained run(Script script, Call given = {}, ChatRequest request = question("?")) {
        provider->always(std::move(script));
        call = std::move(given);
        return sim.run(ask(*layer, request, call));
    }
    Drained run_probe(Script script) {
        ChatRequest request = question("ping");
        request.max_tokens = 1;
        return run(std::move(script), Call{.probe = true, .others_left = true}, std::move(request));
    }
    void open_it() {
        run(failing(ErrorClass::silent));
        ASSERT_EQ(gate->state().phase, BreakerPhase::open);
    }
    void open_until_probe_is_due() {
        open_it();
        sim.scheduler.run_until(gate->next_try());
    }

    testing::Sim sim;
    Event changed{sim.scheduler};
    std::shared_ptr<testing::ScriptedProvider> provider =
        std::make_shared<testing::ScriptedProvider>(sim.env(), "cloud");
    std::shared_ptr<Breaker> gate =
        std::make_shared<Breaker>(sim.env(), provider->identity(), BreakerOptions{}, changed);
    ProviderPtr layer = breaker(provider, gate);
    Call call;
};

TEST(Breaker, passes_replies_unchanged_while_closed) {
    World world;
    EXPECT_EQ(world.run(answering("one two three")).text, "one two three");
    EXPECT_EQ(world.layer->describe(), "breaker(cloud)");
    EXPECT_EQ(world.gate->counts().answered, 1);
}

TEST(Breaker, an_open_one_asks_nobody_and_says_why_and_until_when) {
    World world;
    world.open_it();
    const std::size_t asked = world.provider->asked().size();
    const Drained drained = world.run(answering("never asked"));
    EXPECT_EQ(world.provider->asked().size(), asked);
    ASSERT_TRUE(drained.error.has_value());
    EXPECT_TRUE(is_lane_closed(*drained.error));
    EXPECT_EQ(drained.error->cls, ErrorClass::silent);
    ASSERT_TRUE(drained.error->retry_after.has_value());
    EXPECT_LE(*drained.error->retry_after, 2s);
    ASSERT_EQ(world.call.attempts.size(), 1u);
    EXPECT_EQ(world.call.attempts[0].outcome, Attempt::Outcome::skipped);
    EXPECT_EQ(world.call.attempts[0].provider, "cloud");
    EXPECT_EQ(world.call.attempts[0].model, "cloud-model");
    EXPECT_EQ(world.gate->counts().refused, 1);
}

TEST(Breaker, cuts_in_mid_answer_count_as_failures) {
    World world;
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(world.run(cutting("one two three", 2)).error.has_value());
    EXPECT_EQ(world.gate->state().phase, BreakerPhase::open);
}

TEST(Breaker, a_reply_dropped_by_its_reader_counts_as_neither) {
    World world;
    world.run(failing(ErrorClass::transient));
    world.run(failing(ErrorClass::transient));
    world.provider->always(answering("one two three"));
    world.sim.run([](World& w, ChatRequest request, Call c) -> Task<bool> {
        auto stream = co_await w.layer->open(request, c);
        co_return stream.has_value();
    }(world, question("?"), Call{}));
    EXPECT_EQ(world.gate->state().failures_in_a_row, 2u);
}

TEST(Breaker, a_probe_dropped_before_its_first_word_frees_the_gate) {
    World world;
    world.open_until_probe_is_due();
    world.provider->always(testing::silent());
    const ChatRequest request = question("?");
    Call call;
    world.sim.run([](World& w, const ChatRequest& r, Call& c) -> Task<bool> {
        co_return (co_await until(w.sim.scheduler, w.sim.scheduler.now() + 1s, ask(*w.layer, r, c))).has_value();
    }(world, request, call));
    EXPECT_EQ(world.gate->state().phase, BreakerPhase::open);
    world.sim.scheduler.run_for(2s);
    EXPECT_EQ(world.run(answering("back")).text, "back");
    EXPECT_TRUE(world.gate->closed());
}

TEST(Breaker, tells_an_operator_when_it_opens_and_closes_and_rings_each_time) {
    World world;
    int rung = 0;
    TaskGroup group(world.sim.scheduler);
    group.spawn([](Event& changed, int& count) -> Task<void> {
        for (;;) {
            co_await changed.wait();
            ++count;
        }
    }(world.changed, rung));
    world.sim.scheduler.settle();
    world.open_until_probe_is_due();
    EXPECT_EQ(rung, 1);
    EXPECT_EQ(world.sim.notes.count("breaker.opened"), 1u);
    world.run(answering("back"));
    EXPECT_EQ(world.sim.notes.count("breaker.closed"), 1u);
    EXPECT_GE(rung, 2);
    EXPECT_EQ(world.gate->counts().opened, 1);
    EXPECT_EQ(world.gate->counts().probes, 1);
}

struct ProbeRow {
    std::string_view what;
    Script script;
    bool closes;
};

TEST(Breaker, one_token_is_enough_to_prove_life_and_only_life_is) {
    const std::vector<ProbeRow> rows{
        {"a word", Script().content("p").finish(FinishReason::length), true},
        {"a thought and no word",
         Script().reasoning("hm").fail(
             provider_fault(ErrorClass::bad_answer, Scope::provider, "no text", "empty_answer").error()),
         true},
        {"an orderly end without a word", failing(ErrorClass::bad_answer, {}, "empty_answer"), true},
        {"it judged the request", failing(ErrorClass::request), true},
        {"HTML", failing(ErrorClass::bad_answer, {}, "html"), false},
        {"500", failing(ErrorClass::transient), false},
        {"wrong key", failing(ErrorClass::account), false},
    };
    for (const ProbeRow& row : rows) {
        World world;
        world.open_until_probe_is_due();
        world.run_probe(row.script);
        EXPECT_EQ(world.gate->closed(), row.closes) << row.what;
    }
}

TEST(Breaker, an_empty_answer_to_a_real_question_proves_nothing) {
    World world;
    world.open_until_probe_is_due();
    world.run(failing(ErrorClass::bad_answer, {}, "empty_answer"), Call{.probe = true});
    EXPECT_EQ(world.gate->state().phase, BreakerPhase::open);
}

TEST(Breaker, a_missing_model_that_a_caller_named_says_nothing_about_the_lanes_own) {
    World world;
    ChatRequest request = question("?");
    request.model = "gpt-17";
    world.run(failing(ErrorClass::model_gone), {}, request);
    EXPECT_TRUE(world.gate->closed());
    request.model = "cloud-model";
    world.run(failing(ErrorClass::model_gone), {}, request);
    EXPECT_FALSE(world.gate->closed());
}

}  // namespace
}  // namespace evenkeel
