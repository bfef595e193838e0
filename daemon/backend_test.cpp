// The engine of an owner as it is really wired, on virtual time: its store on the loop's own thread, its providers on
// the network's twin.
#include "daemon/backend.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "core/json.hpp"
#include "daemon/practice_mode.hpp"
#include "testing/memory_network.hpp"
#include "testing/sim.hpp"

namespace evenkeel {
namespace {

using practice::Fault;

struct BackendTest : ::testing::Test {
    testing::Sim sim;
    testing::MemoryNetwork network{sim.env()};
    std::unique_ptr<PracticeMode> mode = std::move(*PracticeMode::start(sim.env(), network, {}));
    std::unique_ptr<LocalOwner> backend;

    Result<std::unique_ptr<LocalOwner>> open() {
        return sim.run(
            Backend::open(sim.env(), network, mode->settings(),
                          {.command = "serve", .pid = 42, .practice = true, .make_store = make_inline_store}));
    }
    void start() {
        backend.reset();
        sim.scheduler.settle();  // What had reached the store is done, and its file closed.
        auto opened = open();
        ASSERT_TRUE(opened) << describe(opened.error());
        backend = std::move(*opened);
    }
    void both(Fault fault) {
        mode->stage().cloud().always({.fault = fault});
        mode->stage().local().always({.fault = fault});
        sim.scheduler.settle();
    }
    /// The first end that a watcher of that question is told.
    static Task<TurnEvent> until_end(std::unique_ptr<TurnStream> stream) {
        while (true) {
            auto next = co_await stream->next();
            if (!next || !*next) co_return TurnEvent{.text = "no end"};
            if ((*next)->kind >= TurnEvent::Kind::queued) co_return std::move(**next);
        }
    }
    TurnEvent ask(std::string text) {
        Inbound message;
        message.conversation = "c";
        message.text = std::move(text);
        auto stream = sim.run(backend->desk().submit(std::move(message)));
        if (!stream) return {.text = describe(stream.error())};
        return sim.run(until_end(std::move(*stream)));
    }
    std::string provider_phase(std::size_t lane) {
        JsonDoc doc;
        const auto status = sim.run(backend->desk().call("status", "{}"));
        return status && doc.parse(*status) ? std::string(doc.root()["providers"].at(lane)["phase"].string_or("")) : "";
    }
};

TEST_F(BackendTest, answers_through_the_first_provider_and_marks_practice) {
    start();
    const TurnEvent end = ask("hello?");
    ASSERT_EQ(end.kind, TurnEvent::Kind::answered) << end.text;
    EXPECT_EQ(end.answer->provider, "cloud");
    EXPECT_TRUE(end.practice);
}

TEST_F(BackendTest, status_says_who_owns_the_data) {
    start();
    JsonDoc doc;
    const auto status = sim.run(backend->desk().call("status", "{}"));
    ASSERT_TRUE(status && doc.parse(*status));
    EXPECT_EQ(doc.root()["owner"]["pid"].integer_or(0), 42);
    EXPECT_EQ(doc.root()["owner"]["command"].string_or(""), "serve");
    EXPECT_EQ(doc.root()["owner"]["directory"].string_or(""), mode->settings().storage.dir);
}

TEST_F(BackendTest, what_was_queued_is_answered_by_the_next_owner) {
    start();
    both(Fault::refuse);
    const TurnEvent end = ask("keep this");
    ASSERT_EQ(end.kind, TurnEvent::Kind::queued) << end.text;
    const std::uint64_t before = backend->generation();
    start();
    EXPECT_GT(backend->generation(), before);
    both(Fault::healthy);
    auto deliveries = sim.run(backend->desk().deliveries("terminal", ""));
    ASSERT_TRUE(deliveries);
    const auto late = sim.run((*deliveries)->next());
    ASSERT_TRUE(late);
    EXPECT_EQ(late->id, end.id);
    EXPECT_TRUE(late->text.contains("keep this"));
    deliveries->reset();
}

TEST_F(BackendTest, a_dead_provider_is_not_asked_again_just_because_we_were_restarted) {
    start();
    mode->stage().cloud().always({.fault = Fault::silence});
    EXPECT_EQ(ask("first").answer.value_or(Answer{}).provider, "local");
    EXPECT_EQ(provider_phase(0), "open");
    sim.scheduler.run_for(Millis{300});  // Health is written once it has settled.
    start();
    EXPECT_EQ(provider_phase(0), "open");
}

TEST_F(BackendTest, old_messages_are_retired_and_it_is_noted) {
    mode->settings().storage.retention = Seconds{3'600};
    start();
    const TurnEvent end = ask("soon forgotten");
    ASSERT_EQ(end.kind, TurnEvent::Kind::answered);
    ASSERT_TRUE(sim.run(backend->desk().shown(end.id)));  // What nobody has seen is never retired.
    sim.scheduler.run_for(Seconds{3 * 3'600});
    EXPECT_EQ(sim.notes.count("store.retired"), 1u);
}

TEST_F(BackendTest, a_file_that_is_no_database_stops_the_start) {
    std::ofstream(database_file(mode->settings())) << std::string(8'192, 'x');
    const auto opened = open();
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().cls, ErrorClass::storage);
}

TEST_F(BackendTest, a_long_retry_after_of_one_provider_does_not_hold_back_the_answer_of_another) {
    mode->stage().cloud().always({.fault = Fault::status, .number = 429, .time = Millis{3'600'000}});
    mode->stage().local().always({.fault = Fault::refuse});
    sim.scheduler.settle();
    start();
    Inbound message;
    message.conversation = "c";
    message.text = "later?";
    auto stream = sim.run(backend->desk().submit(std::move(message)));
    ASSERT_TRUE(stream) << describe(stream.error());
    sim.scheduler.run_for(Seconds{30});
    mode->stage().local().always({});
    const Instant back = sim.scheduler.now();
    TurnEvent end = sim.run(until_end(std::move(*stream)));
    while (end.kind == TurnEvent::Kind::queued && sim.scheduler.now() - back < Seconds{120}) {
        sim.scheduler.run_for(Seconds{1});
        end = sim.run(until_end(sim.run(backend->desk().follow(end.id)).value()));
    }
    ASSERT_EQ(end.kind, TurnEvent::Kind::answered) << end.text;
    EXPECT_EQ(end.answer->provider, "local");
    EXPECT_LE(sim.scheduler.now() - back, Seconds{61});
}

TEST_F(BackendTest, the_engine_has_the_limits_of_the_settings) {
    Settings& settings = mode->settings();
    settings.chat.max_tokens = 77;
    settings.queue.ttl = Seconds{90};
    settings.queue.workers = 3;
    settings.queue.watchers_max = 6;
    settings.queue.question_bytes_max.bytes = 2'000;
    settings.queue.retry_delay_min = Seconds{7};
    settings.queue.retry_delay_max = Seconds{70};
    settings.providers[0].left_out = "no key";
    settings.providers[0].rate_limit.per_second = 9;
    settings.providers[1].rate_limit.per_second = 4;
    const ChatOptions options = chat_options(settings, {.practice = true});
    EXPECT_EQ(options.max_tokens, 77u);
    EXPECT_EQ(options.ttl, Seconds{90});
    EXPECT_EQ(options.drain.max_concurrent, 3u);
    EXPECT_EQ(options.watchers_max, 6u);
    EXPECT_EQ(options.question_bytes_max, 2'000u);
    EXPECT_EQ(options.retry_delay_min, Seconds{7});
    EXPECT_EQ(options.retry_delay_max, Seconds{70});
    EXPECT_EQ(options.drain.rate_per_s, 4) << "of the first provider that is asked at all";
    EXPECT_TRUE(options.practice);
}

}  // namespace
}  // namespace evenkeel
