#include "daemon/operator_room.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/sqlite_engine.hpp"
#include "testing/sim.hpp"

namespace evenkeel {
namespace {

using ::testing::HasSubstr;

struct TwoLanes final : RouteHealth {
    explicit TwoLanes(Scheduler& scheduler) : change(scheduler) {}
    Instant next_try_at(bool) const override { return forever; }
    Event& changed() override { return change; }
    std::vector<LaneView> lanes() const override {
        return {{.name = "cloud", .phase = "open", .calls = 9, .failures = 4, .probes = 2},
                {.name = "local", .phase = "closed"}};
    }
    Event change;
};

struct OperatorRoomTest : ::testing::Test {
    testing::Sim sim;
    std::unique_ptr<AsyncStore> store =
        make_inline_store(sim.scheduler, *open_sqlite({.file = ":memory:"}, sim.env().wall()));
    TwoLanes health{sim.scheduler};
    OperatorRoom room{sim.env(), *store, health, LogSettings{}};
};

TEST_F(OperatorRoomTest, is_ready_while_questions_can_be_kept_whatever_the_providers_do) {
    const auto readiness = sim.run(room.readiness());
    EXPECT_TRUE(readiness.ready);
    EXPECT_EQ(readiness.json,
              R"({"ready":true,"providers":[{"name":"cloud","phase":"open"},{"name":"local","phase":"closed"}]})");
}

TEST_F(OperatorRoomTest, shows_the_queue_and_the_providers_in_a_scrape) {
    Inbound message;
    message.conversation = "c";
    message.text = "canary";
    const auto accepted = sim.run(store->run([&](StoreEngine& engine) {
        return engine.queue().accept(message, *parse_id("0193c1d2-7f3a-7abc-8def-0123456789ab"), sim.env().wall());
    }));
    ASSERT_TRUE(accepted);
    sim.scheduler.run_for(Seconds{5});
    const auto text = sim.run(room.metrics());
    ASSERT_TRUE(text);
    EXPECT_THAT(*text, HasSubstr("evenkeel_provider_up{provider=\"cloud\"} 0"));
    EXPECT_THAT(*text, HasSubstr("evenkeel_provider_up{provider=\"local\"} 1"));
    EXPECT_THAT(*text, HasSubstr("evenkeel_provider_failures_total{provider=\"cloud\"} 4"));
    EXPECT_THAT(*text, HasSubstr("evenkeel_queue_messages{state=\"queued\"} 1"));
    EXPECT_THAT(*text, HasSubstr("evenkeel_queue_oldest_seconds 5"));
    EXPECT_THAT(*text, ::testing::Not(HasSubstr("canary")));
}

}  // namespace
}  // namespace evenkeel
