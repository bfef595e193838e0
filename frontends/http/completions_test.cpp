#include <gtest/gtest.h>

#include "testing/gateway_stage.hpp"

namespace evenkeel {
namespace {

using testing::GatewayStage;
using testing::HttpScript;
using testing::replying;

constexpr std::string_view path = "/v1/completions";

TEST(Completions, AskAsChatAndTellText) {
    GatewayStage stage;
    stage.upstream->then(replying(200,
                                  R"({"id":"x","object":"chat.completion","model":"gpt-real","choices":[{"index":0,)"
                                  R"("message":{"role":"assistant","content":"Fine."},"finish_reason":"stop"}],)"
                                  R"("usage":{"prompt_tokens":1,"completion_tokens":2}})"));
    const auto told = stage.ask("POST", std::string(path),
                                R"({"model":"gpt","prompt":["Hi"],"max_tokens":5,"x_mine":1,"best_of":1,"n":1})");
    EXPECT_EQ(told.status, 200);
    EXPECT_NE(told.body.find(R"("object":"text_completion")"), std::string::npos) << told.body;
    EXPECT_NE(told.body.find(R"("model":"gpt-real","choices":[{"text":"Fine.","index":0,"logprobs":null,)"
                             R"("finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2,)"),
              std::string::npos)
        << told.body;
    EXPECT_TRUE(told.body.starts_with(R"({"id":"cmpl-)"));
    EXPECT_EQ(told.field("x-evenkeel-provider"), "cloud");
    EXPECT_EQ(stage.upstream->requests[1].target, "/v1/chat/completions");
    const HttpRequest& sent = stage.upstream->requests[1];
    EXPECT_EQ(sent.body, R"({"messages":[{"role":"user","content":"Hi"}],"model":"gpt","max_tokens":5,"x_mine":1})");
}

TEST(Completions, StreamInTheShapeOfTextAndTellABreak) {
    GatewayStage stage;
    const std::string first =
        R"(data: {"id":"u","model":"gpt","choices":[{"index":0,"delta":{"role":"assistant","content":"Fi"},)"
        R"("finish_reason":null}]})"
        "\n\n";
    stage.upstream->then(
        HttpScript().bytes(first).bytes(R"(data: {"id":"u","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})"
                                        "\n\ndata: [DONE]\n\n"));
    const auto told = stage.ask("POST", std::string(path), R"({"prompt":"Hi","stream":true})");
    EXPECT_EQ(told.field("content-type"), "text/event-stream; charset=utf-8");
    EXPECT_NE(told.body.find(R"("choices":[{"text":"Fi","index":0,"logprobs":null,"finish_reason":null}])"),
              std::string::npos)
        << told.body;
    EXPECT_TRUE(told.body.ends_with("data: [DONE]\n\n"));
    stage.upstream->then(HttpScript().bytes(first).wait(Millis{5}).cut());
    const auto cut = stage.ask("POST", std::string(path), R"({"prompt":"Hi","stream":true})");
    EXPECT_NE(cut.body.find("data: {\"error\":{"), std::string::npos) << cut.body;
    EXPECT_EQ(cut.body.find("[DONE]"), std::string::npos);
}

TEST(Completions, RefuseByNameWhatChatCannotSay) {
    GatewayStage stage;
    for (const std::string field : {R"("echo":true)", R"("logprobs":0)", R"("best_of":2)", R"("n":2)",
                                    R"("suffix":"x")", R"("prompt":["a","b"])", R"("prompt":[1,2])", R"("prompt":7)"}) {
        const bool prompt = field.starts_with("\"prompt");
        const auto told =
            stage.ask("POST", std::string(path), prompt ? "{" + field + "}" : R"({"prompt":"Hi",)" + field + "}");
        EXPECT_EQ(told.status, 400) << field;
        EXPECT_NE(told.body.find("'" + field.substr(1, field.find('"', 1) - 1) + "'"), std::string::npos) << told.body;
    }
    EXPECT_EQ(stage.ask("POST", std::string(path), "{}").status, 400);
    EXPECT_EQ(stage.ask("POST", std::string(path), R"({"prompt":"Hi","model":"none"})").status, 404);
    EXPECT_EQ(stage.upstream->requests.size(), 1U) << "only the list of models";
}

}  // namespace
}  // namespace evenkeel
