#include <gtest/gtest.h>

#include "testing/gateway_stage.hpp"

namespace evenkeel {
namespace {

using testing::GatewayStage;

TEST(OllamaService, SaysThatItIsThere) {
    GatewayStage stage;
    const auto told = stage.ask("GET", "/");
    EXPECT_EQ(told.status, 200);
    EXPECT_EQ(told.body, "Ollama is running");
    EXPECT_EQ(told.field("content-type"), "text/plain; charset=utf-8");
    const auto head = stage.ask("HEAD", "/");
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.body, "");
    EXPECT_EQ(stage.ask("GET", "/api/version").body, R"({"version":"0.17.4"})");
}

TEST(OllamaService, RefusesAdministrationInWords) {
    GatewayStage stage;
    const std::pair<std::string, std::string> routes[] = {{"POST", "/api/pull"},     {"POST", "/api/push"},
                                                          {"POST", "/api/create"},   {"POST", "/api/copy"},
                                                          {"DELETE", "/api/delete"}, {"POST", "/api/blobs/sha256:0"}};
    for (const auto& [method, path] : routes) {
        const auto told = stage.ask(method, path, "{}");
        EXPECT_EQ(told.status, 403) << path;
        EXPECT_TRUE(told.body.starts_with(R"({"error":"Evenkeel does not proxy the administration of models)"));
    }
    EXPECT_EQ(stage.ask("HEAD", "/api/blobs/sha256:0").status, 403);
    EXPECT_EQ(stage.upstream->requests.size(), 1U) << "only the list of models";
}

}  // namespace
}  // namespace evenkeel
