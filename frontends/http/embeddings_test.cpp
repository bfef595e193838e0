#include "llm/embeddings.hpp"

#include <gtest/gtest.h>

#include "testing/gateway_stage.hpp"

namespace evenkeel {
namespace {

using testing::GatewayStage;
using testing::replying;

const std::string vectors = R"({"model":"vec","data":[{"index":0,"embedding":[1,2]}],"usage":{"prompt_tokens":4}})";

TEST(EmbeddingsRoute, AnswersInOpenAisShape) {
    GatewayStage stage;
    stage.upstream->then(replying(200, vectors));
    const auto told = stage.ask("POST", "/v1/embeddings", R"({"model":"vec","input":"a"})");
    EXPECT_EQ(told.status, 200);
    EXPECT_EQ(told.body,
              R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[1,2]}],"model":"vec",)"
              R"("usage":{"prompt_tokens":4,"total_tokens":4}})");
    EXPECT_EQ(told.field("x-evenkeel-provider"), "cloud");
    EXPECT_EQ(stage.log.lines.at(0).model_asked, "vec");
    EXPECT_EQ(stage.log.lines.at(0).provider, "cloud");
}

TEST(EmbeddingsRoute, AnswersInBothShapesOfOllama) {
    GatewayStage stage;
    stage.upstream->then(replying(200, vectors)).then(replying(200, vectors));
    const auto told = stage.ask("POST", "/api/embed", R"({"model":"vec:latest","input":["a"]})");
    EXPECT_TRUE(told.body.starts_with(R"({"model":"vec","embeddings":[[1,2]],"total_duration":)")) << told.body;
    EXPECT_TRUE(told.body.ends_with(R"("prompt_eval_count":4})"));
    EXPECT_EQ(stage.ask("POST", "/api/embeddings", R"({"model":"vec","prompt":"a"})").body, R"({"embedding":[1,2]})");
    EXPECT_NE(stage.ask("POST", "/api/embed", R"({"model":"vec","input":[]})").body.find(R"("embeddings":[])"),
              std::string::npos);
    EXPECT_EQ(stage.upstream->requests.size(), 3U) << "nobody is asked for nothing";
}

TEST(EmbeddingsRoute, DemandsAModelAndTellsWhatIsWrong) {
    GatewayStage stage;
    EXPECT_EQ(stage.ask("POST", "/v1/embeddings", R"({"input":"a"})").status, 400);
    EXPECT_EQ(stage.ask("POST", "/v1/embeddings", R"({"model":"evenkeel","input":"a"})").status, 400);
    EXPECT_EQ(stage.ask("POST", "/v1/embeddings", R"({"model":"vec"})").status, 400);
    EXPECT_EQ(stage.upstream->requests.size(), 1U) << "only the list of models";
    stage.upstream->then(replying(500, "oops"));
    const auto down = stage.ask("POST", "/api/embed", R"({"model":"vec","input":"a"})");
    EXPECT_EQ(down.status, 503);
    EXPECT_TRUE(down.body.starts_with(R"({"error":"No provider could answer)")) << down.body;
    EXPECT_EQ(down.field("x-evenkeel-provider"), "");
}

/// A second provider behind the first, asked straight through the gateway.
struct TwoProviders : GatewayStage {
    TwoProviders() {
        auto sender = std::make_unique<testing::ScriptedHttp>(env());
        second_upstream = sender.get();
        second = make_ollama_provider(env(), {.name = "local", .model = "llama", .local = true}, std::move(sender));
        gateway = std::make_unique<Gateway>(env(), *provider, std::vector<std::shared_ptr<Upstream>>{provider, second},
                                            GatewayOptions{.origins = {.listen = {place.host}}}, &log);
        scheduler.settle();
    }
    testing::ScriptedHttp* second_upstream = nullptr;
    std::shared_ptr<Upstream> second;
};

TEST(EmbeddingsRoute, OnlyTheSameModelElsewhereStandsIn) {
    TwoProviders stage;
    stage.upstream->then(replying(503, "busy")).then(replying(503, "busy")).then(replying(400, R"({"error":"no"})"));
    stage.second_upstream->then(replying(200, R"({"model":"vec:latest","embeddings":[[1,2]]})"));
    const auto same = stage.ask("POST", "/v1/embeddings", R"({"model":"vec","input":"a"})");
    EXPECT_EQ(same.status, 200) << same.body;
    EXPECT_EQ(same.field("x-evenkeel-provider"), "local");
    EXPECT_EQ(same.field("x-evenkeel-degraded"), "true");
    EXPECT_EQ(same.field("x-evenkeel-attempts"), "2");
    stage.second_upstream->then(replying(200, R"({"model":"other","embeddings":[[1,2]]})"));
    const auto other = stage.ask("POST", "/v1/embeddings", R"({"model":"vec","input":"a"})");
    EXPECT_EQ(other.status, 503) << other.body;
    EXPECT_NE(other.body.find("all_providers_unavailable"), std::string::npos);
    EXPECT_EQ(stage.ask("POST", "/v1/embeddings", R"({"model":"vec","input":"a"})").status, 400);
    EXPECT_EQ(stage.second_upstream->requests.size(), 2U) << "what is wrong with a question is wrong everywhere";
}

}  // namespace
}  // namespace evenkeel
