#include <gtest/gtest.h>

#include "testing/gateway_stage.hpp"

namespace evenkeel {
namespace {

using testing::GatewayStage;
using testing::replying;

constexpr std::string_view answer =
    R"({"id":"x","object":"chat.completion","model":"gpt-real","choices":[{"index":0,"message":)"
    R"({"role":"assistant","content":"Fine."},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,)"
    R"("completion_tokens":2}, "odd" : 1})";

TEST(ChatCompletions, HandsBodyAndAnswerOnUntouched) {
    GatewayStage stage;
    stage.upstream->then(replying(200, std::string(answer)));
    const auto told = stage.ask("POST", "/v1/chat/completions",
                                R"({"messages":[{"role":"user","content":"Hi"}],"model":"a/b", "x_mine":[1e400]})");
    EXPECT_EQ(told.status, 200);
    EXPECT_EQ(told.body, answer);
    EXPECT_EQ(told.field("x-evenkeel-provider"), "cloud");
    EXPECT_EQ(told.field("x-evenkeel-model"), "gpt-real");
    EXPECT_EQ(told.field("x-evenkeel-attempts"), "1");
    EXPECT_EQ(told.field("x-evenkeel-degraded"), "");
    ASSERT_EQ(stage.upstream->requests.size(), 2U);
    const HttpRequest& sent = stage.upstream->requests[1];
    EXPECT_EQ(sent.target, "/v1/chat/completions");
    EXPECT_EQ(sent.body, R"({"messages":[{"role":"user","content":"Hi"}],"model":"a/b", "x_mine":[1e400]})");
    ASSERT_EQ(stage.log.lines.size(), 1U);
    EXPECT_EQ(stage.log.lines[0].model_asked, "a/b");
    EXPECT_EQ(stage.log.lines[0].provider, "cloud");
}

TEST(ChatCompletions, PutsInTheProvidersModelWhereNoneIsNamed) {
    GatewayStage stage;
    stage.upstream->then(replying(200, std::string(answer)));
    (void)stage.ask("POST", "/v1/chat/completions", R"({"model":"evenkeel","messages":[]})");
    EXPECT_EQ(stage.upstream->requests[1].body, R"({"model":"gpt","messages":[]})");
}

TEST(ChatCompletions, SaysWhatIsWrongWithoutAskingAnybody) {
    GatewayStage stage;
    const auto broken = stage.ask("POST", "/v1/chat/completions", "{");
    EXPECT_EQ(broken.status, 400);
    EXPECT_NE(broken.body.find("line 1, column 2"), std::string::npos);
    const auto unknown = stage.ask("POST", "/v1/chat/completions", R"({"model":"none","messages":[]})");
    EXPECT_EQ(unknown.status, 404);
    EXPECT_EQ(stage.upstream->requests.size(), 1U) << "only the list of models";
}

TEST(ChatCompletions, ToldByAnOllamaLaneInTheCallersDialect) {
    GatewayStage stage(Dialect::ollama);
    stage.upstream->then(replying(200,
                                  R"({"model":"llama","message":{"role":"assistant","content":"Fine."},"done":true,)"
                                  R"("done_reason":"stop","prompt_eval_count":3,"eval_count":4})"));
    const auto told =
        stage.ask("POST", "/v1/chat/completions", R"({"messages":[{"role":"user","content":"Hi"}],"max_tokens":5})");
    EXPECT_EQ(told.status, 200);
    EXPECT_NE(told.body.find(R"("content":"Fine.")"), std::string::npos) << told.body;
    EXPECT_NE(told.body.find(R"("total_tokens":7)"), std::string::npos) << told.body;
    EXPECT_NE(stage.upstream->requests[1].body.find(R"("num_predict":5)"), std::string::npos);
}

}  // namespace
}  // namespace evenkeel
