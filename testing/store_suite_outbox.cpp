#include <gmock/gmock.h>

#include "testing/store_suite.hpp"

namespace evenkeel::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_P(StoreSuite, a_late_answer_waits_for_its_surface_until_it_was_shown) {
    const WallTime asked = now_;
    const Id id = accept("q1");
    now_ += Millis{5'000};
    ASSERT_TRUE(queue().complete(claim(), reply("a1"), now_));
    for (int start = 0; start < 2; ++start) {
        const auto waiting = pending();
        ASSERT_EQ(waiting.size(), 1u);
        EXPECT_EQ(waiting[0].id, id);
        EXPECT_EQ(waiting[0].kind, Delivery::Kind::answer);
        EXPECT_EQ(waiting[0].question, "q1");
        EXPECT_EQ(waiting[0].text, "a1");
        EXPECT_EQ(waiting[0].answer.value().provider, "cloud");
        EXPECT_EQ(waiting[0].asked_at, asked);
        EXPECT_EQ(waiting[0].ended_at, now_);
        reopen();
    }
    ASSERT_TRUE(outbox().shown(id, now_));
    ASSERT_TRUE(outbox().shown(id, now_)) << "repeating it changes nothing";
    EXPECT_EQ(state_of(id), JobState::delivered);
    EXPECT_THAT(pending(), IsEmpty());
    EXPECT_TRUE(failed_with(outbox().shown(ids_.next(), now_), "not_found"));
}

TEST_P(StoreSuite, an_answer_seen_live_is_not_delivered_again) {
    const Id id = answered("q1", "a1", "c", true);
    EXPECT_EQ(state_of(id), JobState::delivered);
    EXPECT_THAT(pending(), IsEmpty());
}

TEST_P(StoreSuite, a_notice_that_was_shown_leaves_its_state_alone) {
    const Id id = accept("q1");
    ASSERT_TRUE(queue().bury(claim(), JobState::dead, outage(), {}, "given up", now_));
    ASSERT_TRUE(outbox().shown(id, now_));
    EXPECT_EQ(state_of(id), JobState::dead);
    EXPECT_THAT(pending(), IsEmpty());
}

TEST_P(StoreSuite, deliveries_are_kept_apart_by_surface_principal_and_conversation) {
    answered("q1", "1", "a", false);
    answered("q2", "2", "b", false);
    Inbound web = said("q3", "a");
    web.frontend = "web";
    accept(web);
    ASSERT_TRUE(queue().complete(claim(), reply("3"), now_));
    EXPECT_EQ(pending().size(), 2u);
    EXPECT_EQ(pending("b").size(), 1u);
    EXPECT_EQ(outbox().pending("web", "local", "", 9).value().size(), 1u);
    EXPECT_THAT(outbox().pending("terminal", "another", "", 9).value(), IsEmpty());
    EXPECT_EQ(outbox().pending("terminal", "local", "", 1).value().at(0).question, "q1") << "oldest first";
}

TEST_P(StoreSuite, an_answer_takes_the_place_of_a_notice_that_was_shown) {
    const Id id = accept("q1");
    now_ += day;
    ASSERT_EQ(desk().sweep(now_).value(), 1u);
    ASSERT_TRUE(outbox().shown(id, now_));
    ASSERT_TRUE(desk().retry("local", id, now_));
    ASSERT_TRUE(queue().complete(claim(), reply("after all"), now_));
    ASSERT_EQ(pending().size(), 1u);
    EXPECT_EQ(pending()[0].text, "after all");
}

TEST_P(StoreSuite, the_ledger_counts_each_try_once) {
    accept("q1");
    Answer answer = reply("a1");
    answer.attempts = {attempt("cloud", Attempt::Outcome::failed), attempt("local", Attempt::Outcome::answered)};
    answer.attempts[1].cost_usd.reset();
    answer.attempts[1].usage->estimated = true;
    const Lease lease = claim();
    ASSERT_TRUE(queue().complete(lease, answer, now_));
    EXPECT_FALSE(queue().complete(lease, answer, now_));
    accept("q2");
    const std::vector<Attempt> tries{attempt("cloud", Attempt::Outcome::failed),
                                     attempt("local", Attempt::Outcome::skipped)};
    ASSERT_TRUE(queue().release(claim(), outage(), tries, now_, now_));
    ASSERT_TRUE(outbox().record_tries(std::vector{attempt("cloud", Attempt::Outcome::answered)}, now_));
    reopen();
    const auto lines = outbox().spending(now_).value();
    ASSERT_EQ(lines.size(), 2u);
    EXPECT_EQ(lines[0].day, "2026-01-01");
    EXPECT_EQ(lines[0].provider, "cloud");
    EXPECT_EQ(lines[0].tries, 3);
    EXPECT_EQ(lines[0].answers, 1);
    EXPECT_EQ(lines[0].output_tokens, 5);
    EXPECT_DOUBLE_EQ(lines[0].cost_usd, 0.25);
    EXPECT_EQ(lines[0].cost_unknown, 0);
    EXPECT_EQ(lines[1].provider, "local");
    EXPECT_EQ(lines[1].tries, 1) << "one that was skipped is no try";
    EXPECT_TRUE(lines[1].estimated);
    EXPECT_EQ(lines[1].cost_unknown, 1);
    EXPECT_THAT(outbox().spending(now_ + day).value(), IsEmpty());
}

TEST_P(StoreSuite, the_ledger_outlives_what_is_forgotten) {
    answered("q1", "a1");
    ASSERT_TRUE(conversations().forget("local", "c"));
    EXPECT_EQ(outbox().spending(now_).value().at(0).answers, 1);
}

TEST_P(StoreSuite, small_things_are_remembered_until_they_are_emptied) {
    EXPECT_EQ(outbox().recall("a").value(), "");
    ASSERT_TRUE(outbox().remember("a", "1"));
    ASSERT_TRUE(outbox().remember("a", "2"));
    ASSERT_TRUE(outbox().remember("b", "3"));
    EXPECT_EQ(outbox().recall("a").value(), "2");
    ASSERT_TRUE(outbox().remember("a", ""));
    EXPECT_EQ(outbox().recall("a").value(), "");
    EXPECT_EQ(outbox().recall("b").value(), "3");
}

}  // namespace
}  // namespace evenkeel::testing
