#include <gtest/gtest.h>

#include "testing/gateway_stage.hpp"

namespace evenkeel {
namespace {

using testing::GatewayStage;
using testing::HttpScript;
using testing::replying;

constexpr std::string_view path = "/api/generate";

TEST(OllamaGenerate, AsksAsChatAndTellsTheResponse) {
    GatewayStage stage(Dialect::ollama);
    stage.upstream->then(HttpScript()
                             .bytes(R"({"model":"llama","message":{"role":"assistant","content":"","thinking":"Hm"},)"
                                    "\"done\":false}\n"
                                    R"({"model":"llama","message":{"role":"assistant","content":"Fine."},"done":false})"
                                    "\n")
                             .bytes(R"({"model":"llama","message":{"role":"assistant","content":""},"done":true,)"
                                    R"("done_reason":"stop","prompt_eval_count":3,"eval_count":4})"
                                    "\n"));
    const auto told = stage.ask("POST", std::string(path),
                                R"({"model":"llama","system":"Be brief.","prompt":"Hi","images":["aGk="],)"
                                R"("options":{"seed":7},"raw":false,"context":[],"template":""})");
    EXPECT_EQ(told.status, 200);
    EXPECT_EQ(told.field("content-type"), "application/x-ndjson");
    EXPECT_EQ(told.body.find("\"message\""), std::string::npos) << told.body;
    EXPECT_NE(told.body.find(R"("response":"","thinking":"Hm","done":false})"), std::string::npos) << told.body;
    EXPECT_NE(told.body.find(R"("response":"Fine.","done":false})"), std::string::npos);
    EXPECT_NE(told.body.find(R"("response":"","done":true,"done_reason":"stop")"), std::string::npos);
    EXPECT_NE(told.body.find(R"("prompt_eval_count":3)"), std::string::npos);
    const std::string& sent = stage.upstream->requests[1].body;
    EXPECT_NE(sent.find(R"("messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi",)"
                        R"("images":["aGk="]}])"),
              std::string::npos)
        << sent;
    EXPECT_NE(sent.find(R"("seed":7)"), std::string::npos);
    EXPECT_EQ(sent.find("\"prompt\""), std::string::npos);
}

TEST(OllamaGenerate, AnswersWhole) {
    GatewayStage stage;
    stage.upstream->then(replying(200,
                                  R"({"model":"gpt","choices":[{"index":0,"message":{"role":"assistant","content":)"
                                  R"("Fine."},"finish_reason":"stop"}]})"));
    const auto told = stage.ask("POST", std::string(path), R"({"prompt":"Hi","stream":false})");
    EXPECT_NE(told.body.find(R"("response":"Fine.","done":true)"), std::string::npos) << told.body;
}

TEST(OllamaGenerate, LoadsWithoutAPrompt) {
    GatewayStage stage;
    const auto told = stage.ask("POST", std::string(path), R"({"model":"gpt","system":"Be brief."})");
    EXPECT_NE(told.body.find(R"("response":"","done":true,"done_reason":"load"})"), std::string::npos) << told.body;
}

TEST(OllamaGenerate, RefusesByNameWhatChatCannotSay) {
    GatewayStage stage;
    for (const std::string field :
         {R"("raw":true)", R"("template":"{{ .Prompt }}")", R"("suffix":"x")", R"("context":[1,2])"}) {
        const auto told = stage.ask("POST", std::string(path), R"({"prompt":"Hi",)" + field + "}");
        EXPECT_EQ(told.status, 400) << field;
        EXPECT_NE(told.body.find(field.substr(1, field.find('"', 1) - 1)), std::string::npos) << told.body;
    }
    EXPECT_EQ(stage.ask("POST", std::string(path), R"({"prompt":7})").status, 400);
    EXPECT_EQ(stage.ask("POST", std::string(path), "[]").status, 400);
    EXPECT_EQ(stage.upstream->requests.size(), 1U) << "only the list of models";
}

}  // namespace
}  // namespace evenkeel
