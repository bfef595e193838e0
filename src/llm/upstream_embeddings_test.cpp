#include <gtest/gtest.h>

#include "testing/upstream_stage.hpp"

namespace evenkeel {
namespace {

using testing::HttpScript;
using testing::replying;
using testing::UpstreamStage;

EmbedRequest question(Dialect dialect = Dialect::openai) {
    return *parse_embed_request(dialect, R"({"model":"vec","input":"a text that is secret enough"})");
}

TEST(UpstreamEmbeddings, AskAndKeepTheRecordOfTheTry) {
    UpstreamStage stage;
    stage.http->then(replying(200, R"({"model":"vec-v2","data":[{"embedding":[1]}],"usage":{"prompt_tokens":4}})"));
    const EmbedRequest request = question();
    const auto answer = stage.run(stage.provider->embed(request, stage.call));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->vectors[0], "[1]");
    EXPECT_EQ(stage.http->requests[0].target, "/api/v1/embeddings");
    EXPECT_EQ(stage.attempt().outcome, Attempt::Outcome::answered);
    EXPECT_EQ(stage.attempt().model, "vec-v2");
    EXPECT_EQ(stage.attempt().usage->input, 4);
}

TEST(UpstreamEmbeddings, OllamasAreAskedInItsOwnWay) {
    UpstreamStage stage(UpstreamStage::Dialect::ollama);
    stage.http->then(replying(200, R"({"model":"vec","embeddings":[[1]]})"));
    const EmbedRequest request = question();
    EXPECT_TRUE(stage.run(stage.provider->embed(request, stage.call)));
    EXPECT_EQ(stage.http->requests[0].target, "/api/embed");
}

TEST(UpstreamEmbeddings, TellWhatFailedWithoutTheTextOrTheKey) {
    UpstreamStage stage;
    stage.http->then(replying(429, std::string(R"({"error":{"message":"slow down, a text that is secret enough )") +
                                       std::string(UpstreamStage::key) + R"("}})")
                         .header("retry-after", "7"));
    const EmbedRequest request = question();
    const auto refused = stage.run(stage.provider->embed(request, stage.call));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().cls, ErrorClass::overload);
    EXPECT_EQ(refused.error().retry_after, Millis{7'000});
    EXPECT_EQ(refused.error().detail.find("secret"), std::string::npos) << refused.error().detail;
    EXPECT_EQ(refused.error().detail.find("sk-nano"), std::string::npos);
    EXPECT_EQ(stage.attempt().outcome, Attempt::Outcome::failed);
    for (auto script : {replying(200, "<html>"), HttpScript().bytes(R"({"da)").cut()}) {
        stage.http->then(std::move(script));
        EXPECT_FALSE(stage.run(stage.provider->embed(request, stage.call)));
    }
}

TEST(UpstreamEmbeddings, TakeAServerWithoutTheRouteForOneWithoutTheModel) {
    UpstreamStage stage;
    stage.http->then(replying(404, "404 page not found"));
    const EmbedRequest request = question();
    EXPECT_EQ(stage.run(stage.provider->embed(request, stage.call)).error().cls, ErrorClass::model_gone);
}

TEST(UpstreamEmbeddings, WaitNoLongerThanTheCall) {
    UpstreamStage stage;
    stage.http->then(HttpScript().hang());
    stage.call.deadline = stage.env().now() + Millis{500};
    const EmbedRequest request = question();
    const auto late = stage.run(stage.provider->embed(request, stage.call));
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().cls, ErrorClass::silent);
}

}  // namespace
}  // namespace evenkeel
