#include <gtest/gtest.h>

#include "testing/gateway_stage.hpp"

namespace evenkeel {
namespace {

using testing::GatewayStage;

TEST(Models, ListsWhatCanBeAskedFor) {
    GatewayStage stage(Dialect::openai, {.aliases = {{"gpt-4", "a/b"}}});
    const auto told = stage.ask("GET", "/v1/models");
    EXPECT_EQ(told.status, 200);
    EXPECT_EQ(told.body,
              R"({"object":"list","data":[{"id":"evenkeel","object":"model","created":0,"owned_by":"evenkeel"},)"
              R"({"id":"gpt-4","object":"model","created":0,"owned_by":"evenkeel"},)"
              R"({"id":"a/b","object":"model","created":0,"owned_by":"cloud"},)"
              R"({"id":"gpt","object":"model","created":0,"owned_by":"cloud"}]})");
}

TEST(Models, ShowsOneAlsoWithASlashInItsName) {
    GatewayStage stage;
    EXPECT_EQ(stage.ask("GET", "/v1/models/a/b").body,
              R"({"id":"a/b","object":"model","created":0,"owned_by":"cloud"})");
    const auto missing = stage.ask("GET", "/v1/models/none");
    EXPECT_EQ(missing.status, 404);
    EXPECT_NE(missing.body.find("model_not_found"), std::string::npos);
}

}  // namespace
}  // namespace evenkeel
