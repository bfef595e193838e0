#include "chat/calls.hpp"

#include <gmock/gmock.h>

#include "testing/chat_bench.hpp"

namespace evenkeel {
namespace {
using namespace std::chrono_literals;
using ::testing::IsEmpty;
using Kind = TurnEvent::Kind;
using testing::answering;
using testing::ChatBench;
using testing::cutting;
using testing::failing;
using testing::Script;

constexpr std::string_view body = R"({"messages":[{"role":"user","content":"Hello?"}],"tools":[]})";

Inbound call(std::string principal = "key1") {
    return {.frontend = std::string(pulled),
            .principal = std::move(principal),
            .conversation = "call 1",
            .text = "Hello?",
            .body = std::string(body),
            .dialect = "openai",
            .record = "{}",
            .fingerprint = "f"};
}

struct CallBench : ChatBench {
    using ChatBench::ChatBench;
    Calls calls{*store, *engine};
    JobView shown(const Id& id) { return sim.run(calls.show("key1", id)).value(); }
    std::vector<AnswerPiece> pieces_of(TurnStream& stream) {
        std::vector<AnswerPiece> pieces;
        for (const TurnEvent& event : read_to_end(stream)) {
            if (event.kind == Kind::restarted) pieces.clear();
            pieces.insert(pieces.end(), event.pieces.begin(), event.pieces.end());
        }
        return pieces;
    }
};

TEST(Calls, the_programs_own_body_is_asked_and_no_history_of_ours) {
    CallBench bench;
    bench.options.system_prompt = "Be kind.";
    bench.cloud.always(answering("Fine, thanks."));
    auto stream = bench.submit(call());
    const auto end = bench.until_kind(*stream, Kind::answered);
    EXPECT_EQ(end.answer->text, "Fine, thanks.");
    EXPECT_THAT(bench.cloud.asked().at(0).turns, IsEmpty());
    EXPECT_FALSE(bench.cloud.asked().at(0).local_only);
}

TEST(Calls, pieces_are_told_one_by_one_and_the_same_again_from_what_was_kept) {
    CallBench bench;
    bench.cloud.always(Script()
                           .wait(5ms)
                           .reasoning("hm")
                           .content("Hel")
                           .wait(5ms)
                           .content("lo")
                           .tool_call(R"({"index":0,"id":"a","function":{"name":"f","arguments":"{}"}})")
                           .usage(3, 4)
                           .finish(FinishReason::tool_calls));
    auto stream = bench.submit(call());
    const Id id = bench.id_of(*stream);
    const auto live = bench.pieces_of(*stream);
    ASSERT_EQ(live.size(), 4U);
    EXPECT_EQ(live[2].text, "lo");
    EXPECT_EQ(live[3].name, "f");
    stream.reset();
    const Answer kept = bench.shown(id).answer.value();
    EXPECT_EQ(kept.reasoning, "hm");
    EXPECT_EQ(kept.finish, FinishReason::tool_calls);
    EXPECT_EQ(kept.tool_calls, R"([{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}])");
    bench.sim.scheduler.run_for(60s);
    auto again = bench.sim.run(bench.calls.follow("key1", id)).value();
    EXPECT_EQ(bench.pieces_of(*again), live);
}

TEST(Calls, an_answer_of_tool_calls_alone_is_whole) {
    CallBench bench;
    bench.cloud.always(Script().tool_call(R"({"function":{"name":"f","arguments":{"x":1}}})").finish());
    auto stream = bench.submit(call());
    const auto end = bench.until_kind(*stream, Kind::answered);
    EXPECT_EQ(end.answer->text, "");
    EXPECT_EQ(end.answer->tool_calls,
              R"([{"id":"","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}}])");
}

TEST(Calls, an_answer_that_is_begun_anew_is_told_from_the_lost_one) {
    CallBench bench;
    bench.cloud.always(cutting("This will never be whole", 3));
    bench.local.always(answering("This is whole."));
    auto stream = bench.submit(call());
    const Id id = bench.id_of(*stream);
    std::vector<std::int64_t> beginnings;
    for (const TurnEvent& event : bench.read_to_end(*stream))
        if (event.kind == Kind::delta) beginnings.push_back(event.beginning);
    ASSERT_FALSE(beginnings.empty());
    EXPECT_EQ(beginnings.front(), 0);
    EXPECT_GT(beginnings.back(), 0);
    EXPECT_EQ(Transcript::of(bench.shown(id).answer.value()).beginning(), beginnings.back());
    EXPECT_EQ(bench.shown(id).answer->text, "This is whole.");
}

