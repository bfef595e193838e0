#include "frontends/http/model_directory.hpp"

#include <gtest/gtest.h>

#include "testing/scripted_provider.hpp"
#include "testing/sim.hpp"

namespace evenkeel {
namespace {

struct ModelDirectoryTest : ::testing::Test, testing::Sim {
    std::shared_ptr<testing::ScriptedProvider> cloud = std::make_shared<testing::ScriptedProvider>(env(), "cloud");
    std::shared_ptr<testing::ScriptedProvider> local =
        std::make_shared<testing::ScriptedProvider>(env(), "local", true);
    std::string choose(const ModelDirectory& models, std::string_view asked) {
        const auto choice = models.choose(asked);
        return choice ? choice->model + "@" + choice->only : choice.error().code;
    }
};

TEST_F(ModelDirectoryTest, KnowsWhatEachNameMeans) {
    cloud->models_result = std::vector<std::string>{"gpt", "local/odd", "cloud-model"};
    ModelDirectory models(env(), {cloud, local}, {{"nice", "gpt"}, {"near", "local/"}, {"new", "not-listed-yet"}});
    scheduler.settle();
    EXPECT_EQ(choose(models, ""), "@");
    EXPECT_EQ(choose(models, "evenkeel"), "@");
    EXPECT_EQ(choose(models, "gpt"), "gpt@");
    EXPECT_EQ(choose(models, "local/odd"), "local/odd@") << "an exact name goes before a prefix";
    EXPECT_EQ(choose(models, "nice"), "gpt@");
    EXPECT_EQ(choose(models, "near"), "@local");
    EXPECT_EQ(choose(models, "new"), "not-listed-yet@");
    EXPECT_EQ(choose(models, "local/llama:8b"), "llama:8b@local");
    EXPECT_EQ(choose(models, "cloud/a/b"), "a/b@cloud");
    EXPECT_EQ(choose(models, "local-model"), "local-model@local");
    EXPECT_EQ(choose(models, "nobody's"), "model_not_found");
}

TEST_F(ModelDirectoryTest, TakesAnyNameWhileTheListIsUnknownAndKeepsTheListInAnOutage) {
    cloud->models_result = provider_fault(ErrorClass::transient, Scope::provider, "down");
    ModelDirectory models(env(), {cloud, local}, {});
    scheduler.settle();
    EXPECT_EQ(choose(models, "whatever"), "whatever@");
    cloud->models_result = std::vector<std::string>{"gpt"};
    scheduler.run_for(Seconds{16});
    EXPECT_EQ(choose(models, "whatever"), "model_not_found");
    cloud->models_result = provider_fault(ErrorClass::transient, Scope::provider, "down");
    scheduler.run_for(Seconds{1'000});
    EXPECT_EQ(choose(models, "gpt"), "gpt@");
    EXPECT_EQ(choose(models, "whatever"), "model_not_found");
    EXPECT_GT(cloud->models_asked, 5U);
}

}  // namespace
}  // namespace evenkeel
