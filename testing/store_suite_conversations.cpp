#include <gmock/gmock.h>

#include "testing/store_suite.hpp"

namespace evenkeel::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_P(StoreSuite, history_is_what_was_answered_before) {
    answered("q1", "a1");
    const Id cancelled = accept("q2");
    ASSERT_TRUE(desk().cancel("local", cancelled, now_));
    accept("q3");
    ASSERT_TRUE(queue().bury(claim(), JobState::refused, outage(), {}, "no", now_));
    answered("q4", "a4");
    answered("elsewhere", "x", "other");
    const auto now = queue().accept(said("q5"), ids_.next(), now_).value();
    accept("q6");
    const Turn q1{Role::user, "q1"}, a1{Role::assistant, "a1"}, q4{Role::user, "q4"}, a4{Role::assistant, "a4"};
    EXPECT_THAT(conversations().history("local", "c", now.sequence, 20).value(), ElementsAre(q1, a1, q4, a4));
    EXPECT_THAT(conversations().history("local", "c", now.sequence, 3).value(), ElementsAre(q4, a4)) << "whole turns";
    EXPECT_THAT(conversations().history("local", "c", 2, 20).value(), ElementsAre(q1, a1)) << "only what came before";
    EXPECT_THAT(conversations().history("local", "missing", 9, 20).value(), IsEmpty());
}

TEST_P(StoreSuite, a_partial_answer_is_never_part_of_the_context) {
    accept("q1");
    const Lease lease = claim();
    ASSERT_TRUE(queue().extend(lease, "half an ans", now_ + day));
    ASSERT_TRUE(desk().cancel("local", lease.id, now_));
    EXPECT_THAT(conversations().history("local", "c", 9, 20).value(), IsEmpty());
    EXPECT_EQ(desk().show("local", lease.id).value().partial, "half an ans");
}

TEST_P(StoreSuite, a_transcript_has_every_message_whatever_became_of_it) {
    answered("q1", "a1");
    ASSERT_TRUE(desk().cancel("local", accept("q2"), now_));
    accept("q3");
    std::vector<JobState> states;
    for (const JobView& view : conversations().transcript("local", "c").value()) states.push_back(view.state);
    EXPECT_THAT(states, ElementsAre(JobState::delivered, JobState::cancelled, JobState::queued));
}

TEST_P(StoreSuite, conversations_are_listed_latest_first) {
    answered("q1", "a1", "a");
    now_ += Millis{10};
    accept("q2", "b");
    now_ += Millis{10};
    accept("q3", "a");
    const auto listed = conversations().conversations("local", 9).value();
    ASSERT_EQ(listed.size(), 2u);
    EXPECT_EQ(listed[0].id, "a");
    EXPECT_EQ(listed[0].messages, 2);
    EXPECT_EQ(listed[0].open, 1);
    EXPECT_EQ(listed[0].first_at, now_ - Millis{20});
    EXPECT_EQ(listed[0].last_at, now_);
    EXPECT_EQ(listed[1].id, "b");
    EXPECT_EQ(conversations().conversations("local", 1).value().size(), 1u);
}

TEST_P(StoreSuite, private_stays_private) {
    Inbound secret = said("q1");
    secret.is_private = true;
    accept(secret);
    accept("q2");
    EXPECT_TRUE(claim().message.is_private);
    EXPECT_TRUE(conversations().conversations("local", 9).value()[0].is_private);
    ASSERT_TRUE(conversations().make_private("local", "new", now_));
    const Id id = accept("q3", "new");
    EXPECT_TRUE(queue().claim_one(id, {}, now_).value().value().message.is_private);
}

TEST_P(StoreSuite, a_message_that_waits_becomes_private_with_its_conversation) {
    accept("q1");
    ASSERT_TRUE(conversations().make_private("local", "c", now_));
    EXPECT_TRUE(claim().message.is_private);
}

TEST_P(StoreSuite, what_is_forgotten_is_gone_with_all_that_hangs_on_it) {
    Inbound message = said("q1", "a");
    message.idempotency_key = "key";
    const Id id = accept(message);
    ASSERT_TRUE(queue().complete(claim(), reply("a1"), now_));
    const Id waiting = accept("q2", "a");
    const Lease lease = claim();
    answered("kept", "yes", "b");
    ASSERT_TRUE(conversations().forget("local", "a"));
    EXPECT_TRUE(failed_with(desk().show("local", id), "not_found"));
    EXPECT_TRUE(failed_with(desk().show("local", waiting), "not_found"));
    EXPECT_TRUE(failed_with(queue().complete(lease, reply("late"), now_), "lease_lost"));
    EXPECT_TRUE(failed_with(conversations().transcript("local", "a"), "not_found"));
    EXPECT_TRUE(failed_with(conversations().forget("local", "a"), "not_found"));
    EXPECT_THAT(pending(), IsEmpty());
    EXPECT_EQ(conversations().transcript("local", "b").value().size(), 1u);
    const auto again = queue().accept(message, ids_.next(), now_).value();
    EXPECT_TRUE(again.duplicate) << "a key is used once, for ever";
    EXPECT_EQ(again.id, id);
    EXPECT_EQ(queue().accept(said("new", "a"), ids_.next(), now_).value().ahead, 0);
}

TEST_P(StoreSuite, retiring_removes_what_ended_long_ago_and_was_shown) {
    const Id shown = answered("shown", "1", "a");
    const Id unseen = answered("unseen", "2", "b", false);
    const Id open = accept("open", "c");
    now_ += day;
    const Id fresh = answered("fresh", "3", "a");
    EXPECT_EQ(conversations().retire(now_ - day).value(), 0u);
    EXPECT_EQ(conversations().retire(now_).value(), 1u);
    EXPECT_TRUE(failed_with(desk().show("local", shown), "not_found"));
    EXPECT_EQ(state_of(unseen), JobState::answered);
    EXPECT_EQ(state_of(open), JobState::queued);
    EXPECT_EQ(state_of(fresh), JobState::delivered);
}

TEST_P(StoreSuite, an_emptied_private_conversation_is_still_private) {
    Inbound secret = said("q1", "a");
    secret.is_private = true;
    const Id id = accept(secret);
    ASSERT_TRUE(queue().complete(claim(), reply("1"), now_));
    ASSERT_TRUE(outbox().shown(id, now_));
    answered("open", "2", "b");
    now_ += day;
    ASSERT_EQ(conversations().retire(now_).value(), 2u);
    ASSERT_EQ(conversations().conversations("local", 9).value().size(), 1u);
    accept("q2", "a");
    EXPECT_TRUE(claim().message.is_private);
}

}  // namespace
}  // namespace evenkeel::testing
