#include "frontends/http/ollama_chat.hpp"

#include <gtest/gtest.h>

#include "testing/gateway_stage.hpp"

namespace evenkeel {
namespace {

using testing::GatewayStage;
using testing::HttpScript;
using testing::replying;

constexpr std::string_view path = "/api/chat";
const std::string question = R"({"model":"evenkeel","messages":[{"role":"user","content":"Hi"}]})";
const std::string line =
    R"({"model":"llama","created_at":"2026-11-22T17:31:18.5Z","message":{"role":"assistant","content":"Fine."},)"
    R"("done":false})"
    "\n";
const std::string done =
    R"({"model":"llama","created_at":"2026-11-22T17:31:18.6Z","message":{"role":"assistant","content":""},"done":true,)"
    R"("done_reason":"stop","total_duration":5,"prompt_eval_count":3,"eval_count":4})"
    "\n";

std::string chunk(const std::string& delta, const std::string& finish = "null") {
    return R"(data: {"id":"up-1","model":"gpt-real","choices":[{"index":0,"delta":)" + delta + R"(,"finish_reason":)" +
           finish + "}]}\n\n";
}

TEST(OllamaChat, StreamsUnlessToldOtherwiseAndHandsAnOllamasLinesOn) {
    GatewayStage stage(Dialect::ollama);
    stage.upstream->then(HttpScript().bytes(line).wait(Millis{5}).bytes(done));
    const auto told = stage.ask("POST", std::string(path), question);
    EXPECT_EQ(told.status, 200);
    EXPECT_EQ(told.field("content-type"), "application/x-ndjson");
    EXPECT_EQ(told.field("x-evenkeel-provider"), "local");
    EXPECT_EQ(told.body, line + done);
    ASSERT_EQ(stage.log.lines.size(), 1U);
    EXPECT_EQ(stage.log.lines[0].model_asked, "evenkeel");
}

TEST(OllamaChat, TellsACloudsAnswerInLinesThatEndWithTheFigures) {
    GatewayStage stage;
    stage.upstream->then(HttpScript()
                             .wait(Millis{20})
                             .bytes(chunk(R"({"role":"assistant","content":"Fi"})") + chunk(R"({"content":"ne."})"))
                             .wait(Millis{30})
                             .bytes(chunk("{}", R"("length")") +
                                    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}\n\n"
                                    "data: [DONE]\n\n"));
    const auto told = stage.ask("POST", std::string(path), question);
    EXPECT_EQ(told.field("x-evenkeel-model"), "gpt");
    EXPECT_NE(told.body.find(R"("message":{"role":"assistant","content":"Fi"},"done":false})"), std::string::npos);
    EXPECT_NE(told.body.find(R"("message":{"role":"assistant","content":""},"done":true,"done_reason":"length",)"
                             R"("total_duration":50000000,)"),
              std::string::npos)
        << told.body;
    EXPECT_NE(told.body.find(R"("prompt_eval_count":3,"prompt_eval_duration":20000000,"eval_count":4,)"
                             R"("eval_duration":30000000})"),
              std::string::npos)
        << told.body;
    EXPECT_NE(stage.upstream->requests[1].body.find(R"("model":"gpt","stream":true)"), std::string::npos);
}

TEST(OllamaChat, AnswersWholeWhereNoStreamIsWanted) {
    GatewayStage stage;
    stage.upstream->then(
        replying(200, R"({"id":"x","object":"chat.completion","model":"gpt-real","choices":[{"index":0,)"
                      R"("message":{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":)"
                      R"("function","function":{"name":"f","arguments":"{\"a\":1}"}}]},)"
                      R"("finish_reason":"tool_calls"}],"usage":{"prompt_tokens":1,"completion_tokens":2}})"));
    const auto told = stage.ask("POST", std::string(path),
                                R"({"model":"gpt:latest","stream":false,"messages":[{"role":"user","content":"Hi"}]})");
    EXPECT_EQ(told.field("content-type"), "application/json");
    EXPECT_NE(told.body.find(
                  R"("tool_calls":[{"id":"c","function":{"index":0,"name":"f","arguments":{"a":1}}}]},"done":true)"),
              std::string::npos)
        << told.body;
}

TEST(OllamaChat, LoadsAndUnloadsWithoutAskingAnybody) {
    GatewayStage stage;
    const auto loaded = stage.ask("POST", std::string(path), R"({"model":"gpt"})");
    EXPECT_EQ(loaded.status, 200);
    EXPECT_EQ(loaded.field("content-type"), "application/json");
    EXPECT_NE(loaded.body.find(R"("message":{"role":"assistant","content":""},"done":true,"done_reason":"load"})"),
              std::string::npos);
    const auto unloaded = stage.ask("POST", std::string(path), R"({"model":"gpt","messages":[ ],"keep_alive":0})");
    EXPECT_NE(unloaded.body.find(R"("done_reason":"unload")"), std::string::npos);
    EXPECT_EQ(stage.upstream->requests.size(), 1U) << "only the list of models";
}

TEST(OllamaChat, TellsErrorsInOllamasShape) {
    GatewayStage stage;
    const auto unknown = stage.ask("POST", std::string(path), R"({"model":"nope","messages":[]})");
    EXPECT_EQ(unknown.status, 404);
    EXPECT_EQ(unknown.body, R"({"error":"model 'nope' not found"})");
    EXPECT_EQ(stage.ask("POST", std::string(path), "").status, 400);
    const auto parts = stage.ask("POST", std::string(path),
                                 R"({"messages":[{"role":"user","content":[{"type":"text","text":"Hi"}]}]})");
    EXPECT_EQ(parts.status, 400);
    EXPECT_NE(parts.body.find("must be a string"), std::string::npos) << parts.body;
    EXPECT_EQ(
        stage.ask("POST", std::string(path), R"({"messages":[{"role":"user","content":"x"}],"format":"xml"})").status,
        400);
    stage.upstream->then(replying(500, "oops"));
    const auto down = stage.ask("POST", std::string(path), question);
    EXPECT_EQ(down.status, 503);
    EXPECT_TRUE(down.body.starts_with(R"({"error":"No provider could answer)")) << down.body;
    EXPECT_EQ(down.field("retry-after"), "5");
}

TEST(OllamaChat, EndsABrokenStreamWithALineOfError) {
    GatewayStage stage;
    stage.upstream->then(HttpScript().bytes(chunk(R"({"role":"assistant","content":"Fi"})")).wait(Millis{5}).cut());
    const auto told = stage.ask("POST", std::string(path), question);
    EXPECT_EQ(told.status, 200);
    EXPECT_FALSE(told.cut);
    const std::size_t last = told.body.rfind('\n', told.body.size() - 2);
    EXPECT_TRUE(told.body.substr(last + 1).starts_with(R"({"error":")")) << told.body;
    EXPECT_EQ(told.body.find(R"("done":true)"), std::string::npos);
}

}  // namespace
}  // namespace evenkeel
