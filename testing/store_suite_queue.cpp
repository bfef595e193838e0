#include <gmock/gmock.h>

#include "testing/store_suite.hpp"

namespace evenkeel::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_P(StoreSuite, a_receipt_tells_place_and_line) {
    const auto first = queue().accept(said("one", "a"), ids_.next(), now_).value();
    const auto second = queue().accept(said("two", "a"), ids_.next(), now_).value();
    const auto other = queue().accept(said("three", "b"), ids_.next(), now_).value();
    EXPECT_EQ(first.sequence, 1);
    EXPECT_EQ(first.ahead, 0);
    EXPECT_EQ(second.sequence, 2);
    EXPECT_EQ(second.ahead, 1);
    EXPECT_EQ(other.sequence, 1);
    EXPECT_EQ(other.ahead, 2);
    EXPECT_FALSE(first.duplicate);
}

TEST_P(StoreSuite, a_message_that_cannot_be_kept_is_refused) {
    Inbound no_time = said("text");
    no_time.ttl = Millis{0};
    Inbound long_key = said("text");
    long_key.idempotency_key.assign(256, 'k');
    for (const Inbound& bad : {said(""), said(" \n"), said(std::string((256 << 10) + 1, 'x')), said("\xff\xfe"),
                               said("text", ""), said("text", std::string(129, 'c')), no_time, long_key}) {
        const auto accepted = queue().accept(bad, ids_.next(), now_);
        ASSERT_FALSE(accepted);
        EXPECT_EQ(accepted.error().cls, ErrorClass::request) << describe(accepted.error());
    }
    accept(std::string(256 << 10, 'x'), std::string(128, 'c'));
}

