#include "frontends/http/gateway.hpp"

#include <gtest/gtest.h>

#include "testing/gateway_stage.hpp"

namespace evenkeel {
namespace {

using testing::GatewayStage;
using testing::Sim;

TEST(Gateway, RefusesUnknownRoutesInTheDialectOfTheirPrefix) {
    GatewayStage stage;
    const auto openai = stage.ask("GET", "/v1/nothing");
    EXPECT_EQ(openai.status, 404);
    EXPECT_EQ(openai.body,
              R"x({"error":{"message":"Invalid URL (GET /v1/nothing)","type":"invalid_request_error","param":null,)x"
              R"("code":"unknown_url"}})");
    EXPECT_EQ(stage.ask("GET", "/api/nothing").body, R"x({"error":"Invalid URL (GET /api/nothing)"})x");
    const auto other = stage.ask("DELETE", "/v1/models");
    EXPECT_EQ(other.status, 405);
    EXPECT_EQ(other.field("allow"), "GET");
    EXPECT_EQ(stage.ask("GET", "/v1/chat/completions").status, 405);
}

TEST(Gateway, GivesEachRequestAnIdOfItsOwnAndWritesItDown) {
    GatewayStage stage;
    const auto first = stage.ask("GET", "/v1/models"), second = stage.ask("GET", "/v1/x");
    EXPECT_TRUE(parse_id(first.field("x-request-id")));
    EXPECT_NE(first.field("x-request-id"), second.field("x-request-id"));
    ASSERT_EQ(stage.log.lines.size(), 2U);
    EXPECT_EQ(stage.log.lines[0].status, 200);
    EXPECT_EQ(stage.log.lines[1].status, 404);
    EXPECT_EQ(stage.log.lines[1].error, "unknown_url");
}

/// A gateway that asks for keys, and one key.
struct Guarded : ::testing::Test {
    Guarded() {
        KeyRecord key{.id = Id{{1}}, .name = "bot", .hash = access.hasher()("sk-evk-right")};
        access.put(std::move(key), {});
    }
    static HttpRequest with(HttpHeaders headers, std::string method = "GET", std::string target = "/v1/models") {
        return {.method = std::move(method), .target = std::move(target), .headers = std::move(headers)};
    }
    testing::Told ask(HttpRequest request) {
        return stage.run(GatewayStage::exchange(*stage.client, std::move(request)));
    }
    Sim clock;
    Access access{clock.env(), HashingKey{}};
    GatewayStage stage{Dialect::openai, {.access = &access}};
};

TEST_F(Guarded, LetsInWhoHasTheKey) {
    EXPECT_EQ(ask(with({{"Authorization", "Bearer sk-evk-right"}})).status, 200);
    EXPECT_EQ(ask(with({{"Authorization", "bearer  sk-evk-right"}})).status, 200);
    EXPECT_EQ(ask(with({{"x-api-key", "sk-evk-right"}})).status, 200);
}

TEST_F(Guarded, RefusesEverybodyElseAndAsksNobody) {
    for (const HttpHeaders& headers : {HttpHeaders{}, HttpHeaders{{"Authorization", "Bearer sk-evk-wrong"}},
                                       HttpHeaders{{"Authorization", "Basic sk-evk-right"}}}) {
        const auto told = ask(with(headers, "POST", "/v1/chat/completions"));
        EXPECT_EQ(told.status, 401);
        EXPECT_NE(told.body.find("invalid_api_key"), std::string::npos) << told.body;
        EXPECT_EQ(told.body.find("sk-evk-wrong"), std::string::npos) << "a key is never repeated";
    }
    EXPECT_EQ(stage.log.lines.back().error, "invalid_api_key");
    EXPECT_TRUE(stage.log.lines.back().attempts.empty());
}

TEST_F(Guarded, AsksForNoKeyToTellThatItIsAlive) { EXPECT_EQ(ask(with({}, "GET", "/healthz")).status, 200); }

TEST_F(Guarded, KeepsTheOperatorsRoutesFromUsualKeys) {
    for (const char* path : {"/metrics", "/v1/evenkeel/requests/0193c1d2"})
        EXPECT_EQ(ask(with({{"Authorization", "Bearer sk-evk-right"}}, "GET", path)).status, 403) << path;
}

TEST(Gateway, IsNotReachedByAPageOfAForeignSite) {
    GatewayStage stage;
    const auto told = stage.run(GatewayStage::exchange(
        *stage.client, {.method = "GET", .target = "/v1/models", .headers = {{"Origin", "https://evil.example"}}}));
    EXPECT_EQ(told.status, 403);
    EXPECT_NE(told.body.find("origin_not_allowed"), std::string::npos) << told.body;
}

}  // namespace
}  // namespace evenkeel
