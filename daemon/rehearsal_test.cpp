// The whole drill - engine, store, client, practice providers - on virtual time over the network's twin.
#include "daemon/rehearsal.hpp"

#include <gtest/gtest.h>

#include "testing/memory_network.hpp"
#include "testing/sim.hpp"

namespace evenkeel {
namespace {

struct Rehearsed {
    RehearsalRecord record;
    std::vector<std::string> broken;  ///< The promises that were, with their evidence.
};

Rehearsed play(RehearsalOptions options) {
    testing::Sim sim;
    testing::MemoryNetwork network(sim.env());
    options.make_store = make_inline_store;
    auto record = sim.run(rehearse(sim.env(), network, std::move(options)));
    if (!record) return {.record = {}, .broken = {describe(record.error())}};
    Rehearsed seen{.record = std::move(*record), .broken = {}};
    for (const PromiseVerdict& verdict : judge_rehearsal(seen.record))
        if (!verdict.kept) seen.broken.push_back(verdict.promise + ": " + verdict.evidence);
    return seen;
}

std::vector<std::string> broken_without(RehearsalWithout without) {
    return play({.quick = true, .without = without}).broken;
}

TEST(Rehearsal, the_quick_drill_keeps_every_promise_within_ten_seconds) {
    std::vector<std::string> scenes;
    RehearsalOptions options{.quick = true};
    options.on_scene = [&scenes](std::string_view scene, std::string_view) { scenes.emplace_back(scene); };
    const Rehearsed seen = play(std::move(options));
    EXPECT_EQ(seen.broken, std::vector<std::string>());
    EXPECT_EQ(scenes,
              (std::vector<std::string>{"all well", "503", "cut", "rate limit", "silence", "both down", "back again"}));
    ASSERT_FALSE(seen.record.scenes.empty());
    EXPECT_LT(seen.record.scenes.back().to, Seconds{10});
}

TEST(Rehearsal, the_long_drill_keeps_every_promise) {
    EXPECT_EQ(play({.quick = false}).broken, std::vector<std::string>());
}

TEST(Rehearsal, the_day_shows_what_it_claims_to_show) {
    const Rehearsed seen = play({.quick = true});
    const auto count = [&](auto what) { return std::ranges::count_if(seen.record.questions, what); };
    EXPECT_EQ(count([](const auto& q) { return q.receipted; }), 4);
    EXPECT_EQ(count([](const auto& q) { return q.restarted; }), 1);
    EXPECT_GE(count([](const auto& q) { return q.provider == "local"; }), 5);
    EXPECT_FALSE(seen.record.cloud.empty());
    EXPECT_FALSE(seen.record.local.empty());
}

TEST(Rehearsal, without_the_breaker_somebody_waits_for_a_silent_provider_again) {
    const auto broken = broken_without(RehearsalWithout::breaker);
    ASSERT_FALSE(broken.empty());
    EXPECT_TRUE(std::ranges::any_of(broken, [](const auto& b) { return b.contains("silent provider"); }));
}

TEST(Rehearsal, without_the_queue_questions_stay_unanswered) {
    const auto broken = broken_without(RehearsalWithout::queue);
    ASSERT_FALSE(broken.empty());
    EXPECT_TRUE(std::ranges::any_of(broken, [](const auto& b) { return b.contains("answered once"); }));
}

TEST(Rehearsal, without_the_judge_a_half_answer_passes_for_whole) {
    const auto broken = broken_without(RehearsalWithout::judge);
    ASSERT_FALSE(broken.empty());
    EXPECT_TRUE(std::ranges::any_of(broken, [](const auto& b) { return b.contains("half answer"); }));
}

}  // namespace
}  // namespace evenkeel
