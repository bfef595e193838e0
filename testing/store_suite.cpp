#include "testing/store_suite.hpp"

#include <gmock/gmock.h>

namespace evenkeel::testing {

void StoreSuite::reopen() {
    engine_.reset();
    auto opened = home_->open(now_, max_pending);
    ASSERT_TRUE(opened) << describe(opened.error());
    engine_ = std::move(*opened);
}

Inbound StoreSuite::said(std::string text, std::string conversation, std::string user) {
    return Inbound{.user = std::move(user), .conversation = std::move(conversation), .text = std::move(text)};
}

Id StoreSuite::accept(const Inbound& message) {
    const Id id = ids_.next();
    auto accepted = queue().accept(message, id, now_);
    EXPECT_TRUE(accepted) << describe(accepted.error());
    return id;
}

Lease StoreSuite::claim(bool suspects) {
    auto leases = queue().claim({.suspects = suspects}, now_);
    if (!leases || leases->size() != 1) {
        ADD_FAILURE() << "nothing to claim";
        return {};
    }
    return std::move(leases->front());
}

std::vector<std::string> StoreSuite::claim_texts(std::size_t most) {
    std::vector<std::string> texts;
    for (const Lease& lease : queue().claim({.jobs_max = most}, now_).value()) texts.push_back(lease.message.text);
    return texts;
}

JobState StoreSuite::state_of(const Id& id, std::string_view principal) {
    return desk().show(principal, id).value().state;
}

Id StoreSuite::answered(std::string text, std::string reply_text, std::string conversation, bool delivered) {
    const Id id = accept(std::move(text), std::move(conversation));
    const auto lease = queue().claim_one(id, {}, now_).value();
    EXPECT_TRUE(queue().complete(lease.value(), reply(std::move(reply_text)), now_));
    if (delivered) EXPECT_TRUE(outbox().shown(id, now_));
    return id;
}

Answer StoreSuite::reply(std::string text) {
    return Answer{.text = std::move(text),
                  .provider = "cloud",
                  .model = "m1",
                  .usage = {10, 5, false},
                  .cost_usd = 0.25,
                  .latency = Millis{1'200},
                  .first_token = Millis{300},
                  .attempts = {attempt("cloud", Attempt::Outcome::answered)}};
}

Attempt StoreSuite::attempt(std::string provider, Attempt::Outcome outcome) {
    Attempt made{.provider = std::move(provider), .model = "m1", .outcome = outcome, .took = Millis{900}};
    if (outcome == Attempt::Outcome::answered) {
        made.usage = Usage{10, 5, false};
        made.cost_usd = 0.25;
        made.first_content_after = Millis{300};
    } else {
        made.error = outage();
    }
    return made;
}

Error StoreSuite::outage() {
    return Error{.cls = ErrorClass::overload,
                 .origin = Origin::provider,
                 .scope = Scope::provider,
                 .http_status = 503,
                 .code = "busy",
                 .detail = "cloud is busy"};
}

TEST_P(StoreSuite, everything_acknowledged_is_there_after_the_process_died) {
    const Id waiting = accept("waits", "a");
    const Id done = answered("asked", "told", "b", false);
    ASSERT_TRUE(outbox().remember("breaker.cloud", "open"));
    reopen();
    EXPECT_EQ(state_of(waiting), JobState::queued);
    EXPECT_EQ(state_of(done), JobState::answered);
    EXPECT_EQ(desk().show("local", done).value().answer.value().text, "told");
    EXPECT_EQ(outbox().recall("breaker.cloud").value(), "open");
}

TEST_P(StoreSuite, each_start_takes_a_new_generation) {
    const auto before = engine_->figures().value().generation;
    reopen();
    EXPECT_GT(engine_->figures().value().generation, before);
}

TEST_P(StoreSuite, a_group_is_durable_together_and_each_call_stays_whole_by_itself) {
    ASSERT_TRUE(engine_->begin_group());
    const Id first = accept("one", "a");
    EXPECT_TRUE(failed_with(queue().accept(said(""), ids_.next(), now_), "empty"));
    const Id second = accept("two", "b");
    EXPECT_TRUE(failed_with(desk().cancel("local", ids_.next(), now_), "not_found"));
    ASSERT_TRUE(engine_->commit_group());
    reopen();
    EXPECT_EQ(state_of(first), JobState::queued);
    EXPECT_EQ(state_of(second), JobState::queued);
    EXPECT_EQ(engine_->figures().value().queued, 2);
}

TEST_P(StoreSuite, a_group_that_is_never_committed_leaves_nothing) {
    ASSERT_TRUE(engine_->begin_group());
    const Id lost = accept("never acknowledged");
    reopen();
    EXPECT_TRUE(failed_with(desk().show("local", lost), "not_found"));
    const auto fresh = queue().accept(said("next"), ids_.next(), now_).value();
    EXPECT_EQ(fresh.ahead, 0);
    EXPECT_EQ(fresh.sequence, 1);
}

TEST_P(StoreSuite, figures_count_what_is_there) {
    const WallTime start = now_;
    accept("one", "a");
    now_ += Millis{5};
    accept("two", "b");
    claim();
    answered("three", "told", "c", false);
    const StoreFigures figures = engine_->figures().value();
    EXPECT_EQ(figures.queued, 1);
    EXPECT_EQ(figures.working, 1);
    EXPECT_EQ(figures.undelivered, 1);
    EXPECT_EQ(figures.dead, 0);
    EXPECT_EQ(figures.oldest_open, start);
    EXPECT_GE(figures.schema, 1);
    EXPECT_FALSE(figures.engine.empty());
}

TEST_P(StoreSuite, a_sound_store_has_nothing_to_report) {
    accept("waits", "a");
    answered("asked", "told", "b");
    EXPECT_EQ(engine_->check().value(), std::vector<std::string>{});
    EXPECT_TRUE(engine_->checkpoint());
}

}  // namespace evenkeel::testing
