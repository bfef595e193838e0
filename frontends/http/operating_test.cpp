#include <gtest/gtest.h>

#include "frontends/http/operator_desk.hpp"
#include "testing/gateway_stage.hpp"

namespace evenkeel {
namespace {

using testing::GatewayStage;

struct ScriptedOperatorDesk final : OperatorDesk {
    Task<Readiness> readiness() override { co_return Readiness{ready, R"({"ready":false})"}; }
    Task<Result<std::string>> metrics() override {
        if (ready) co_return std::string("evenkeel_degraded_total 1\n");
        co_return own_fault(ErrorClass::storage, "the disk is full", "disk_full");
    }
    Result<std::string> explain(std::string_view id) override {
        if (id == "0193c1d2") return std::string(R"({"id":"0193c1d2"})");
        return caller_fault("no such request", "not_found");
    }
    bool ready = true;
};

struct Operating : ::testing::Test {
    ScriptedOperatorDesk desk;
    GatewayStage stage{Dialect::openai, {.operator_desk = &desk}};
};

TEST_F(Operating, IsAliveAlsoWhileItIsNotReady) {
    desk.ready = false;
    EXPECT_EQ(stage.ask("GET", "/healthz").status, 200);
    const auto told = stage.ask("GET", "/readyz");
    EXPECT_EQ(told.status, 503);
    EXPECT_EQ(told.body, R"({"ready":false})");
    desk.ready = true;
    EXPECT_EQ(stage.ask("GET", "/readyz").status, 200);
}

TEST_F(Operating, GivesMetricsAsTextAndItsTroubleAsAnError) {
    const auto told = stage.ask("GET", "/metrics");
    EXPECT_EQ(told.field("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_EQ(told.body, "evenkeel_degraded_total 1\n");
    desk.ready = false;
    EXPECT_GE(stage.ask("GET", "/metrics").status, 500);
}

TEST_F(Operating, ExplainsARequest) {
    EXPECT_EQ(stage.ask("GET", "/v1/evenkeel/requests/0193c1d2").body, R"({"id":"0193c1d2"})");
    EXPECT_EQ(stage.ask("GET", "/v1/evenkeel/requests/0193c1d3").status, 404);
    EXPECT_EQ(stage.ask("GET", "/v1/evenkeel/requests/").status, 404);
}

TEST_F(Operating, SaysSoWhereNobodyOperates) {
    GatewayStage plain;
    for (const char* path : {"/readyz", "/metrics", "/v1/evenkeel/requests/0193c1d2"})
        EXPECT_EQ(plain.ask("GET", path).status, 404) << path;
}

}  // namespace
}  // namespace evenkeel