TEST(Calls, a_process_that_ended_in_mid_answer_leaves_another_beginning) {
    CallBench bench;
    bench.cloud.then(testing::stalling("Half of an answer", 2)).always(answering("Whole."));
    auto stream = bench.submit(call());
    const Id id = bench.id_of(*stream);
    EXPECT_EQ(bench.until_kind(*stream, Kind::delta).beginning, 0);
    stream.reset();
    bench.sim.run(bench.engine->hand_back());
    EXPECT_EQ(bench.shown(id).state, JobState::queued);
    bench.engine.reset();
    bench.start();
    bench.sim.scheduler.run_for(120s);
    const Answer kept = bench.shown(id).answer.value();
    EXPECT_EQ(kept.text, "Whole.");
    EXPECT_GT(Transcript::of(kept).beginning(), 0);
}

TEST(Calls, waiting_in_the_queue_gives_no_other_beginning) {
    CallBench bench;
    bench.cloud.then(failing(ErrorClass::transient)).always(answering("Late."));
    bench.local.then(failing(ErrorClass::transient));
    auto stream = bench.submit(call());
    const Id id = bench.id_of(*stream);
    bench.until_kind(*stream, Kind::queued);
    bench.until_kind(*stream, Kind::answered);
    EXPECT_EQ(Transcript::of(bench.shown(id).answer.value()).beginning(), 0) << "nobody had heard anything";
}

TEST(Calls, what_is_anothers_is_not_there) {
    CallBench bench;
    bench.cloud.always(testing::silent());
    bench.local.always(testing::silent());
    auto stream = bench.submit(call());
    const Id id = bench.id_of(*stream);
    EXPECT_EQ(bench.sim.run(bench.calls.show("key2", id)).error().code, "not_found");
    EXPECT_EQ(bench.sim.run(bench.calls.record("key2", id)).error().code, "not_found");
    EXPECT_EQ(bench.sim.run(bench.calls.follow("key2", id)).error().code, "not_found");
    EXPECT_EQ(bench.sim.run(bench.calls.cancel("key2", id)).error().code, "not_found");
    EXPECT_EQ(bench.sim.run(bench.calls.remove("key2", id)).error().code, "not_found");
    EXPECT_EQ(bench.sim.run(bench.calls.record("key1", id)).value().body, body);
    EXPECT_TRUE(bench.sim.run(bench.calls.cancel("key1", id)));
    EXPECT_EQ(bench.shown(id).state, JobState::cancelled);
}

TEST(Calls, removing_takes_back_what_is_being_answered) {
    CallBench bench;
    bench.cloud.always(testing::stalling("Half", 1));
    auto stream = bench.submit(call());
    const Id id = bench.id_of(*stream);
    bench.until_kind(*stream, Kind::delta);
    EXPECT_TRUE(bench.sim.run(bench.calls.remove("key1", id)));
    EXPECT_EQ(bench.cloud.running(), 0U);
    EXPECT_EQ(bench.sim.run(bench.calls.show("key1", id)).error().code, "not_found");
}

TEST(Calls, the_operator_sees_and_cancels_the_calls_of_every_key) {
    CallBench bench;
    bench.route.down_until(bench.sim.scheduler.now() + 3600s);
    auto stream = bench.submit(call());
    const Id id = bench.id_of(*stream);
    const std::string list = bench.sim.run(bench.engine->call("queue.list", "{}")).value();
    EXPECT_THAT(list, ::testing::HasSubstr(to_string(id)));
    EXPECT_TRUE(bench.sim.run(bench.engine->cancel(id)));
}

TEST(Calls, a_body_that_cannot_be_read_is_refused_and_nobody_is_asked) {
    CallBench bench;
    Inbound broken = call();
    broken.body = "{";
    auto stream = bench.submit(broken);
    bench.until_kind(*stream, Kind::refused);
    EXPECT_THAT(bench.cloud.asked(), IsEmpty());
}

TEST(Calls, an_endless_list_of_tool_calls_is_broken_off) {
    CallBench bench({.tool_calls_max = 3});
    Script endless;
    for (int i = 0; i < 10; ++i) endless.tool_call(R"({"function":{"name":"f","arguments":{}}})");
    bench.cloud.always(endless.finish());
    bench.local.always(answering("Short."));
    auto stream = bench.submit(call());
    EXPECT_EQ(bench.until_kind(*stream, Kind::answered).answer->text, "Short.");
}

TEST(Calls, tries_are_counted_once_whatever_the_end) {
    std::vector<std::string> counted;
    ChatOptions options;
    options.on_tries = [&counted](const Inbound& message, std::span<const Attempt> tries) {
        for (const Attempt& attempt : tries) counted.push_back(message.principal + " " + attempt.provider);
    };
    CallBench bench(options);
    bench.cloud.then(failing(ErrorClass::transient)).always(answering("Fine."));
    bench.local.then(failing(ErrorClass::transient));
    auto stream = bench.submit(call());
    bench.until_kind(*stream, Kind::answered);
    EXPECT_THAT(counted, ::testing::ElementsAre("key1 cloud", "key1 local", "key1 cloud"));
}

}  // namespace
}  // namespace evenkeel
