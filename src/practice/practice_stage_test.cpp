#include "practice/practice_stage.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/json.hpp"
#include "net/url.hpp"
#include "testing/practice_client.hpp"

namespace evenkeel::practice {
namespace {

TEST(PracticeStage, steers_both_over_a_port_that_outlives_their_outage) {
    testing::Sim sim;
    testing::MemoryNetwork network(sim.env());
    PracticeStage stage(sim.env(), network, {.control_port = 4'700});
    ASSERT_TRUE(stage.start());
    auto control = make_http_client(sim.env(), network, Endpoint{.host = "127.0.0.1", .port = 4'700});
    auto local = make_http_client(sim.env(), network, Endpoint{.host = "127.0.0.1", .port = stage.local().port()});
    EXPECT_EQ(ask(sim, *control, post("/practice/fault", R"({"behaviour":"refuse"})")).status, 200);
    EXPECT_EQ(ask(sim, *local, {.target = "/"}).status, 0);
    EXPECT_EQ(ask(sim, *control, post("/practice/fault", R"({"behaviour":"healthy"})")).status, 200);
    EXPECT_EQ(ask(sim, *local, {.target = "/"}).text(), "Ollama is running");
    EXPECT_EQ(ask(sim, *control, {.target = "/"}).status, 404);
}

TEST(PracticeStage, describes_where_everything_is) {
    testing::Sim sim;
    testing::MemoryNetwork network(sim.env());
    PracticeStage stage(sim.env(), network, {.control_port = 4'700});
    ASSERT_TRUE(stage.start());
    JsonDoc doc;
    const auto root = doc.parse(stage.describe());
    ASSERT_TRUE(root);
    EXPECT_EQ((*root)["cloud"].string(), stage.cloud().base_url());
    EXPECT_EQ((*root)["local"].string(), stage.local().base_url());
    EXPECT_EQ((*root)["control"].string(), "http://127.0.0.1:4700/practice/");
    EXPECT_TRUE(stage.cloud().base_url().ends_with("/api/v1"));
}

}  // namespace
}  // namespace evenkeel::practice
