#include "frontends/http/relay.hpp"

#include <gtest/gtest.h>

#include "testing/gateway_stage.hpp"

namespace evenkeel {
namespace {

using testing::GatewayStage;
using testing::HttpScript;
using testing::replying;
using testing::Told;

constexpr std::string_view path = "/v1/chat/completions";
const std::string streaming = R"({"stream":true,"messages":[]})";
const std::string streaming_with_usage = R"({"stream":true,"messages":[],"stream_options":{"include_usage":true}})";

std::string chunk(const std::string& delta, const std::string& finish = "null") {
    return R"(data: {"id":"up-1","choices":[{"index":0,"delta":)" + delta + R"(,"finish_reason":)" + finish + "}]}\n\n";
}
const std::string hello = chunk(R"({"role":"assistant","content":"Hel"})");
const std::string rest = chunk(R"({"content":"lo"})");
const std::string finish = chunk("{}", R"("stop")");
const std::string usage = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\n\n";
const std::string done = "data: [DONE]\n\n";

TEST(Relay, HandsAStreamOnAsItComes) {
    GatewayStage stage;
    stage.upstream->then(HttpScript().bytes(hello).wait(Millis{5}).bytes(rest + finish + usage + done));
    const Told told = stage.ask("POST", std::string(path), streaming_with_usage);
    EXPECT_EQ(told.status, 200);
    EXPECT_EQ(told.field("content-type"), "text/event-stream; charset=utf-8");
    EXPECT_EQ(told.body, hello + rest + finish + usage + done);
    EXPECT_FALSE(told.cut);
}

TEST(Relay, KeepsTheUsageFromThoseWhoDidNotAskButSumsIt) {
    GatewayStage stage;
    stage.upstream->then(HttpScript().bytes(hello + rest + finish).wait(Millis{5}).bytes(usage).bytes(done));
    EXPECT_EQ(stage.ask("POST", std::string(path), streaming).body, hello + rest + finish + done);
    ASSERT_EQ(stage.log.lines.size(), 1U);
    EXPECT_EQ(stage.log.lines[0].attempts[0].usage->output, 2);
}

TEST(Relay, GivesAWholeStreamTheMarkThatItsServerForgot) {
    GatewayStage stage;
    stage.upstream->then(HttpScript().bytes(hello + finish));
    EXPECT_EQ(stage.ask("POST", std::string(path), streaming).body, hello + finish + done);
}

TEST(Relay, TellsAnErrorBeforeTheFirstWordByItsStatus) {
    GatewayStage stage;
    stage.upstream->then(replying(500, "oops"));
    const Told told = stage.ask("POST", std::string(path), streaming);
    EXPECT_EQ(told.status, 503);
    EXPECT_EQ(told.field("retry-after"), "5");
    EXPECT_EQ(told.field("x-should-retry"), "true");
    EXPECT_NE(told.body.find("all_providers_unavailable"), std::string::npos);
}

TEST(Relay, TellsABreakInTheStreamAndNeverCallsItWhole) {
    GatewayStage stage;
    stage.upstream->then(HttpScript().bytes(hello + "data: {\"choi").wait(Millis{5}).cut());
    const Told told = stage.ask("POST", std::string(path), streaming);
    EXPECT_EQ(told.status, 200);
    EXPECT_TRUE(told.body.starts_with(hello + "data: {\"error\":{")) << told.body;
    EXPECT_TRUE(told.body.ends_with("}}\n\n"));
    EXPECT_EQ(told.body.find("[DONE]"), std::string::npos);
    EXPECT_FALSE(told.cut) << "the body itself ends in good order";
    EXPECT_EQ(stage.log.lines[0].attempts[0].outcome, Attempt::Outcome::cut);
}

TEST(Relay, CancelsUpstreamWhenTheCallerLeaves) {
    GatewayStage stage;
    stage.upstream->then(HttpScript().bytes(hello).wait(Millis{600'000}).bytes(rest));
    auto leave = [](GatewayStage& at) -> Task<bool> {
        auto asked = co_await at.client->send(
            HttpRequest{.method = "POST", .target = std::string(path), .headers = {}, .body = streaming, .pieces = {}});
        const auto first = co_await (*asked)->read();
        co_return first.has_value();
    };
    EXPECT_TRUE(stage.run(leave(stage)));
    stage.scheduler.run_for(Millis{50});
    EXPECT_EQ(stage.upstream->replies_open, 0U);
    ASSERT_EQ(stage.log.lines.size(), 1U);
    EXPECT_EQ(stage.log.lines[0].attempts[0].outcome, Attempt::Outcome::cancelled);
}

TEST(Relay, CancelsUpstreamWhenTheCallerLeavesBeforeTheFirstWord) {
    GatewayStage stage;
    stage.upstream->then(HttpScript().wait(Millis{600'000}).bytes(rest));
    auto leave = [](GatewayStage& at) -> Task<bool> {
        auto asked = co_await until(
            at.scheduler, at.env().now() + Millis{100},
            at.client->send(HttpRequest{
                .method = "POST", .target = std::string(path), .headers = {}, .body = streaming, .pieces = {}}));
        co_return asked.has_value();
    };
    EXPECT_FALSE(stage.run(leave(stage)));
    stage.scheduler.run_for(Millis{50});
    EXPECT_EQ(stage.upstream->replies_open, 0U);
    ASSERT_EQ(stage.log.lines.size(), 1U);
    EXPECT_EQ(stage.log.lines[0].status, 0);
}

TEST(Relay, TellsALocalModelsToolCallInTheCallersDialect) {
    GatewayStage stage(Dialect::ollama);
    stage.upstream->then(
        HttpScript()
            .bytes(R"({"message":{"content":"","tool_calls":[{"function":{"name":"f","arguments":{"a":1}}}]}})"
                   "\n")
            .bytes("{\"message\":{\"content\":\"\"},\"done\":true,\"done_reason\":\"stop\",\"eval_count\":1}\n"));
    const Told told = stage.ask("POST", std::string(path), streaming);
    EXPECT_NE(told.body.find(R"("arguments":"{\"a\":1}")"), std::string::npos) << told.body;
    EXPECT_NE(told.body.find(R"("finish_reason":"tool_calls")"), std::string::npos) << told.body;
    EXPECT_TRUE(told.body.ends_with(done));
    EXPECT_EQ(told.body.find("\"usage\""), std::string::npos);
}

}  // namespace
}  // namespace evenkeel
