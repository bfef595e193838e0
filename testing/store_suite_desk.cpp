#include <gmock/gmock.h>

#include "testing/store_suite.hpp"

namespace evenkeel::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_P(StoreSuite, a_cancelled_message_is_never_answered) {
    const Id waiting = accept("waits", "a"), working = accept("works", "b");
    accept("next", "a");
    const Lease lease = queue().claim_one(working, {}, now_).value().value();
    ASSERT_TRUE(desk().cancel("local", waiting, now_));
    ASSERT_TRUE(desk().cancel("local", working, now_));
    EXPECT_EQ(state_of(waiting), JobState::cancelled);
    EXPECT_TRUE(failed_with(queue().complete(lease, reply("late"), now_), "lease_lost"));
    EXPECT_THAT(claim_texts(9), ElementsAre("next"));
    EXPECT_THAT(pending(), IsEmpty());
    EXPECT_TRUE(failed_with(desk().cancel("local", waiting, now_), "already_ended"));
    EXPECT_TRUE(failed_with(desk().cancel("local", ids_.next(), now_), "not_found"));
}

TEST_P(StoreSuite, what_waited_too_long_expires_with_a_notice_once) {
    Inbound message = said("old", "a");
    message.ttl = Millis{1'000};
    const Id id = accept(message);
    accept("next", "a");
    EXPECT_EQ(desk().sweep(now_ + Millis{999}).value(), 0u);
    now_ += Millis{1'000};
    EXPECT_THAT(claim_texts(9), IsEmpty()) << "it is over even before the sweep";
    EXPECT_EQ(desk().sweep(now_).value(), 1u);
    EXPECT_EQ(desk().sweep(now_).value(), 0u);
    EXPECT_EQ(state_of(id), JobState::expired);
    ASSERT_EQ(pending().size(), 1u);
    EXPECT_EQ(pending()[0].kind, Delivery::Kind::expired);
    EXPECT_EQ(pending()[0].id, id);
    EXPECT_FALSE(pending()[0].text.empty());
    EXPECT_THAT(claim_texts(9), ElementsAre("next"));
}

TEST_P(StoreSuite, a_whole_conversation_can_expire_in_one_sweep) {
    for (int i = 0; i < 3; ++i) accept("old", "a");
    now_ += day;
    EXPECT_EQ(desk().sweep(now_).value(), 3u);
    EXPECT_EQ(pending().size(), 3u);
    const Id fresh = accept("fresh", "a");
    EXPECT_TRUE(queue().claim_one(fresh, {}, now_).value());
}

TEST_P(StoreSuite, work_in_progress_does_not_expire) {
    const Id id = accept("slow");
    ASSERT_TRUE(queue().extend(claim(), "", now_ + 2 * day));
    now_ += day;
    EXPECT_EQ(desk().sweep(now_).value(), 0u);
    EXPECT_EQ(state_of(id), JobState::working);
}

TEST_P(StoreSuite, work_whose_lease_ended_is_queued_again_without_counting_a_crash) {
    const Id id = accept("one");
    claim();
    EXPECT_EQ(desk().sweep(now_ + Millis{29'999}).value(), 0u);
    now_ += Millis{30'000};
    EXPECT_EQ(desk().sweep(now_).value(), 1u);
    const JobView view = desk().show("local", id).value();
    EXPECT_EQ(view.state, JobState::queued);
    EXPECT_EQ(view.attempts, 1);
    EXPECT_EQ(view.crashes, 0);
}

TEST_P(StoreSuite, retry_makes_waiting_work_due_and_revives_what_was_given_up) {
    const Id waiting = accept("waits", "a"), dead = accept("dead", "b");
    ASSERT_TRUE(queue().release(claim(), outage(), {}, now_ + day / 2, now_));
    ASSERT_TRUE(queue().bury(claim(), JobState::dead, outage(), {}, "given up", now_));
    now_ += Millis{10};
    ASSERT_TRUE(desk().retry("local", waiting, now_));
    ASSERT_TRUE(desk().retry("local", dead, now_));
    EXPECT_THAT(pending(), IsEmpty()) << "the notice is no longer true";
    const JobView view = desk().show("local", dead).value();
    EXPECT_EQ(view.state, JobState::queued);
    EXPECT_EQ(view.attempts, 0);
    EXPECT_EQ(view.expires_at, now_ + day);
    EXPECT_FALSE(view.ended_at);
    EXPECT_THAT(claim_texts(9), ElementsAre("waits", "dead"));
    EXPECT_EQ(engine_->figures().value().working, 2);
}

TEST_P(StoreSuite, retry_refuses_what_needs_no_retry) {
    const Id done = answered("asked", "told", "a"), working = accept("works", "b"), gone = accept("gone", "c");
    ASSERT_TRUE(queue().claim_one(working, {}, now_).value());
    ASSERT_TRUE(desk().cancel("local", gone, now_));
    EXPECT_TRUE(failed_with(desk().retry("local", done, now_), "already_ended"));
    EXPECT_TRUE(failed_with(desk().retry("local", gone, now_), "already_ended"));
    EXPECT_TRUE(failed_with(desk().retry("local", working, now_), "in_progress"));
    EXPECT_TRUE(failed_with(desk().retry("local", ids_.next(), now_), "not_found"));
}

TEST_P(StoreSuite, a_revived_elder_goes_before_who_waits_and_after_who_works) {
    const Id elder = accept("elder", "a");
    ASSERT_TRUE(queue().bury(claim(), JobState::dead, outage(), {}, "given up", now_));
    accept("younger", "a");
    ASSERT_TRUE(desk().retry("local", elder, now_));
    const Lease first = claim();
    EXPECT_EQ(first.id, elder);
    ASSERT_TRUE(queue().bury(first, JobState::dead, outage(), {}, "given up", now_));
    const Lease second = claim();
    EXPECT_EQ(second.message.text, "younger");
    ASSERT_TRUE(desk().retry("local", elder, now_));
    EXPECT_THAT(claim_texts(9), IsEmpty());
    ASSERT_TRUE(queue().complete(second, reply("1"), now_));
    EXPECT_THAT(claim_texts(9), ElementsAre("elder"));
}

TEST_P(StoreSuite, a_revived_poison_message_is_tried_afresh) {
    const Id id = accept("poison");
    for (int crash = 0; crash < 2; ++crash) {
        claim();
        reopen();
    }
    ASSERT_TRUE(desk().retry("local", id, now_));
    EXPECT_EQ(claim().id, id);
}

TEST_P(StoreSuite, a_recovery_makes_whoever_waits_out_a_back_off_due) {
    Inbound secret = said("mine", "diary");
    secret.is_private = true;
    const Id hidden = accept(secret), open = accept("ours", "garden");
    for (int i = 0; i < 2; ++i) {
        const Lease lease = claim();
        ASSERT_TRUE(queue().release(lease, Error{}, {}, now_ + Millis{60'000}, now_));
    }
    EXPECT_EQ(desk().hasten(false, now_), 1u);
    EXPECT_EQ(claim().id, open);
    EXPECT_EQ(desk().show("local", hidden)->run_at, now_ + Millis{60'000}) << "its lanes are others";
    EXPECT_EQ(desk().hasten(true, now_), 1u);
    EXPECT_EQ(claim().id, hidden);
    EXPECT_EQ(desk().hasten(true, now_), 0u);
}

TEST_P(StoreSuite, next_due_is_the_soonest_head) {
    EXPECT_FALSE(desk().next_due().value());
    accept("one", "a");
    accept("two", "b");
    ASSERT_TRUE(queue().release(claim(), outage(), {}, now_ + Millis{900}, now_));
    ASSERT_TRUE(queue().release(claim(), outage(), {}, now_ + Millis{300}, now_));
    EXPECT_EQ(desk().next_due().value(), now_ + Millis{300});
}

TEST_P(StoreSuite, messages_are_found_by_the_beginning_of_their_id) {
    const Id id = accept("one");
    sim_.scheduler.run_for(Seconds{100});
    const Id later = accept("two", "b");
    EXPECT_THAT(desk().find("local", *parse_id_prefix(to_string(id)), 9).value(), ElementsAre(id));
    EXPECT_THAT(desk().find("local", *parse_id_prefix(to_string(id).substr(0, 6)), 9).value(), ElementsAre(id, later));
    EXPECT_THAT(desk().find("local", *parse_id_prefix(to_string(id).substr(0, 6)), 1).value(), ElementsAre(id));
    EXPECT_THAT(desk().find("another", *parse_id_prefix(to_string(id)), 9).value(), IsEmpty());
}

TEST_P(StoreSuite, a_view_tells_the_place_in_the_line) {
    const Id first = accept("a1", "a", "anna"), second = accept("a2", "x", "anna"), third = accept("b1", "b", "bert");
    EXPECT_EQ(desk().show("local", first).value().position, 1);
    EXPECT_EQ(desk().show("local", third).value().position, 2);
    EXPECT_EQ(desk().show("local", second).value().position, 3);
    const auto listed = desk().list("local", true, 9).value();
    ASSERT_EQ(listed.size(), 3u);
    for (const JobView& view : listed) EXPECT_EQ(view.position, desk().show("local", view.id).value().position);
    claim();
    EXPECT_EQ(desk().show("local", first).value().position, 0);
    EXPECT_EQ(desk().show("local", third).value().position, 1);
}

TEST_P(StoreSuite, a_list_is_oldest_first_and_can_leave_out_what_ended) {
    answered("one", "1", "a");
    accept("two", "b");
    accept("three", "c");
    ASSERT_EQ(claim().message.text, "two");
    std::vector<std::string> all, open;
    for (const JobView& view : desk().list("local", false, 9).value()) all.push_back(view.message.text);
    for (const JobView& view : desk().list("local", true, 9).value()) open.push_back(view.message.text);
    EXPECT_THAT(all, ElementsAre("one", "two", "three"));
    EXPECT_THAT(open, ElementsAre("two", "three"));
    EXPECT_EQ(desk().list("local", true, 1).value().front().message.text, "two");
    EXPECT_EQ(desk().list("local", false, 1).value().front().message.text, "three");
}

TEST_P(StoreSuite, a_foreign_message_answers_exactly_like_a_missing_one) {
    const Id id = accept("secret", "a");
    const Id missing = ids_.next();
    const auto same = [&](const auto& foreign, const auto& none) {
        ASSERT_FALSE(foreign);
        ASSERT_FALSE(none);
        EXPECT_EQ(foreign.error().code, none.error().code);
        EXPECT_EQ(foreign.error().cls, none.error().cls);
        EXPECT_EQ(foreign.error().detail.size(), none.error().detail.size());
    };
    same(desk().show("another", id), desk().show("another", missing));
    same(desk().cancel("another", id, now_), desk().cancel("another", missing, now_));
    same(desk().retry("another", id, now_), desk().retry("another", missing, now_));
    same(conversations().transcript("another", "a"), conversations().transcript("another", "x"));
    same(conversations().forget("another", "a"), conversations().forget("another", "x"));
    EXPECT_THAT(conversations().history("another", "a", 9, 9).value(), IsEmpty());
    EXPECT_THAT(conversations().conversations("another", 9).value(), IsEmpty());
    EXPECT_THAT(desk().list("another", false, 9).value(), IsEmpty());
    EXPECT_EQ(state_of(id), JobState::queued);
}

}  // namespace
}  // namespace evenkeel::testing
