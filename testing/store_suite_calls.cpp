#include <gmock/gmock.h>

#include "testing/store_suite.hpp"

namespace evenkeel::testing {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

Inbound call(std::string principal = "key1") {
    return Inbound{.frontend = std::string(pulled),
                   .principal = std::move(principal),
                   .conversation = "call1",
                   .text = "Hello?",
                   .model = "m7",
                   .body = std::string("{\"messages\":[\0]}", 17),
                   .dialect = "openai",
                   .provider = "cloud",
                   .record = "{\"surface\":\"responses\"}",
                   .fingerprint = "f1"};
}

Answer with_tools(Answer answer) {
    answer.tool_calls = R"([{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}])";
    answer.reasoning = std::string("hm\0m", 4);
    answer.pieces = "r4c3";
    return answer;
}

TEST_P(StoreSuite, a_call_is_kept_as_it_came) {
    const Id id = accept(call());
    reopen();
    const Lease lease = claim();
    EXPECT_EQ(lease.message.body, call().body);
    EXPECT_EQ(lease.message.dialect, "openai");
    EXPECT_EQ(lease.message.provider, "cloud");
    EXPECT_EQ(lease.message.record, call().record);
    EXPECT_EQ(lease.message.fingerprint, "f1");
    EXPECT_EQ(lease.message.model, "m7");
    const CallRecord kept = desk().call("key1", id).value();
    EXPECT_EQ(kept.body, call().body);
    EXPECT_EQ(kept.dialect, "openai");
    EXPECT_EQ(kept.record, call().record);
    const JobView view = desk().show("key1", id).value();
    EXPECT_EQ(view.message.dialect, "openai");
    EXPECT_EQ(view.message.fingerprint, "f1");
    EXPECT_THAT(view.message.body, IsEmpty()) << "a list of ten thousand must not hold their bodies";
}

TEST_P(StoreSuite, a_plain_turn_is_no_call) {
    const Id id = accept("one");
    EXPECT_TRUE(failed_with(desk().call("local", id), "not_found"));
    EXPECT_THAT(claim().message.body, IsEmpty());
}

TEST_P(StoreSuite, tool_calls_reasoning_and_pieces_are_kept_with_the_answer) {
    const Id id = accept(call());
    ASSERT_TRUE(queue().complete(claim(), with_tools(reply("")), now_));
    reopen();
    const Answer kept = desk().show("key1", id).value().answer.value();
    EXPECT_EQ(kept.text, "");
    EXPECT_EQ(kept.tool_calls, with_tools({}).tool_calls);
    EXPECT_EQ(kept.reasoning, with_tools({}).reasoning);
    EXPECT_EQ(kept.pieces, "r4c3");
    EXPECT_THAT(engine_->check().value(), IsEmpty());
}

TEST_P(StoreSuite, one_key_with_two_bodies_is_a_conflict_also_when_the_lines_for_people_are_the_same) {
    Inbound first = call();
    first.idempotency_key = "once";
    const Id id = accept(first);
    EXPECT_EQ(queue().accept(first, ids_.next(), now_).value().id, id);
    Inbound other = first;
    other.fingerprint = "f2";
    EXPECT_TRUE(failed_with(queue().accept(other, ids_.next(), now_), "conflict"));
    other.fingerprint = "";
    EXPECT_TRUE(failed_with(queue().accept(other, ids_.next(), now_), "conflict"));
    ASSERT_TRUE(queue().complete(claim(), reply("told"), now_));
    ASSERT_TRUE(conversations().remove("key1", id));
    const Accepted spent = queue().accept(first, ids_.next(), now_).value();
    EXPECT_TRUE(spent.duplicate);
    EXPECT_EQ(spent.id, id);
    other.fingerprint = "f2";
    EXPECT_TRUE(failed_with(queue().accept(other, ids_.next(), now_), "conflict")) << "a key is used once, for ever";
}

TEST_P(StoreSuite, a_principal_sees_its_own_and_the_operator_everything) {
    const Id mine = accept(call("key1"));
    const Id plain = accept("one");
    EXPECT_TRUE(failed_with(desk().show("key2", mine), "not_found"));
    EXPECT_TRUE(failed_with(desk().call("key2", mine), "not_found"));
    EXPECT_TRUE(failed_with(desk().cancel("key2", mine, now_), "not_found"));
    EXPECT_TRUE(failed_with(conversations().remove("key2", mine), "not_found"));
    EXPECT_THAT(desk().list("key1", true, 9).value(), SizeIs(1));
    EXPECT_THAT(desk().list(everyone, true, 9).value(), SizeIs(2));
    EXPECT_THAT(desk().list(everyone, false, 9).value(), SizeIs(2));
    EXPECT_EQ(desk().show(everyone, mine).value().message.principal, "key1");
    const IdPrefix all{Id{}, plain};
    EXPECT_THAT(desk().find(everyone, all, 9).value(), SizeIs(2));
    EXPECT_THAT(desk().find("local", all, 9).value(), SizeIs(1));
    EXPECT_TRUE(desk().cancel(everyone, mine, now_));
    Inbound nobodys = call();
    nobodys.principal = "";
    EXPECT_TRUE(failed_with(queue().accept(nobodys, ids_.next(), now_), "bad_principal"));
}

TEST_P(StoreSuite, a_surface_that_asks_itself_has_nothing_in_its_outbox) {
    Inbound told = call();
    told.frontend = "webhook";
    const Id ours = accept(call());
    ASSERT_TRUE(queue().complete(claim(), reply("one"), now_));
    accept(call());
    ASSERT_TRUE(queue().bury(claim(), JobState::refused, outage(), {}, "no", now_));
    accept(told);
    ASSERT_TRUE(queue().complete(claim(), reply("two"), now_));
    EXPECT_THAT(outbox().pending(pulled, everyone, "", 9).value(), IsEmpty());
    EXPECT_THAT(outbox().pending("webhook", everyone, "", 9).value(), SizeIs(1));
    EXPECT_THAT(outbox().pending("webhook", "key1", "", 9).value(), SizeIs(1));
    EXPECT_THAT(outbox().pending("webhook", "key2", "", 9).value(), IsEmpty());
    EXPECT_EQ(desk().show("key1", ours).value().state, JobState::answered);
    ASSERT_TRUE(outbox().shown(ours, now_));
    EXPECT_EQ(desk().show("key1", ours).value().state, JobState::delivered);
}

TEST_P(StoreSuite, a_lease_says_whether_an_earlier_one_may_have_been_heard) {
    accept(call());
    Lease lease = claim();
    EXPECT_FALSE(lease.spoke);
    ASSERT_TRUE(queue().release(lease, outage(), {}, now_, now_));
    lease = claim();
    EXPECT_FALSE(lease.spoke) << "nobody was heard";
    ASSERT_TRUE(queue().extend(lease, "Hel", now_ + day));
    ASSERT_TRUE(queue().release(lease, outage(), {}, now_, now_));
    lease = claim();
    EXPECT_TRUE(lease.spoke);
    ASSERT_TRUE(queue().complete(lease, reply("one"), now_));
    accept(call());
    EXPECT_FALSE(claim().spoke);
    reopen();
    EXPECT_TRUE(claim().spoke) << "nobody knows what a process said that was killed";
}

TEST_P(StoreSuite, one_message_is_removed_alone_and_not_before_its_end) {
    const Id first = accept(call());
    EXPECT_TRUE(failed_with(conversations().remove("key1", first), "in_progress"));
    ASSERT_TRUE(queue().complete(claim(), with_tools(reply("one")), now_));
    const Id second = accept(call());
    ASSERT_TRUE(conversations().remove("key1", first));
    EXPECT_TRUE(failed_with(desk().show("key1", first), "not_found"));
    EXPECT_TRUE(failed_with(desk().call("key1", first), "not_found"));
    EXPECT_TRUE(failed_with(conversations().remove("key1", first), "not_found"));
    EXPECT_THAT(conversations().transcript("key1", "call1").value(), SizeIs(1));
    ASSERT_TRUE(desk().cancel("key1", second, now_));
    ASSERT_TRUE(conversations().remove("key1", second));
    EXPECT_TRUE(failed_with(conversations().transcript("key1", "call1"), "not_found"))
        << "it went with its last message";
}

TEST_P(StoreSuite, a_retired_or_forgotten_call_leaves_nothing) {
    accept(call());
    ASSERT_TRUE(queue().complete(claim(), with_tools(reply("one")), now_));
    EXPECT_EQ(conversations().retire(now_ + day).value(), 1u) << "nobody asked for it, and nobody must";
    accept(call());
    ASSERT_TRUE(queue().complete(claim(), with_tools(reply("two")), now_));
    ASSERT_TRUE(conversations().forget("key1", "call1"));
    EXPECT_THAT(desk().list(everyone, false, 9).value(), IsEmpty());
}

}  // namespace
}  // namespace evenkeel::testing
