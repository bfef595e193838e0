#include "frontends/http/ollama_models.hpp"

#include <gtest/gtest.h>

#include "core/json.hpp"
#include "testing/gateway_stage.hpp"

namespace evenkeel {
namespace {

using testing::GatewayStage;

TEST(OllamaModels, ListsTheCloudsModelsAsModels) {
    GatewayStage stage(Dialect::openai, {.aliases = {{"gpt-4", "a/b"}}});
    const auto told = stage.ask("GET", "/api/tags");
    EXPECT_EQ(told.status, 200);
    JsonDoc document;
    const auto root = document.parse(told.body);
    ASSERT_TRUE(root) << told.body;
    std::vector<std::string> names, digests;
    for (const Json& model : (*root)["models"].elements()) {
        names.emplace_back(model["name"].string_or(""));
        EXPECT_EQ(model["model"].string(), model["name"].string());
        digests.emplace_back(model["digest"].string_or(""));
        EXPECT_EQ(digests.back().size(), 64U);
        EXPECT_GT(model["size"].integer_or(0), 0);
        EXPECT_TRUE(model["details"].is_object());
    }
    EXPECT_EQ(names, (std::vector<std::string>{"evenkeel", "gpt-4", "a/b", "gpt"}));
    EXPECT_NE(digests[0], digests[1]);
    EXPECT_EQ(stage.ask("HEAD", "/api/tags").status, 200);
}

TEST(OllamaModels, ShowsOneByEitherOfItsNames) {
    GatewayStage stage;
    for (const char* body : {R"({"model":"gpt"})", R"({"model":"gpt:latest"})", R"({"name":"gpt"})"}) {
        const auto told = stage.ask("POST", "/api/show", body);
        EXPECT_EQ(told.status, 200) << body;
        EXPECT_NE(told.body.find(R"("evenkeel.context_length":128000)"), std::string::npos) << told.body;
        EXPECT_NE(told.body.find(R"("capabilities":["completion","tools"])"), std::string::npos);
    }
    const auto missing = stage.ask("POST", "/api/show", R"({"model":"none"})");
    EXPECT_EQ(missing.status, 404);
    EXPECT_EQ(missing.body, R"({"error":"model 'none' not found"})");
    EXPECT_EQ(stage.ask("POST", "/api/show", "{}").body, R"({"error":"model is required"})");
    EXPECT_EQ(stage.ask("POST", "/api/show", "").status, 400);
}

TEST(OllamaModels, TakesNamesWithAndWithoutTheLatestTag) {
    GatewayStage cloud;
    const ModelDirectory& models = cloud.gateway->models();
    EXPECT_EQ(choose_ollama_model(models, "gpt:latest")->model, "gpt");
    EXPECT_EQ(choose_ollama_model(models, "gpt")->model, "gpt");
    EXPECT_EQ(choose_ollama_model(models, "evenkeel:latest")->model, "");
    EXPECT_EQ(choose_ollama_model(models, "cloud/x:latest")->only, "cloud");
    EXPECT_EQ(choose_ollama_model(models, "none:latest").error().cls, ErrorClass::model_gone);
}

TEST(OllamaModels, HasNoneInItsOwnMemory) {
    GatewayStage stage;
    EXPECT_EQ(stage.ask("GET", "/api/ps").body, R"({"models":[]})");
}

}  // namespace
}  // namespace evenkeel
