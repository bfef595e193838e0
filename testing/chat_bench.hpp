#pragma once
#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "chat/engine.hpp"
#include "store/sqlite_engine.hpp"
#include "testing/scripted_provider.hpp"
#include "testing/sim.hpp"

namespace evenkeel::testing {

/// The plainest route: asks in order, remembers nothing; whether it is down is what the test says.
class PlainRoute final : public Provider, public RouteHealth {
public:
    PlainRoute(Env env, std::vector<ScriptedProvider*> lanes)
        : scheduler_(env.scheduler), changed_(env.scheduler), lanes_(std::move(lanes)) {}

    std::string describe() const override { return "plain"; }
    Task<Result<std::unique_ptr<ReplyStream>>> open(const ChatRequest& request, Call& call) override {
        Error last{.cls = ErrorClass::transient, .detail = "nobody was asked"};
        for (const bool avoided : {false, true}) {
            for (ScriptedProvider* lane : lanes_) {
                const std::string& name = lane->identity().name;
                if ((std::ranges::count(call.avoid, name) > 0) != avoided) continue;
                if (call.local_only && !lane->identity().local) continue;
                auto opened = co_await lane->open(request, call);
                if (opened) co_return opened;
                last = opened.error();
                if (last.cls == ErrorClass::request || last.cls == ErrorClass::policy) co_return fail(last);
            }
        }
        co_return fail(last);
    }
    Instant next_try_at(bool local_only) const override {
        const bool any = std::ranges::any_of(lanes_, [=](auto* lane) { return !local_only || lane->identity().local; });
        return any ? opens_at : forever;
    }
    Event& changed() override { return changed_; }
    std::vector<LaneView> lanes() const override {
        std::vector<LaneView> views;
        for (const auto* lane : lanes_)
            views.push_back(
                {.name = lane->identity().name,
                 .kind = lane->identity().kind,
                 .model = lane->identity().model,
                 .local = lane->identity().local,
                 .phase = opens_at > scheduler_.now() || ill.contains(lane->identity().name) ? "open" : "closed"});
        return views;
    }
    void down_until(Instant when) {
        opens_at = when;
        changed_.pulse();
    }

    /// Says that this provider is ill, or well again; it is asked all the same.
    void set_ill(const std::string& name, bool is_ill) {
        is_ill ? void(ill.insert(name)) : void(ill.erase(name));
        changed_.pulse();
    }

    Instant opens_at{};
    std::set<std::string> ill;

private:
    Scheduler& scheduler_;
    Event changed_;
    std::vector<ScriptedProvider*> lanes_;
};

/// The engine over SQLite in memory, with a cloud and a local provider that follow scripts.
struct ChatBench {
    explicit ChatBench(ChatOptions settings = {}, std::uint64_t seed = 1) : sim(seed), options(std::move(settings)) {
        auto opened = open_sqlite({.file = ":memory:"}, sim.scheduler.wall());
        raw = opened->get();
        store = make_inline_store(sim.scheduler, std::move(*opened));
        start();
    }
    void start() { engine = std::make_unique<Engine>(sim.env(), *store, route, route, options); }

    Inbound message(std::string text, std::string conversation = "home") {
        return {.conversation = std::move(conversation), .text = std::move(text)};
    }
    std::unique_ptr<TurnStream> submit(Inbound inbound) {
        auto stream = sim.run(engine->submit(std::move(inbound)));
        if (!stream) ADD_FAILURE() << describe(stream.error());
        return stream ? std::move(*stream) : nullptr;
    }
    std::unique_ptr<TurnStream> ask(std::string text, std::string conversation = "home") {
        return submit(message(std::move(text), std::move(conversation)));
    }
    TurnEvent next(TurnStream& stream) {
        auto event = sim.run(stream.next());
        if (!event || !*event) {
            ADD_FAILURE() << "no further event" << (event ? "" : ": " + describe(event.error()));
            return {};
        }
        return **event;
    }
    /// Reads on until an event of that kind; everything before it is put into `seen`.
    TurnEvent until_kind(TurnStream& stream, TurnEvent::Kind kind) {
        for (int i = 0; i < 1000; ++i) {
            auto event = next(stream);
            if (event.kind == kind || ::testing::Test::HasFailure()) return event;
            if (event.kind == TurnEvent::Kind::restarted) shown_text.clear();
            if (event.kind == TurnEvent::Kind::delta) shown_text += event.text;
            seen.push_back(std::move(event));
        }
        ADD_FAILURE() << "never " << to_string(kind);
        return {};
    }
    /// Reads as a surface does, coming back for more at once, up to the end.
    std::vector<TurnEvent> read_to_end(TurnStream& stream) { return sim.run(reading(stream)); }
    static Task<std::vector<TurnEvent>> reading(TurnStream& stream) {
        std::vector<TurnEvent> events;
        for (;;) {
            auto event = co_await stream.next();
            if (!event || !*event) co_return events;
            events.push_back(std::move(**event));
        }
    }
    std::size_t count(TurnEvent::Kind kind) const {
        return static_cast<std::size_t>(
            std::ranges::count_if(seen, [kind](const TurnEvent& event) { return event.kind == kind; }));
    }
    Id id_of(TurnStream& stream) { return next(stream).id; }
    JobView view(const Id& id) { return raw->desk().show("local", id).value(); }
    std::vector<Delivery> outbox() { return raw->outbox().pending("terminal", "local", "", 100).value(); }

    Sim sim;
    ChatOptions options;
    StoreEngine* raw = nullptr;
    std::unique_ptr<AsyncStore> store;
    ScriptedProvider cloud{sim.env(), "cloud"};
    ScriptedProvider local{sim.env(), "local", true};
    PlainRoute route{sim.env(), {&cloud, &local}};
    std::unique_ptr<Engine> engine;
    std::vector<TurnEvent> seen;
    std::string shown_text;
};

}  // namespace evenkeel::testing
