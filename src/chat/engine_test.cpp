#include "chat/engine.hpp"

#include "testing/chat_bench.hpp"

namespace evenkeel {
namespace {
using namespace std::chrono_literals;
using Kind = TurnEvent::Kind;
using testing::answering;
using testing::ChatBench;
using testing::cutting;
using testing::failing;

TEST(Engine, answers_a_live_question_token_by_token_and_delivers_it_once_it_is_said_to_be_shown) {
    ChatBench bench;
    bench.cloud.always(answering("It is a fine day."));
    auto stream = bench.ask("How is it?");
    const auto events = bench.read_to_end(*stream);
    EXPECT_EQ(events.front().kind, Kind::accepted);
    const auto& end = events.back();
    ASSERT_EQ(end.kind, Kind::answered);
    EXPECT_EQ(end.answer->text, "It is a fine day.");
    std::string shown;
    for (const auto& event : events) shown += event.kind == Kind::delta ? event.text : "";
    EXPECT_EQ(shown, "It is a fine day.");
    EXPECT_GE(std::ranges::count(events, Kind::delta, &TurnEvent::kind), 5);
    EXPECT_EQ(end.answer->provider, "cloud");
    EXPECT_EQ(end.answer->model, "cloud-model");
    EXPECT_FALSE(end.answer->degraded);
    EXPECT_EQ(end.answer->latency, 140ms);
    EXPECT_EQ(end.answer->first_token, Millis{100});
    EXPECT_EQ(end.answer->usage.output, 5);
    EXPECT_FALSE(bench.sim.run(stream->next()).value());
    EXPECT_EQ(bench.view(end.id).state, JobState::answered) << "told is not yet shown";
    EXPECT_TRUE(bench.sim.run(bench.engine->shown(end.id)));
    EXPECT_EQ(bench.view(end.id).state, JobState::delivered);
    EXPECT_TRUE(bench.outbox().empty());
}

TEST(Engine, an_answer_whose_watcher_died_before_it_could_show_it_is_delivered_after_a_while) {
    ChatBench bench;
    auto stream = bench.ask("Hello?");
    const auto end = bench.until_kind(*stream, Kind::answered);
    stream.reset();
    auto deliveries = bench.sim.run(bench.engine->deliveries("terminal", "")).value();
    auto next = deliveries->next();
    next.handle().resume();
    bench.sim.scheduler.run_for(9s);
    EXPECT_FALSE(next.done()) << "whoever was told may be about to say that it was shown";
    bench.sim.scheduler.run_for(3s);
    EXPECT_TRUE(next.done());
    EXPECT_EQ(bench.view(end.id).state, JobState::answered);
}

TEST(Engine, an_answer_whose_watcher_did_not_take_the_last_words_stays_to_be_delivered) {
    ChatBench bench;
    auto stream = bench.ask("Hello?");
    const Id id = bench.id_of(*stream);
    bench.sim.scheduler.run_for(1s);
    EXPECT_EQ(bench.view(id).state, JobState::answered);
    EXPECT_EQ(bench.outbox().size(), 1U);
}

TEST(Engine, says_so_when_not_the_first_provider_answered) {
    ChatBench bench;
    bench.cloud.always(failing(ErrorClass::transient));
    auto stream = bench.ask("Hello?");
    const auto end = bench.until_kind(*stream, Kind::answered);
    EXPECT_TRUE(end.answer->degraded);
    EXPECT_EQ(end.answer->provider, "local");
    ASSERT_EQ(end.answer->attempts.size(), 2U);
    EXPECT_EQ(end.answer->attempts[0].outcome, Attempt::Outcome::failed);
}

TEST(Engine, queues_with_a_reason_when_nobody_can_answer_and_answers_when_somebody_can) {
    ChatBench bench;
    bench.cloud.always(failing(ErrorClass::transient));
    bench.local.always(failing(ErrorClass::overload));
    auto stream = bench.ask("Hello?");
    const auto queued = bench.until_kind(*stream, Kind::queued);
    EXPECT_EQ(queued.position, 1);
    EXPECT_EQ(queued.error->cls, ErrorClass::overload);
    EXPECT_THAT(queued.text, ::testing::HasSubstr("scripted failure"));
    EXPECT_TRUE(queued.eta);
    bench.cloud.always(answering("Late but true."));
    const auto end = bench.until_kind(*stream, Kind::answered);
    EXPECT_EQ(end.answer->text, "Late but true.");
    EXPECT_EQ(end.answer->attempts.size(), 3U) << "the tries of the first claim are told too";
    EXPECT_GE(end.answer->latency, 5s);
}

TEST(Engine, gives_the_receipt_at_once_while_the_route_is_known_to_be_down) {
    ChatBench bench;
    bench.route.down_until(bench.sim.scheduler.now() + 30s);
    auto stream = bench.ask("Hello?");
    const Instant asked = bench.sim.scheduler.now();
    const auto queued = bench.until_kind(*stream, Kind::queued);
    EXPECT_EQ(bench.sim.scheduler.now(), asked);
    EXPECT_EQ(queued.eta, Millis{30s});
    EXPECT_TRUE(bench.cloud.asked().empty());
    bench.until_kind(*stream, Kind::answered);
    EXPECT_LE(bench.sim.scheduler.now() - asked, 31s);
    ASSERT_EQ(bench.cloud.asked().size(), 1U);
    EXPECT_TRUE(bench.cloud.asked()[0].probe) << "the first after an outage speaks for all";
}

TEST(Engine, health_that_returns_early_wakes_the_queue) {
    ChatBench bench;
    bench.route.down_until(bench.sim.scheduler.now() + 600s);
    auto stream = bench.ask("Hello?");
    bench.until_kind(*stream, Kind::queued);
    bench.sim.scheduler.run_for(20s);
    bench.route.down_until({});
    const Instant back = bench.sim.scheduler.now();
    bench.until_kind(*stream, Kind::answered);
    EXPECT_LE(bench.sim.scheduler.now() - back, 200ms);
}

TEST(Engine, answers_one_conversation_in_order_and_others_side_by_side) {
    ChatBench bench;
    bench.cloud.always(answering("Yes.", 1s));
    auto first = bench.ask("One?");
    auto second = bench.ask("Two?");
    auto other = bench.ask("Elsewhere?", "garden");
    static_cast<void>(bench.id_of(*second));
    EXPECT_THAT(bench.next(*second).text, ::testing::HasSubstr("earlier message"));
    bench.until_kind(*other, Kind::answered);
    const Instant other_done = bench.sim.scheduler.now();
    bench.until_kind(*first, Kind::answered);
    EXPECT_EQ(bench.sim.scheduler.now(), other_done);
    bench.until_kind(*second, Kind::answered);
    EXPECT_EQ(bench.sim.scheduler.now(), other_done + 1s) << "its turn comes at once, not with a scan";
    const auto& turns = bench.cloud.asked().back().turns;
    ASSERT_EQ(turns.size(), 3U);
    EXPECT_EQ(turns[0].text, "One?");
    EXPECT_EQ(turns[1].text, "Yes.");
    EXPECT_EQ(turns[2].text, "Two?");
}

TEST(Engine, a_late_answer_is_delivered_once_and_again_only_until_it_was_shown) {
    ChatBench bench;
    auto stream = bench.ask("Hello?");
    const Id id = bench.id_of(*stream);
    stream.reset();
    bench.sim.scheduler.run_for(2s);
    EXPECT_EQ(bench.view(id).state, JobState::answered);
    {
        auto unreliable = bench.sim.run(bench.engine->deliveries("terminal", "")).value();
        EXPECT_EQ(bench.sim.run(unreliable->next()).value().id, id);
    }
    auto deliveries = bench.sim.run(bench.engine->deliveries("terminal", "home")).value();
    const auto again = bench.sim.run(deliveries->next()).value();
    EXPECT_EQ(again.id, id);
    EXPECT_EQ(again.question, "Hello?");
    EXPECT_EQ(again.text, "Fine.");
    EXPECT_TRUE(bench.sim.run(bench.engine->shown(id)));
    EXPECT_EQ(bench.view(id).state, JobState::delivered);
    auto none = deliveries->next();
    none.handle().resume();
    bench.sim.scheduler.run_for(10min);
    EXPECT_FALSE(none.done());
}

TEST(Engine, does_not_deliver_twice_what_a_watcher_was_told) {
    ChatBench bench;
    bench.cloud.always(failing(ErrorClass::policy));
    auto deliveries = bench.sim.run(bench.engine->deliveries("terminal", "")).value();
    auto stream = bench.ask("Something bad");
    const auto end = bench.until_kind(*stream, Kind::refused);
    EXPECT_EQ(end.error->cls, ErrorClass::policy);
    EXPECT_THAT(end.text, ::testing::HasSubstr("refused"));
    stream.reset();
    auto next = deliveries->next();
    next.handle().resume();
    bench.sim.scheduler.run_for(5s);
    EXPECT_FALSE(next.done());
    EXPECT_TRUE(bench.sim.run(bench.engine->shown(end.id)));
    bench.sim.scheduler.run_for(1h);
    EXPECT_FALSE(next.done());
}

TEST(Engine, a_notice_that_nobody_said_was_shown_is_delivered_after_a_while) {
    ChatBench bench;
    bench.cloud.always(failing(ErrorClass::request));
    auto stream = bench.ask("Something odd");
    const auto end = bench.until_kind(*stream, Kind::refused);
    stream.reset();
    auto deliveries = bench.sim.run(bench.engine->deliveries("terminal", "")).value();
    const auto notice = bench.sim.run(deliveries->next()).value();
    EXPECT_EQ(notice.id, end.id);
    EXPECT_EQ(notice.kind, Delivery::Kind::refused);
}

TEST(Engine, cancelling_stops_the_provider_and_keeps_the_partial_text_out_of_the_history) {
    ChatBench bench;
    bench.cloud.then(testing::stalling("one two three", 2));
    auto stream = bench.ask("Count.");
    const Id id = bench.id_of(*stream);
    bench.sim.scheduler.run_for(1s);
    EXPECT_EQ(bench.cloud.running(), 1U);
    EXPECT_TRUE(bench.sim.run(bench.engine->cancel(id)));
    EXPECT_EQ(bench.cloud.running(), 0U);
    EXPECT_EQ(bench.until_kind(*stream, Kind::cancelled).id, id);
    EXPECT_EQ(bench.view(id).state, JobState::cancelled);
    EXPECT_EQ(bench.view(id).partial, "one two ");
    EXPECT_EQ(bench.sim.run(bench.engine->cancel(id)).error().code, "already_ended");
    auto next = bench.ask("And now?");
    bench.until_kind(*next, Kind::answered);
    EXPECT_EQ(bench.cloud.asked().back().turns.size(), 1U);
}

TEST(Engine, cancels_what_waits_and_lets_the_next_of_its_conversation_go) {
    ChatBench bench;
    bench.cloud.always(failing(ErrorClass::bad_answer));
    bench.local.always(failing(ErrorClass::bad_answer));
    auto first = bench.ask("Impossible");
    const Id id = bench.id_of(*first);
    bench.until_kind(*first, Kind::queued);
    auto second = bench.ask("Possible");
    bench.until_kind(*second, Kind::queued);
    bench.cloud.always(answering("Fine."));
    const Instant now = bench.sim.scheduler.now();
    EXPECT_TRUE(bench.sim.run(bench.engine->cancel(id)));
    bench.until_kind(*first, Kind::cancelled);
    bench.until_kind(*second, Kind::answered);
    EXPECT_LE(bench.sim.scheduler.now() - now, 200ms);
}

TEST(Engine, a_watcher_that_leaves_cancels_nothing) {
    ChatBench bench;
    bench.cloud.always(answering("A long one.", 5s));
    auto stream = bench.ask("Hello?");
    const Id id = bench.id_of(*stream);
    bench.sim.scheduler.run_for(1s);
    stream.reset();
    bench.sim.scheduler.run_for(10s);
    EXPECT_EQ(bench.view(id).state, JobState::answered);
    auto again = bench.sim.run(bench.engine->follow(id)).value();
    EXPECT_EQ(bench.until_kind(*again, Kind::answered).answer->text, "A long one.");
}

TEST(Engine, the_same_key_joins_the_first_question_instead_of_asking_twice) {
    ChatBench bench;
    auto inbound = bench.message("Hello?");
    inbound.idempotency_key = "k";
    auto first = bench.submit(inbound);
    auto second = bench.submit(inbound);
    const Id id = bench.id_of(*first);
    EXPECT_EQ(bench.id_of(*second), id);
    bench.until_kind(*first, Kind::answered);
    bench.until_kind(*second, Kind::answered);
    EXPECT_EQ(bench.cloud.asked().size(), 1U);
    inbound.text = "Other";
    EXPECT_EQ(bench.sim.run(bench.engine->submit(inbound)).error().code, "conflict");
}

TEST(Engine, what_was_being_answered_when_the_owner_ended_is_answered_by_the_next_one) {
    ChatBench bench;
    bench.cloud.always(answering("Whole.", 10s));
    auto stream = bench.ask("Hello?");
    const Id id = bench.id_of(*stream);
    bench.sim.scheduler.run_for(1s);
    bench.engine.reset();
    EXPECT_EQ(bench.cloud.running(), 0U);
    Result<std::optional<TurnEvent>> last = std::optional<TurnEvent>();
    while (last && bench.cloud.asked().size() == 1) last = bench.sim.run(stream->next());
    ASSERT_FALSE(last);
    EXPECT_EQ(last.error().code, "owner_gone");
    bench.start();
    auto again = bench.sim.run(bench.engine->follow(id)).value();
    EXPECT_EQ(bench.until_kind(*again, Kind::answered).answer->text, "Whole.");
}

TEST(Engine, waits_with_new_work_until_the_old_is_done_when_it_winds_down) {
    ChatBench bench;
    bench.cloud.always(answering("Whole.", 3s));
    auto stream = bench.ask("Hello?");
    const Id id = bench.id_of(*stream);
    bench.sim.scheduler.run_for(1s);
    const Instant began = bench.sim.scheduler.now();
    bench.sim.run([](Engine& engine) -> Task<bool> {
        co_await engine.wind_down();
        co_return true;
    }(*bench.engine));
    EXPECT_EQ(bench.sim.scheduler.now() - began, 2s);
    EXPECT_FALSE(is_open(bench.view(id).state));
    EXPECT_EQ(bench.sim.run(bench.engine->submit(bench.message("More?"))).error().code, "owner_gone");
}

TEST(Engine, bounds_watchers_and_watched_questions) {
    ChatBench bench({.rooms_max = 2, .watchers_max = 2});
    bench.cloud.always(testing::silent());
    auto a = bench.ask("A");
    const Id id = bench.id_of(*a);
    auto b = bench.ask("B", "garden");
    EXPECT_EQ(bench.sim.run(bench.engine->submit(bench.message("C"))).error().code, "too_many_watched");
    b.reset();
    auto again = bench.sim.run(bench.engine->follow(id));
    EXPECT_EQ(again.error().code, "too_many_watched");
}

TEST(Engine, bounds_the_watchers_of_one_question_and_its_text) {
    ChatBench bench({.watchers_max = 2, .question_bytes_max = 8});
    bench.cloud.always(testing::silent());
    auto a = bench.ask("12345678");
    const Id id = bench.id_of(*a);
    auto b = bench.sim.run(bench.engine->follow(id));
    ASSERT_TRUE(b);
    EXPECT_EQ(bench.sim.run(bench.engine->follow(id)).error().code, "too_many_watchers");
    const auto longer = bench.sim.run(bench.engine->submit(bench.message("123456789")));
    ASSERT_FALSE(longer);
    EXPECT_EQ(longer.error().code, "too_long");
    EXPECT_EQ(longer.error().cls, ErrorClass::request);
    EXPECT_NE(longer.error().detail.find("9B; at most 8B"), std::string::npos) << longer.error().detail;
}

TEST(Engine, the_delay_after_a_failed_attempt_is_the_operators) {
    ChatBench bench({.retry_delay_min = 100s, .retry_delay_max = 110s});
    bench.cloud.always(failing(ErrorClass::transient));
    bench.local.always(failing(ErrorClass::transient));
    auto stream = bench.ask("Hello?");
    const auto queued = bench.until_kind(*stream, Kind::queued);
    ASSERT_TRUE(queued.eta);
    EXPECT_GE(*queued.eta, 100s);
    EXPECT_LE(*queued.eta, 110s);
}

TEST(Engine, expires_with_a_notice_and_not_because_a_clock_jumped) {
    ChatBench bench;
    bench.route.down_until(forever);
    auto inbound = bench.message("Hello?");
    inbound.ttl = 1h;
    auto stream = bench.submit(inbound);
    const Id id = bench.id_of(*stream);
    bench.sim.scheduler.run_for(10min);
    bench.sim.scheduler.jump_wall(24h);
    bench.sim.scheduler.run_for(10min);
    EXPECT_EQ(bench.view(id).state, JobState::queued);
    bench.sim.scheduler.run_for(41min);
    EXPECT_EQ(bench.view(id).state, JobState::expired);
    bench.until_kind(*stream, Kind::expired);
}

TEST(Engine, at_most_so_many_live_turns_at_once_and_the_rest_follows) {
    ChatBench bench({.live_max = 2});
    bench.cloud.always(answering("Yes.", 1s));
    std::vector<std::unique_ptr<TurnStream>> streams;
    for (int i = 0; i < 5; ++i) streams.push_back(bench.ask("Q", "c" + std::to_string(i)));
    bench.sim.scheduler.run_for(500ms);
    EXPECT_LE(bench.cloud.running(), 3U) << "two live ones and the drain's probe";
    for (auto& stream : streams) bench.until_kind(*stream, Kind::answered);
}

}  // namespace
}  // namespace evenkeel
