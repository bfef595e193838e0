#include "resilience/first_content_within.hpp"

#include <string>

#include "testing/scripted_provider.hpp"
#include "testing/sim.hpp"

namespace evenkeel {
namespace {

using namespace std::chrono_literals;
using testing::answering;
using testing::ask;
using testing::cutting;
using testing::Drained;
using testing::question;
using testing::Script;
using testing::silent;
using testing::stalling;

struct World {
    explicit World(ContentLimits limits = {}) : limited(first_content_within(provider, limits, sim.env())) {}
    Drained run(Script script, Call limits = {}, bool stream = true) {
        provider->always(std::move(script));
        call = std::move(limits);
        ChatRequest request = question("?");
        request.stream = stream;
        began = sim.scheduler.now();
        return sim.run(ask(*limited, request, call));
    }
    Nanos took() const { return sim.scheduler.now() - began; }

    testing::Sim sim;
    std::shared_ptr<testing::ScriptedProvider> provider =
        std::make_shared<testing::ScriptedProvider>(sim.env(), "cloud");
    ProviderPtr limited;
    Call call;
    Instant began{};
};

void expect_silence(const World& world, const Drained& drained, std::string_view code, Nanos after,
                    Attempt::Outcome outcome) {
    ASSERT_TRUE(drained.error.has_value());
    EXPECT_EQ(drained.error->cls, ErrorClass::silent);
    EXPECT_EQ(drained.error->origin, Origin::provider);
    EXPECT_EQ(drained.error->code, code);
    EXPECT_EQ(world.took(), after);
    ASSERT_EQ(world.call.attempts.size(), 1u);
    EXPECT_EQ(world.call.attempts[0].outcome, outcome);
    ASSERT_TRUE(world.call.attempts[0].error.has_value());
    EXPECT_EQ(world.call.attempts[0].error->cls, ErrorClass::silent);
    EXPECT_EQ(world.provider->running(), 0u) << "upstream was not cancelled";
}

TEST(FirstContentWithin, passes_a_reply_in_time_unchanged) {
    World world;
    const Drained drained = world.run(answering("one two three", 9'999ms));
    EXPECT_EQ(drained.text, "one two three");
    EXPECT_EQ(world.call.attempts[0].outcome, Attempt::Outcome::answered);
    EXPECT_EQ(world.limited->describe(), "first_content_within(cloud)");
}

TEST(FirstContentWithin, cancels_a_provider_that_brings_nothing) {
    World world;
    expect_silence(world, world.run(silent()), "first_content_timeout", 10s, Attempt::Outcome::failed);
}

TEST(FirstContentWithin, cancels_a_first_word_that_comes_too_late) {
    World world;
    expect_silence(world, world.run(answering("late", 20s)), "first_content_timeout", 10s, Attempt::Outcome::failed);
}

TEST(FirstContentWithin, lets_a_model_think_but_not_for_ever) {
    World world;
    EXPECT_EQ(world.run(Script().wait(5s).reasoning("hm").wait(119s).content("42").finish()).text, "42");
    expect_silence(world, world.run(Script().wait(5s).reasoning("hm").hang()), "first_content_timeout", 125s,
                   Attempt::Outcome::failed);
}

TEST(FirstContentWithin, an_earlier_try_that_thought_gives_the_next_no_more_time) {
    World world;
    Call call;
    call.reasoning_since = world.sim.scheduler.now();
    expect_silence(world, world.run(silent(), std::move(call)), "first_content_timeout", 10s, Attempt::Outcome::failed);
}

TEST(FirstContentWithin, cuts_a_reply_that_stands_still) {
    World world;
    const Drained drained = world.run(stalling("one two three", 2, 100ms, 10ms));
    EXPECT_EQ(drained.text, "one two ");
    expect_silence(world, drained, "idle_timeout", 110ms + 15s, Attempt::Outcome::cut);
}

TEST(FirstContentWithin, thinking_between_words_is_life) {
    World world;
    Script script;
    script.content("a ");
    for (int i = 0; i < 5; ++i) script.wait(14s).reasoning("hm");
    EXPECT_EQ(world.run(script.wait(14s).content("b").finish()).text, "a b");
}

TEST(FirstContentWithin, a_slow_reader_is_not_the_providers_fault) {
    World world;
    world.provider->always(answering("one two three", 100ms, 1s));
    const auto slowly = [](World& w, ChatRequest request) -> Task<std::string> {
        auto stream = co_await w.limited->open(request, w.call);
        std::string text;
        for (bool end = false; !end;) {
            co_await sleep_for(w.sim.scheduler, 1min);
            const auto batch = co_await (*stream)->next();
            if (!batch) co_return std::string(to_string(batch.error().cls));
            for (const ReplyEvent& event : batch->events) text += event.text;
            end = batch->end;
        }
        co_return text;
    };
    EXPECT_EQ(world.sim.run(slowly(world, question("?"))), "one two three");
}

TEST(FirstContentWithin, ends_a_reply_that_never_ends) {
    World world;
    Script drip;
    for (int i = 0; i < 1000; ++i) drip.content("x").wait(5s);
    expect_silence(world, world.run(drip), "total_timeout", 600s, Attempt::Outcome::cut);
}

TEST(FirstContentWithin, gives_a_whole_json_answer_its_own_limit) {
    World world;
    EXPECT_EQ(world.run(answering("slow but whole", 110s), {}, false).text, "slow but whole");
    expect_silence(world, world.run(answering("too slow", 121s), {}, false), "answer_timeout", 120s,
                   Attempt::Outcome::failed);
}

TEST(FirstContentWithin, the_callers_deadline_wins_and_blames_nobody) {
    World world;
    for (const Script& script : {silent(), stalling("one two", 1)}) {
        Call call;
        call.deadline = world.sim.scheduler.now() + 3s;
        const Drained drained = world.run(script, std::move(call));
        ASSERT_TRUE(drained.error.has_value());
        EXPECT_EQ(drained.error->origin, Origin::caller);
        EXPECT_EQ(drained.error->code, "deadline");
        EXPECT_EQ(world.took(), 3s);
        EXPECT_EQ(world.provider->running(), 0u);
    }
}

TEST(FirstContentWithin, a_model_known_to_be_loaded_gets_less_time) {
    World world({.first_content = 120s, .first_content_warm = 30s, .stays_warm = 300s});
    expect_silence(world, world.run(silent()), "first_content_timeout", 120s, Attempt::Outcome::failed);
    EXPECT_EQ(world.run(answering("loaded", 100s)).text, "loaded");
    world.sim.scheduler.run_for(299s);
    expect_silence(world, world.run(silent()), "first_content_timeout", 30s, Attempt::Outcome::failed);
    world.sim.scheduler.run_for(301s);
    expect_silence(world, world.run(silent()), "first_content_timeout", 120s, Attempt::Outcome::failed);
}

TEST(FirstContentWithin, a_cut_reply_does_not_show_that_the_model_is_loaded) {
    World world({.first_content = 120s, .first_content_warm = 30s});
    EXPECT_TRUE(world.run(cutting("one two", 1)).error.has_value());
    expect_silence(world, world.run(silent()), "first_content_timeout", 120s, Attempt::Outcome::failed);
}

TEST(FirstContentWithin, a_caller_that_leaves_cancels_upstream_before_and_after_the_first_word) {
    World world;
    for (const Script& script : {silent(), stalling("one two", 1)}) {
        world.provider->always(script);
        Call call;
        const ChatRequest request = question("?");
        const auto gone = world.sim.run([](World& w, const ChatRequest& r, Call& c) -> Task<std::optional<Drained>> {
            co_return co_await until(w.sim.scheduler, w.sim.scheduler.now() + 1s, ask(*w.limited, r, c));
        }(world, request, call));
        EXPECT_FALSE(gone.has_value());
        EXPECT_EQ(world.provider->running(), 0u);
        EXPECT_EQ(call.attempts[0].outcome, Attempt::Outcome::cancelled);
        world.sim.scheduler.run_for(1h);
    }
}

/// One word, then for ever a batch without any event each five seconds: keep-alive comments.
class Commenting final : public Provider {
public:
    explicit Commenting(Scheduler& scheduler) : scheduler_(scheduler) {}
    std::string describe() const override { return "commenting"; }
    Task<Result<std::unique_ptr<ReplyStream>>> open(const ChatRequest&, Call&) override {
        co_return std::make_unique<Stream>(scheduler_);
    }

private:
    struct Stream final : ReplyStream {
        explicit Stream(Scheduler& clock) : scheduler(clock) {}
        Task<Result<Batch>> next() override {
            if (!std::exchange(spoke, true)) co_return Batch{.events = std::span(&word, 1)};
            co_await sleep_for(scheduler, 5s);
            co_return Batch{.wire = ": still here\n\n"};
        }
        std::size_t attempt() const noexcept override { return 0; }
        Scheduler& scheduler;
        ReplyEvent word{.text = "One"};
        bool spoke = false;
    };
    Scheduler& scheduler_;
};

TEST(FirstContentWithin, comments_are_bytes_and_no_life) {
    testing::Sim sim;
    const ProviderPtr limited = first_content_within(std::make_shared<Commenting>(sim.scheduler), {}, sim.env());
    Call call;
    const Instant began = sim.scheduler.now();
    const Drained drained = sim.run(ask(*limited, question("?"), call));
    EXPECT_EQ(drained.error->code, "idle_timeout");
    EXPECT_EQ(sim.scheduler.now() - began, 15s);
}

/// Counts how often a timer is armed; everything else is the simulator's.
class CountingScheduler final : public Scheduler {
public:
    explicit CountingScheduler(testing::SimScheduler& inner) : inner_(inner) {}
    Instant now() const noexcept override { return inner_.now(); }
    WallTime wall() const noexcept override { return inner_.wall(); }
    void arm(Timer& timer, Instant when) override {
        ++armed;
        inner_.arm(timer, when);
    }
    void disarm(Timer& timer) noexcept override { inner_.disarm(timer); }
    void defer(Ready& ready) override { inner_.defer(ready); }
    void post(std::function<void()> work) override { inner_.post(std::move(work)); }
    int armed = 0;

private:
    testing::SimScheduler& inner_;
};

TEST(FirstContentWithin, costs_a_handful_of_timers_however_many_batches_come) {
    World world;
    CountingScheduler counting(world.sim.scheduler);
    Env env = world.sim.env();
    const ProviderPtr limited = first_content_within(world.provider, {}, Env{counting, env.random, env.notes});
    Script script;
    for (int i = 0; i < 2000; ++i) script.content("x").wait(10ms);
    world.provider->always(script.finish());
    const Drained drained = world.sim.run(ask(*limited, question("?"), world.call));
    EXPECT_EQ(drained.text.size(), 2000u);
    EXPECT_GE(drained.batches, 1000u);
    EXPECT_LE(counting.armed, 5);
}

ContentLimits learning(Millis floor) {
    ContentLimits limits;
    limits.first_content_floor = floor;
    return limits;
}

/// A limit that has seen twenty answers begin after `first_after`, and how long it then waits for one that never does.
Nanos learnt_limit(World& world, Nanos first_after) {
    for (int i = 0; i < 20; ++i) world.run(answering("fine", first_after));
    EXPECT_EQ(world.run(silent()).error->code, "first_content_timeout");
    return world.took();
}

TEST(LearntLimit, is_three_times_what_nearly_all_took_between_floor_and_ceiling) {
    World usual(learning(2s)), fast(learning(2s)), slow(learning(2s)), fixed;
    EXPECT_EQ(learnt_limit(usual, 1s), 3s);
    EXPECT_EQ(learnt_limit(fast, 100ms), 2s);
    EXPECT_EQ(learnt_limit(slow, 5s), 10s);
    EXPECT_EQ(learnt_limit(fixed, 100ms), 10s) << "without a floor nothing is learnt";
}

TEST(LearntLimit, needs_enough_answers) {
    World world(learning(2s));
    for (int i = 0; i < 19; ++i) world.run(answering("fine", 100ms));
    world.run(silent());
    EXPECT_EQ(world.took(), 10s);
}

TEST(LearntLimit, grows_again_when_it_became_too_short) {
    World world(learning(2s));
    EXPECT_EQ(learnt_limit(world, 1s), 3s);
    for (int i = 0; i < 2; ++i) world.run(silent());
    EXPECT_EQ(world.took(), 9s) << "a provider that became slower is not cut off for ever";
}

TEST(LearntLimit, a_much_longer_question_has_the_whole_time) {
    World world(learning(2s));
    learnt_limit(world, 1s);
    world.provider->always(silent());
    Call call;
    const ChatRequest request = question(std::string(1'000, 'x'));
    const Instant began = world.sim.scheduler.now();
    world.sim.run(ask(*world.limited, request, call));
    EXPECT_EQ(world.sim.scheduler.now() - began, 10s);
}

TEST(LearntLimit, thinking_is_life_and_probes_teach_nothing) {
    World thinking(learning(2s)), probed(learning(2s));
    for (int i = 0; i < 20; ++i) thinking.run(Script().wait(1s).reasoning("hm").wait(30s).content("so").finish());
    thinking.run(silent());
    EXPECT_EQ(thinking.took(), 3s);
    for (int i = 0; i < 20; ++i) probed.run(answering("fine", 100ms), {.probe = true});
    probed.run(silent());
    EXPECT_EQ(probed.took(), 10s);
}

Script dripping(std::size_t bytes, Nanos every) {
    Script script;
    for (int i = 0; i < 300; ++i) script.content(std::string(bytes, 'd')).wait(every);
    return script.finish();
}

TEST(RateGuard, cuts_a_reply_that_only_drips) {
    ContentLimits limits;
    limits.tokens_per_s_min = 1;
    World world(limits);
    const Drained drained = world.run(dripping(1, 1s));
    expect_silence(world, drained, "too_slow", 30s, Attempt::Outcome::cut);
}

TEST(RateGuard, lets_a_slow_reply_be) {
    ContentLimits limits;
    limits.tokens_per_s_min = 1;
    World slow(limits), any;
    EXPECT_FALSE(slow.run(dripping(5, 1s)).error);
    EXPECT_FALSE(any.run(dripping(1, 1s)).error) << "it is off by default";
}

Task<bool> read_slowly(World& world, const ChatRequest& request, Call& call) {
    auto opened = co_await world.limited->open(request, call);
    for (int i = 0; i < 20; ++i) {
        co_await sleep_for(world.sim.scheduler, 60s);
        if (!co_await (*opened)->next()) co_return false;
    }
    co_return true;
}

TEST(RateGuard, a_slow_reader_is_not_the_providers_fault) {
    ContentLimits limits;
    limits.tokens_per_s_min = 1;
    limits.total = Millis{24 * 3'600'000};
    World world(limits);
    world.provider->always(dripping(1, 100ms));
    Call call;
    const ChatRequest request = question("?");
    EXPECT_TRUE(world.sim.run(read_slowly(world, request, call)));
}

}  // namespace
}  // namespace evenkeel
