#include <gtest/gtest.h>

#include <array>

#include "core/json.hpp"
#include "llm/reply_writer.hpp"
#include "testing/sim.hpp"

namespace evenkeel {
namespace {

using Kind = ReplyEvent::Kind;

struct OllamaWriterTest : ::testing::Test, testing::Sim {
    std::unique_ptr<ReplyWriter> writer = make_ollama_writer(env(), {.model = "gpt", .asked = env().now()});
    JsonDoc document;
};

TEST_F(OllamaWriterTest, StreamsLinesAndEndsWithFigures) {
    std::string out;
    scheduler.run_for(Millis{20});
    const std::array events{ReplyEvent{.kind = Kind::reasoning, .text = "hm"},
                            ReplyEvent{.kind = Kind::content, .text = "Hi"},
                            ReplyEvent{.kind = Kind::usage, .usage = {.input = 3, .output = 4}},
                            ReplyEvent{.kind = Kind::finish, .finish = FinishReason::length}};
    writer->write(events, out);
    scheduler.run_for(Millis{10});
    writer->finish(out);
    EXPECT_EQ(out,
              R"({"model":"gpt","created_at":"2026-01-01T00:00:00.020Z","message":{"role":"assistant","content":"",)"
              R"("thinking":"hm"},"done":false})"
              "\n"
              R"({"model":"gpt","created_at":"2026-01-01T00:00:00.020Z","message":{"role":"assistant",)"
              R"("content":"Hi"},"done":false})"
              "\n"
              R"({"model":"gpt","created_at":"2026-01-01T00:00:00.030Z","message":{"role":"assistant","content":""},)"
              R"("done":true,"done_reason":"length","total_duration":30000000,"load_duration":1,)"
              R"("prompt_eval_count":3,"prompt_eval_duration":20000000,"eval_count":4,"eval_duration":10000000})"
              "\n");
}

TEST_F(OllamaWriterTest, KeepsFragmentsOfACallUntilItIsWhole) {
    std::string out;
    const std::array fragments{
        ReplyEvent{.kind = Kind::tool_call,
                   .text = R"({"index":0,"id":"c0","function":{"name":"f","arguments":"{\"a\""}})"},
        ReplyEvent{.kind = Kind::tool_call, .text = R"({"index":0,"function":{"arguments":":1}"}})"}};
    writer->write(fragments, out);
    EXPECT_EQ(out, "");
    writer->finish(out);
    EXPECT_NE(
        out.find(R"("tool_calls":[{"id":"c0","function":{"index":0,"name":"f","arguments":{"a":1}}}]},"done":false})"),
        std::string::npos)
        << out;
    EXPECT_NE(out.find(R"("done_reason":"stop")"), std::string::npos);
}

TEST_F(OllamaWriterTest, CollectsAWholeAnswerAndMendsArgumentsThatAreNoJson) {
    const std::array events{
        ReplyEvent{.kind = Kind::content, .text = "Hel"}, ReplyEvent{.kind = Kind::content, .text = "lo"},
        ReplyEvent{.kind = Kind::tool_call, .text = R"({"index":0,"function":{"name":"f","arguments":"{"}})"}};
    writer->collect(events);
    const auto root = document.parse(writer->document());
    ASSERT_TRUE(root);
    EXPECT_EQ((*root)["message"]["content"].string(), "Hello");
    EXPECT_EQ((*root)["message"]["tool_calls"].at(0)["function"]["arguments"].to_text(), "{}");
    EXPECT_EQ((*root)["done"].boolean(), true);
}

}  // namespace
}  // namespace evenkeel
