#include "daemon/practice_mode.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "daemon/route_builder.hpp"
#include "resilience/route.hpp"
#include "testing/memory_network.hpp"
#include "testing/scripted_provider.hpp"
#include "testing/sim.hpp"

namespace evenkeel {
namespace {

struct PracticeModeTest : ::testing::Test {
    testing::Sim sim;
    testing::MemoryNetwork network{sim.env()};
    std::unique_ptr<PracticeMode> mode = std::move(*PracticeMode::start(sim.env(), network, {}));

    /// Who answers one question on a route made of the practice settings; "" where nobody does.
    std::string who_answers() {
        const auto route = make_route(sim.env(), make_lanes(sim.env(), network, mode->settings()));
        const ChatRequest request = testing::question("who?");
        Call call;
        const testing::Drained seen = sim.run(testing::ask(*route, request, call));
        return seen.error ? "" : call.attempts.back().provider;
    }
};

TEST_F(PracticeModeTest, its_settings_name_a_cloud_first_and_a_local_model_behind_it) {
    const auto& providers = mode->settings().providers;
    ASSERT_EQ(providers.size(), 2u);
    EXPECT_EQ(providers[0].name, "cloud");
    EXPECT_EQ(providers[0].kind, "openai");
    EXPECT_EQ(providers[0].left_out, "");
    EXPECT_FALSE(providers[0].local) << "a private conversation must not go to what stands for the cloud";
    EXPECT_GT(providers[0].price_output.value_or(0), 0);
    EXPECT_EQ(providers[1].name, "local");
    EXPECT_TRUE(providers[1].is_ollama());
    EXPECT_TRUE(providers[1].local);
    EXPECT_EQ(providers[1].price_output, 0.0);
}

TEST_F(PracticeModeTest, the_patience_is_as_asked) {
    mode = std::move(*PracticeMode::start(
        sim.env(), network, {.first_content = Millis{123}, .idle = Millis{456}, .token_pace = Millis{7}}));
    for (const ProviderSettings& provider : mode->settings().providers) {
        EXPECT_EQ(provider.first_content_timeout, Millis{123});
        EXPECT_EQ(provider.idle_timeout, Millis{456});
    }
    EXPECT_EQ(mode->stage().cloud().options().pace, Millis{7});
    EXPECT_EQ(mode->stage().local().options().pace, Millis{7});
}

TEST_F(PracticeModeTest, its_data_go_with_it) {
    const std::filesystem::path directory = mode->settings().storage.dir;
    EXPECT_TRUE(std::filesystem::is_directory(directory));
    mode.reset();
    EXPECT_FALSE(std::filesystem::exists(directory));
}

TEST_F(PracticeModeTest, an_outage_takes_a_provider_away_and_gives_it_back) {
    EXPECT_EQ(who_answers(), "cloud");
    EXPECT_TRUE(mode->outage("cloud on").contains("is down now"));
    sim.scheduler.settle();
    EXPECT_EQ(who_answers(), "local");
    EXPECT_TRUE(mode->outage("local on").contains("is down now"));
    sim.scheduler.settle();
    EXPECT_EQ(who_answers(), "");
    EXPECT_TRUE(mode->outage("cloud   off").contains("is up again"));
    sim.scheduler.settle();
    EXPECT_EQ(who_answers(), "cloud");
}

TEST_F(PracticeModeTest, other_words_are_explained_and_change_nothing) {
    for (const char* words : {"", "cloud", "cloud maybe", "moon on", "on cloud"})
        EXPECT_TRUE(mode->outage(words).contains("Write /outage cloud on")) << words;
    EXPECT_EQ(who_answers(), "cloud");
}

}  // namespace
}  // namespace evenkeel