TEST_P(StoreSuite, text_comes_back_byte_for_byte) {
    Inbound message = said(std::string("a\0b", 3) + "\xF0\x9F\x9A\xA2\n", "Ünï", "Ødegård");
    message.idempotency_key = "key";
    message.model = "m7";
    message.frontend = "web";
    message.ttl = Millis{60'000};
    const Id id = accept(message);
    const Lease lease = claim();
    EXPECT_EQ(lease.id, id);
    EXPECT_EQ(lease.message.text, message.text);
    EXPECT_EQ(lease.message.conversation, message.conversation);
    EXPECT_EQ(lease.message.user, message.user);
    EXPECT_EQ(lease.message.model, "m7");
    EXPECT_EQ(lease.message.frontend, "web");
    EXPECT_EQ(lease.message.idempotency_key, "key");
    EXPECT_EQ(lease.message.ttl, Millis{60'000});
    EXPECT_EQ(lease.accepted_at, now_);
    EXPECT_EQ(lease.expires_at, now_ + Millis{60'000});
}

TEST_P(StoreSuite, the_same_key_and_text_give_the_first_message_again) {
    Inbound message = said("once");
    message.idempotency_key = "key";
    const Id id = accept(message);
    const auto again = queue().accept(message, ids_.next(), now_).value();
    EXPECT_TRUE(again.duplicate);
    EXPECT_EQ(again.id, id);
    EXPECT_EQ(again.sequence, 1);
    ASSERT_TRUE(queue().complete(claim(), reply("told"), now_));
    ASSERT_TRUE(outbox().shown(id, now_));
    reopen();
    EXPECT_EQ(queue().accept(message, ids_.next(), now_).value().state, JobState::delivered);
    EXPECT_THAT(claim_texts(9), IsEmpty());
}

TEST_P(StoreSuite, a_key_used_for_another_text_is_a_conflict_and_only_for_its_principal) {
    Inbound message = said("once");
    message.idempotency_key = "key";
    accept(message);
    message.text = "twice";
    const auto other_text = queue().accept(message, ids_.next(), now_);
    EXPECT_TRUE(failed_with(other_text, "conflict"));
    EXPECT_EQ(other_text.error().cls, ErrorClass::request);
    message.principal = "another";
    EXPECT_FALSE(queue().accept(message, ids_.next(), now_).value().duplicate);
}

TEST_P(StoreSuite, a_full_queue_refuses_newcomers_and_takes_them_again_when_one_ended) {
    Id last;
    for (int i = 0; i < max_pending; ++i) last = accept("text", std::to_string(i));
    const auto refused = queue().accept(said("one more", "x"), ids_.next(), now_);
    ASSERT_TRUE(failed_with(refused, "queue_full"));
    EXPECT_EQ(refused.error().cls, ErrorClass::overload);
    reopen();
    EXPECT_TRUE(failed_with(queue().accept(said("one more", "x"), ids_.next(), now_), "queue_full"));
    ASSERT_TRUE(desk().cancel("local", last, now_));
    EXPECT_TRUE(queue().accept(said("one more", "x"), ids_.next(), now_));
}

TEST_P(StoreSuite, a_conversation_is_answered_in_order_one_at_a_time) {
    accept("one", "a");
    accept("two", "a");
    accept("three", "a");
    const Lease first = claim();
    EXPECT_EQ(first.message.text, "one");
    EXPECT_THAT(claim_texts(9), IsEmpty());
    ASSERT_TRUE(queue().complete(first, reply("1"), now_));
    EXPECT_THAT(claim_texts(9), ElementsAre("two"));
}

TEST_P(StoreSuite, a_stuck_head_blocks_only_its_own_conversation) {
    accept("stuck", "a");
    accept("behind", "a");
    accept("free", "b");
    ASSERT_TRUE(queue().release(claim(), outage(), {}, now_ + Millis{60'000}, now_));
    EXPECT_THAT(claim_texts(9), ElementsAre("free"));
    now_ += Millis{60'000};
    EXPECT_THAT(claim_texts(9), ElementsAre("stuck"));
}

TEST_P(StoreSuite, users_are_served_in_turn_and_each_of_them_oldest_first) {
    for (const char* text : {"a1", "a2", "a3"}) accept(text, text, "anna");
    for (const char* text : {"b1", "b2"}) accept(text, text, "bert");
    accept("c1", "c1", "cora");
    EXPECT_THAT(claim_texts(9), ElementsAre("a1", "b1", "c1", "a2", "b2", "a3"));
}

TEST_P(StoreSuite, a_newcomer_is_served_before_the_rest_of_a_long_line) {
    for (int i = 0; i < 10; ++i) accept("anna" + std::to_string(i), std::to_string(i), "anna");
    EXPECT_THAT(claim_texts(4), ElementsAre("anna0", "anna1", "anna2", "anna3"));
    accept("bert", "b", "bert");
    EXPECT_THAT(claim_texts(2), ElementsAre("bert", "anna4"));
    // The same holds after a restart.
    reopen();
    accept("cora", "c", "cora");
    const auto texts = claim_texts(2);
    EXPECT_THAT(texts, ::testing::Contains("cora"));
}

TEST_P(StoreSuite, one_message_can_be_claimed_by_id_when_it_is_its_turn) {
    const Id first = accept("one", "a"), second = accept("two", "a");
    EXPECT_FALSE(queue().claim_one(second, {}, now_).value());
    const auto lease = queue().claim_one(first, {}, now_).value();
    ASSERT_TRUE(lease);
    EXPECT_FALSE(queue().claim_one(first, {}, now_).value()) << "it is leased already";
    EXPECT_FALSE(queue().claim_one(ids_.next(), {}, now_).value());
    ASSERT_TRUE(queue().complete(*lease, reply("1"), now_));
    EXPECT_TRUE(queue().claim_one(second, {}, now_).value());
}

TEST_P(StoreSuite, a_stale_lease_changes_nothing) {
    const Id id = accept("one");
    const Lease old = claim();
    now_ += Millis{30'000};
    ASSERT_EQ(desk().sweep(now_).value(), 1u);
    const Lease fresh = claim();
    EXPECT_GT(fresh.epoch, old.epoch);
    EXPECT_EQ(fresh.attempts, 1);
    const auto refuse_all = [&](const Lease& stale) {
        EXPECT_TRUE(failed_with(queue().extend(stale, "text", now_), "lease_lost"));
        EXPECT_TRUE(failed_with(queue().complete(stale, reply("stale"), now_), "lease_lost"));
        EXPECT_TRUE(failed_with(queue().release(stale, outage(), {}, now_, now_), "lease_lost"));
        EXPECT_TRUE(failed_with(queue().bury(stale, JobState::dead, outage(), {}, "no", now_), "lease_lost"));
    };
    refuse_all(old);
    ASSERT_TRUE(queue().complete(fresh, reply("fresh"), now_));
    refuse_all(fresh);
    EXPECT_EQ(desk().show("local", id).value().answer.value().text, "fresh");
    EXPECT_EQ(pending().size(), 1u);
}

TEST_P(StoreSuite, a_lease_of_an_earlier_process_is_void) {
    accept("one");
    const Lease old = claim();
    reopen();
    const Lease fresh = claim();
    EXPECT_EQ(fresh.id, old.id);
    EXPECT_EQ(fresh.crashes, 1);
    EXPECT_TRUE(failed_with(queue().complete(old, reply("late"), now_), "lease_lost"));
    Lease forged = fresh;
    forged.generation = old.generation;
    EXPECT_TRUE(failed_with(queue().complete(forged, reply("late"), now_), "lease_lost"));
    EXPECT_TRUE(queue().complete(fresh, reply("whole"), now_));
}

TEST_P(StoreSuite, a_heartbeat_keeps_the_lease_and_the_partial_text) {
    const Id id = accept("one");
    const Lease lease = claim();
    ASSERT_TRUE(queue().extend(lease, "so far", now_ + Millis{60'000}));
    ASSERT_TRUE(queue().extend(lease, "", now_ + Millis{60'000}));
    EXPECT_EQ(desk().sweep(now_ + Millis{59'999}).value(), 0u);
    EXPECT_EQ(desk().show("local", id).value().partial, "so far");
    now_ += Millis{60'000};
    EXPECT_EQ(desk().sweep(now_).value(), 1u);
    EXPECT_EQ(desk().show("local", id).value().partial, "so far") << "kept, marked as partial";
    ASSERT_TRUE(queue().complete(claim(), reply("whole"), now_));
    EXPECT_EQ(desk().show("local", id).value().partial, "");
}

TEST_P(StoreSuite, release_keeps_tries_reason_and_partial_and_waits_until_due) {
    const Id id = accept("one");
    const std::vector<Attempt> tries{attempt("cloud", Attempt::Outcome::failed),
                                     attempt("local", Attempt::Outcome::failed)};
    ASSERT_TRUE(queue().release(claim(), outage(), tries, now_ + Millis{500}, now_));
    const JobView view = desk().show("local", id).value();
    EXPECT_EQ(view.state, JobState::queued);
    EXPECT_EQ(view.attempts, 1);
    EXPECT_EQ(view.crashes, 0);
    EXPECT_EQ(view.run_at, now_ + Millis{500});
    EXPECT_THAT(view.reason, ::testing::HasSubstr("cloud is busy"));
    EXPECT_THAT(claim_texts(1), IsEmpty());
    EXPECT_EQ(desk().next_due().value(), now_ + Millis{500});
    now_ += Millis{500};
    EXPECT_EQ(claim().attempts, 1);
}

TEST_P(StoreSuite, an_answer_is_kept_with_all_its_figures_once) {
    const Id id = accept("one");
    Answer answer = reply("two");
    answer.finish = FinishReason::length;
    answer.degraded = true;
    answer.cost_usd.reset();
    answer.turns_left_out = 3;
    answer.attempts.insert(answer.attempts.begin(), attempt("cloud", Attempt::Outcome::cut));
    const Lease lease = claim();
    ASSERT_TRUE(queue().complete(lease, answer, now_));
    EXPECT_TRUE(failed_with(queue().complete(lease, answer, now_), "lease_lost"));
    const JobView view = desk().show("local", id).value();
    EXPECT_EQ(view.state, JobState::answered);
    EXPECT_EQ(view.ended_at, now_);
    const Answer& kept = view.answer.value();
    EXPECT_EQ(kept.text, "two");
    EXPECT_EQ(kept.finish, FinishReason::length);
    EXPECT_TRUE(kept.degraded);
    EXPECT_FALSE(kept.cost_usd);
    EXPECT_EQ(kept.turns_left_out, 3u);
    EXPECT_EQ(kept.first_token, Millis{300});
    ASSERT_EQ(kept.attempts.size(), 2u);
    EXPECT_EQ(kept.attempts[0].outcome, Attempt::Outcome::cut);
    EXPECT_EQ(kept.attempts[0].error.value().http_status, 503);
    EXPECT_FALSE(kept.attempts[0].usage);
    EXPECT_EQ(kept.attempts[1].usage.value().output, 5);
    EXPECT_EQ(kept.attempts[1].cost_usd, 0.25);
}

TEST_P(StoreSuite, what_is_buried_tells_its_asker_and_frees_its_conversation) {
    const Id refused = accept("bad", "a"), dead = accept("worse", "b");
    accept("next", "a");
    ASSERT_TRUE(queue().bury(claim(), JobState::refused, outage(), {}, "It was refused.", now_));
    ASSERT_TRUE(queue().bury(queue().claim_one(dead, {}, now_).value().value(), JobState::dead, outage(), {},
                             "It was given up.", now_));
    EXPECT_EQ(state_of(refused), JobState::refused);
    EXPECT_EQ(state_of(dead), JobState::dead);
    const auto notices = pending();
    ASSERT_EQ(notices.size(), 2u);
    EXPECT_EQ(notices[0].kind, Delivery::Kind::refused);
    EXPECT_EQ(notices[0].text, "It was refused.");
    EXPECT_EQ(notices[0].question, "bad");
    EXPECT_EQ(notices[1].kind, Delivery::Kind::dead);
    EXPECT_THAT(claim_texts(9), ElementsAre("next"));
}

TEST_P(StoreSuite, nothing_is_buried_as_answered) {
    accept("one");
    EXPECT_FALSE(queue().bury(claim(), JobState::answered, outage(), {}, "", now_));
}

TEST_P(StoreSuite, a_message_that_crashes_us_works_alone_and_is_given_up_at_the_third_crash) {
    const Id poison = accept("poison", "a");
    accept("innocent", "b");
    for (int crash = 1; crash <= 2; ++crash) {
        ASSERT_TRUE(queue().claim_one(poison, {}, now_).value());
        reopen();
    }
    EXPECT_EQ(desk().show("local", poison).value().crashes, 2);
    EXPECT_FALSE(queue().claim_one(poison, {}, now_).value()) << "not without being asked for";
    const auto innocent = queue().claim({.jobs_max = 9}, now_).value();
    ASSERT_EQ(innocent.size(), 1u);
    EXPECT_EQ(innocent[0].message.text, "innocent");
    EXPECT_THAT(queue().claim({.suspects = true}, now_).value(), IsEmpty()) << "not beside another";
    EXPECT_FALSE(queue().claim_one(poison, {.suspects = true}, now_).value());
    ASSERT_TRUE(queue().complete(innocent[0], reply("fine"), now_));
    ASSERT_TRUE(outbox().shown(innocent[0].id, now_));
    EXPECT_EQ(claim(true).id, poison);
    reopen();
    const JobView view = desk().show("local", poison).value();
    EXPECT_EQ(view.state, JobState::dead);
    EXPECT_EQ(view.crashes, 3);
    EXPECT_FALSE(view.reason.empty());
    ASSERT_EQ(pending().size(), 1u);
    EXPECT_EQ(pending()[0].kind, Delivery::Kind::dead);
}

}  // namespace
}  // namespace evenkeel::testing
