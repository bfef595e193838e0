#include "testing/scripted_provider.hpp"

#include <gtest/gtest.h>

#include "testing/sim.hpp"

namespace evenkeel::testing {
namespace {

using namespace std::chrono_literals;

struct Stage : Sim {
    ScriptedProvider provider{env(), "cloud"};
    ChatRequest request = question("Well?");
    Call call;
    Drained ask_it() { return run(ask(provider, request, call)); }
};

TEST(ScriptedProvider, answers_word_by_word_and_closes_its_record) {
    Stage stage;
    stage.provider.always(answering("one two three", 100ms, 10ms));
    const Drained got = stage.ask_it();
    EXPECT_EQ(got.text, "one two three");
    EXPECT_EQ(got.finish, FinishReason::stop);
    EXPECT_EQ(got.batches, 3u);
    ASSERT_EQ(stage.call.attempts.size(), 1u);
    EXPECT_EQ(stage.call.attempts[0].outcome, Attempt::Outcome::answered);
    EXPECT_EQ(stage.call.attempts[0].first_content_after, 100ms);
    EXPECT_EQ(stage.call.attempts[0].took, 120ms);
    EXPECT_EQ(stage.call.attempts[0].usage->output, 3);
    EXPECT_EQ(stage.provider.running(), 0u);
}

TEST(ScriptedProvider, gives_the_whole_answer_at_once_where_no_stream_was_asked) {
    Stage stage;
    stage.request.stream = false;
    stage.provider.always(answering("one two", 100ms, 10ms));
    const Drained got = stage.ask_it();
    EXPECT_EQ(got.text, "one two");
    EXPECT_EQ(got.batches, 1u);
}

TEST(ScriptedProvider, plays_queued_scripts_before_the_standing_one) {
    Stage stage;
    stage.provider.then(failing(ErrorClass::overload, 2s, "busy")).always(answering("ok"));
    const Drained first = stage.ask_it();
    EXPECT_EQ(first.error->cls, ErrorClass::overload);
    EXPECT_EQ(first.error->retry_after, 2s);
    EXPECT_EQ(stage.call.attempts[0].outcome, Attempt::Outcome::failed);
    EXPECT_EQ(stage.ask_it().text, "ok");
    EXPECT_EQ(stage.provider.asked().size(), 2u);
}

TEST(ScriptedProvider, a_script_without_a_finish_is_a_cut) {
    Stage stage;
    stage.provider.always(cutting("one two three", 2));
    const Drained got = stage.ask_it();
    EXPECT_EQ(got.text, "one two ");
    EXPECT_EQ(got.error->code, "cut");
    EXPECT_EQ(stage.call.attempts[0].outcome, Attempt::Outcome::cut);
}

TEST(ScriptedProvider, silence_lasts_until_the_caller_leaves) {
    Stage stage;
    stage.provider.always(silent());
    const auto opened = stage.run([](Stage& s) -> Task<bool> {
        auto reply = co_await until(s.scheduler, s.scheduler.now() + 10s, s.provider.open(s.request, s.call));
        co_return reply.has_value();
    }(stage));
    EXPECT_FALSE(opened);
    EXPECT_EQ(stage.call.attempts[0].outcome, Attempt::Outcome::cancelled);
    EXPECT_EQ(stage.call.attempts[0].took, 10s);
    EXPECT_EQ(stage.provider.running(), 0u);
}

TEST(ScriptedProvider, reasoning_is_told_but_is_not_yet_an_answer) {
    Stage stage;
    std::vector<Progress::Kind> told;
    stage.call.on_progress = [&](const Progress& progress) { told.push_back(progress.kind); };
    stage.provider.always(Script().loading().wait(1s).reasoning("hm").wait(4s).content("42").finish());
    const Instant start = stage.scheduler.now();
    const Drained got = stage.ask_it();
    EXPECT_EQ(got.reasoning, "hm");
    EXPECT_EQ(got.text, "42");
    EXPECT_EQ(stage.call.reasoning_since, start + 1s);
    EXPECT_EQ(stage.call.attempts[0].first_content_after, 5s);
    using Kind = Progress::Kind;
    EXPECT_EQ(told, (std::vector{Kind::asking, Kind::loading, Kind::reasoning}));
}

}  // namespace
}  // namespace evenkeel::testing
