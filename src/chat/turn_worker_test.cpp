#include "chat/turn_worker.hpp"

#include "testing/chat_bench.hpp"

namespace evenkeel {
namespace {
using namespace std::chrono_literals;
using Kind = TurnEvent::Kind;
using testing::answering;
using testing::ChatBench;
using testing::cutting;
using testing::failing;
using testing::Script;

TEST(TurnWorker, strikes_a_cut_answer_and_begins_anew_with_another_provider_under_the_same_lease) {
    ChatBench bench;
    bench.cloud.always(cutting("This will never be whole", 3));
    bench.local.always(answering("This is whole."));
    auto stream = bench.ask("Hello?");
    const auto end = bench.until_kind(*stream, Kind::answered);
    EXPECT_EQ(bench.count(Kind::restarted), 1U);
    EXPECT_EQ(bench.shown_text, "This is whole.");
    EXPECT_EQ(end.answer->text, "This is whole.");
    EXPECT_EQ(end.answer->provider, "local");
    EXPECT_EQ(end.answer->attempts.at(0).outcome, Attempt::Outcome::cut);
    EXPECT_EQ(bench.cloud.asked().size(), 1U);
    EXPECT_EQ(bench.view(end.id).attempts, 0);
}

TEST(TurnWorker, a_cut_with_nobody_left_waits_and_keeps_the_partial_text_out_of_every_context) {
    ChatBench bench({.restarts_max = 1});
    bench.cloud.then(cutting("Half of an", 3));
    bench.local.then(cutting("A", 1));
    auto stream = bench.ask("Hello?");
    const Id id = bench.id_of(*stream);
    const auto queued = bench.until_kind(*stream, Kind::queued);
    EXPECT_EQ(bench.shown_text, "") << "what was shown is struck";
    EXPECT_EQ(bench.view(id).partial, "Half of an");
    EXPECT_EQ(bench.view(id).state, JobState::queued);
    EXPECT_FALSE(bench.view(id).answer);
    const auto end = bench.until_kind(*stream, Kind::answered);
    EXPECT_EQ(end.answer->text, "Fine.");
    EXPECT_EQ(bench.cloud.asked().back().turns.size(), 1U);
    EXPECT_EQ(bench.view(id).partial, "");
}

struct FalseWhole {
    const char* name;
    Script script;
};
class TurnWorkerJudges : public ::testing::TestWithParam<FalseWhole> {};

TEST_P(TurnWorkerJudges, no_false_whole_is_ever_kept_or_told) {
    ChatBench bench;
    bench.cloud.always(GetParam().script);
    bench.local.always(failing(ErrorClass::transient));
    auto stream = bench.ask("Hello?");
    const Id id = bench.id_of(*stream);
    bench.until_kind(*stream, Kind::queued);
    EXPECT_EQ(bench.count(Kind::answered), 0U);
    EXPECT_FALSE(bench.view(id).answer);
}

INSTANTIATE_TEST_SUITE_P(Scripts, TurnWorkerJudges,
                         ::testing::Values(FalseWhole{"Cut", cutting("Half a", 2)},
                                           FalseWhole{"Blank", Script().content(" \n ").finish()},
                                           FalseWhole{"ToolCallOnly", Script().tool_call("{}").finish()}),
                         [](const auto& tested) { return tested.param.name; });

TEST(TurnWorker, breaks_off_an_answer_that_does_not_end) {
    ChatBench bench({.answer_bytes_max = 1000});
    Script endless;
    for (int i = 0; i < 30; ++i) endless.wait(1ms).content(std::string(100, 'x'));
    bench.cloud.always(std::move(endless.finish()));
    bench.local.always(answering("Short."));
    auto stream = bench.ask("Hello?");
    EXPECT_EQ(bench.until_kind(*stream, Kind::answered).answer->text, "Short.");
}

TEST(TurnWorker, sends_system_prompt_and_what_was_answered_before_but_no_failed_turn) {
    ChatBench bench({.system_prompt = "Be kind.", .history_messages = 4});
    bench.cloud.always(answering("Yes."));
    for (const char* text : {"One?", "Two?", "Three?"}) {
        auto stream = bench.ask(text);
        bench.until_kind(*stream, Kind::answered);
    }
    bench.cloud.then(failing(ErrorClass::policy));
    auto refused = bench.ask("Bad?");
    bench.until_kind(*refused, Kind::refused);
    auto stream = bench.ask("Four?");
    bench.until_kind(*stream, Kind::answered);
    const std::vector<Turn> expected{{Role::system, "Be kind."}, {Role::user, "Two?"},      {Role::assistant, "Yes."},
                                     {Role::user, "Three?"},     {Role::assistant, "Yes."}, {Role::user, "Four?"}};
    EXPECT_EQ(bench.cloud.asked().back().turns, expected);
}

TEST(TurnWorker, a_question_that_is_asked_again_is_not_doubled) {
    ChatBench bench;
    bench.cloud.then(failing(ErrorClass::transient));
    bench.local.then(failing(ErrorClass::transient));
    auto stream = bench.ask("Once?");
    bench.until_kind(*stream, Kind::answered);
    EXPECT_EQ(bench.cloud.asked().size(), 2U);
    EXPECT_EQ(bench.cloud.asked().back().turns, (std::vector<Turn>{{Role::user, "Once?"}}));
}

TEST(TurnWorker, a_private_conversation_is_never_sent_away) {
    ChatBench bench;
    bench.local.then(failing(ErrorClass::transient));
    auto inbound = bench.message("Secret?");
    inbound.is_private = true;
    auto stream = bench.submit(inbound);
    const auto end = bench.until_kind(*stream, Kind::answered);
    EXPECT_FALSE(end.answer->degraded) << "the local provider is the first it may use";
    auto later = bench.ask("And this?");
    bench.until_kind(*later, Kind::answered);
    EXPECT_TRUE(bench.cloud.asked().empty());
    EXPECT_EQ(bench.local.asked().size(), 3U);
    EXPECT_TRUE(bench.local.asked().back().local_only);
}

TEST(TurnWorker, gives_up_with_a_notice_when_its_attempts_are_spent) {
    ChatBench bench({.attempts_max = 3});
    bench.cloud.always(failing(ErrorClass::bad_answer));
    bench.local.always(failing(ErrorClass::bad_answer));
    auto stream = bench.ask("Impossible?");
    const auto end = bench.until_kind(*stream, Kind::dead);
    EXPECT_THAT(end.text, ::testing::HasSubstr("3 attempts"));
    EXPECT_EQ(bench.cloud.asked().size(), 3U);
    EXPECT_EQ(bench.view(end.id).state, JobState::dead);
    ASSERT_EQ(bench.outbox().size(), 1U);
    EXPECT_EQ(bench.outbox()[0].text, end.text);
}

TEST(TurnWorker, keeps_its_lease_while_a_slow_provider_answers) {
    ChatBench bench;
    bench.cloud.always(answering("Slow but sure.", 100s, 20s));
    auto stream = bench.ask("Hello?");
    const auto end = bench.until_kind(*stream, Kind::answered);
    EXPECT_EQ(bench.cloud.asked().size(), 1U);
    EXPECT_EQ(bench.view(end.id).crashes, 0);
}

TEST(TurnWorker, keeps_what_was_said_so_far_with_each_heartbeat) {
    ChatBench bench;
    bench.cloud.always(testing::stalling("So far so", 3));
    auto stream = bench.ask("Hello?");
    const Id id = bench.id_of(*stream);
    bench.sim.scheduler.run_for(11s);
    EXPECT_EQ(bench.view(id).partial, "So far so");
    EXPECT_EQ(bench.view(id).state, JobState::working);
}

TEST(TurnWorker, falls_silent_when_its_lease_is_gone_and_its_watcher_follows_the_row) {
    ChatBench bench;
    bench.cloud.always(testing::stalling("So far so", 3));
    auto stream = bench.ask("Hello?");
    const Id id = bench.id_of(*stream);
    bench.sim.scheduler.run_for(1s);
    ASSERT_TRUE(bench.raw->desk().cancel("local", id, bench.sim.scheduler.wall()));
    const auto end = bench.until_kind(*stream, Kind::cancelled);
    EXPECT_EQ(bench.cloud.running(), 0U);
    EXPECT_EQ(bench.sim.notes.count("turn.lost"), 1U);
}

TEST(TurnWorker, leaves_a_provider_that_never_ends_when_its_time_is_over) {
    ChatBench bench({.turn_deadline = 60s});
    bench.cloud.then(testing::silent());
    auto stream = bench.ask("Hello?");
    const auto queued = bench.until_kind(*stream, Kind::queued);
    EXPECT_EQ(queued.error->cls, ErrorClass::silent);
    EXPECT_EQ(bench.cloud.running(), 0U);
    bench.until_kind(*stream, Kind::answered);
}

TEST(TurnWorker, takes_retry_after_as_the_floor) {
    ChatBench bench;
    bench.cloud.then(failing(ErrorClass::transient));
    bench.local.then(failing(ErrorClass::overload, 40s));
    const Instant asked = bench.sim.scheduler.now();
    auto stream = bench.ask("Hello?");
    EXPECT_EQ(bench.until_kind(*stream, Kind::queued).eta, Millis{40s});
    bench.until_kind(*stream, Kind::answered);
    EXPECT_GE(bench.sim.scheduler.now() - asked, 40s);
    EXPECT_LE(bench.sim.scheduler.now() - asked, 42s);
}

}  // namespace
}  // namespace evenkeel
