#include "daemon/weakened.hpp"

#include <gtest/gtest.h>

#include "resilience/route.hpp"
#include "testing/scripted_provider.hpp"
#include "testing/sim.hpp"

namespace evenkeel {
namespace {

struct Weakened : ::testing::Test {
    testing::Sim sim;
    std::shared_ptr<testing::ScriptedProvider> provider =
        std::make_shared<testing::ScriptedProvider>(sim.env(), "cloud");
    std::vector<LaneSpec> lanes{{.upstream = provider}};
    Call call;

    testing::Drained ask(std::vector<LaneSpec> through) {
        const auto route = make_route(sim.env(), std::move(through));
        const ChatRequest request = testing::question("whole?");
        call = {};
        return sim.run(testing::ask(*route, request, call));
    }
};

TEST_F(Weakened, without_nothing_the_lanes_stay_as_they_are) {
    weaken(lanes, RehearsalWithout::nothing);
    EXPECT_EQ(lanes[0].upstream, provider);
    EXPECT_TRUE(lanes[0].breaker.opens);
}

TEST_F(Weakened, without_the_queue_the_lanes_stay_as_they_are) {
    weaken(lanes, RehearsalWithout::queue);
    EXPECT_EQ(lanes[0].upstream, provider);
    EXPECT_TRUE(lanes[0].breaker.opens);
}

TEST_F(Weakened, without_the_breaker_a_dead_provider_is_asked_each_time) {
    provider->always(testing::failing(ErrorClass::account));
    const auto asks = [&] {
        const auto route = make_route(sim.env(), lanes);
        const ChatRequest request = testing::question("there?");
        for (int i = 0; i < 3; ++i) {
            call = {};
            EXPECT_TRUE(sim.run(testing::ask(*route, request, call)).error);
        }
        return provider->asked().size();
    };
    EXPECT_EQ(asks(), 1u);
    weaken(lanes, RehearsalWithout::breaker);
    EXPECT_EQ(asks(), 1u + 3u);
}

TEST_F(Weakened, without_the_judge_a_cut_passes_for_a_whole_answer) {
    provider->always(testing::cutting("one two three four", 2));
    EXPECT_TRUE(ask(lanes).error);
    weaken(lanes, RehearsalWithout::judge);
    const testing::Drained seen = ask(lanes);
    EXPECT_FALSE(seen.error);
    EXPECT_TRUE(seen.text.starts_with("one two"));
    EXPECT_FALSE(seen.text.contains("three"));
    EXPECT_EQ(seen.finish, FinishReason::stop);
}

TEST_F(Weakened, a_weakened_provider_still_says_who_it_is) {
    weaken(lanes, RehearsalWithout::judge);
    EXPECT_EQ(lanes[0].upstream->identity().name, "cloud");
    EXPECT_EQ(lanes[0].upstream->describe(), "cloud");
    provider->models_result = std::vector<std::string>{"m"};
    const auto models = sim.run(lanes[0].upstream->models(forever));
    ASSERT_TRUE(models);
    EXPECT_EQ(*models, std::vector<std::string>{"m"});
}

}  // namespace
}  // namespace evenkeel
