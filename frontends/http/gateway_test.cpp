#include "frontends/http/gateway.hpp"

#include <gtest/gtest.h>

#include "testing/gateway_stage.hpp"

namespace evenkeel {
namespace {

using testing::GatewayStage;

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

}  // namespace
}  // namespace evenkeel
