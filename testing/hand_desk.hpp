#pragma once
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "chat/desk.hpp"
#include "control/session.hpp"
#include "core/async.hpp"

/// A desk that tests give words to by hand, and what several processes of one data directory share.
namespace evenkeel::testing {

/// What several processes of one data directory share: the rows, and the lock.
struct World {
    explicit World(Env environment) : env(environment), ids(environment) {}
    struct Row {
        Id id;
        Inbound message;
        std::vector<TurnEvent> past;  ///< What a follower is told first. Volatile deltas are not in it.
        bool ended = false;
    };
    Env env;
    IdMaker ids;
    std::map<std::string, Row> rows;  ///< By idempotency key.
    std::vector<Delivery> late;       ///< Not yet shown.
    std::vector<std::string> done;    ///< "cancel ID", "shown ID", "call op args", in order.
    std::optional<OwnerIdentity> holder;
    std::uint64_t generation = 0;
    int locks_taken = 0, sockets_cleared = 0;

    Row* find(Id id) {
        for (auto& [key, row] : rows)
            if (row.id == id) return &row;
        return nullptr;
    }
};

/// A desk whose events the test gives by hand.
class HandDesk final : public Desk {
public:
    explicit HandDesk(World& world) : world_(world), env_(world.env) {}

    Task<Result<std::unique_ptr<TurnStream>>> submit(Inbound message) override {
        ++submits;
        if (message.text.empty()) co_return caller_fault("there is no question", "empty");
        auto& row = world_.rows[message.idempotency_key];
        if (row.id.is_nil()) {
            row = {.id = world_.ids.next(), .message = message};
            row.past.push_back({.kind = TurnEvent::Kind::accepted, .id = row.id, .position = 1});
        }
        if (hold_submit) co_await Event(env_.scheduler).wait();  // Durable, but nobody is told.
        co_return watch(row);
    }
    Task<Result<std::unique_ptr<TurnStream>>> follow(Id id) override {
        auto* row = world_.find(id);
        if (!row) co_return caller_fault("no such question", "not_found");
        co_return watch(*row);
    }
    Task<Result<void>> cancel(Id id) override { return note("cancel " + to_string(id)); }
    Task<Result<void>> shown(Id id) override {
        if (!lose_shown) std::erase_if(world_.late, [id](const Delivery& each) { return each.id == id; });
        return note("shown " + to_string(id));
    }
    Task<Result<std::unique_ptr<DeliveryStream>>> deliveries(std::string, std::string) override {
        auto stream = std::make_unique<Late>(*this);
        for (const auto& each : world_.late) stream->box.push(each);
        co_return stream;
    }
    Task<Result<std::string>> call(std::string operation, std::string arguments) override {
        if (operation == "hang") co_await Event(env_.scheduler).wait();
        if (operation == "nonsense") co_return caller_fault("unknown operation");
        world_.done.push_back("call " + operation + " " + arguments);
        co_return R"({"operation":")" + operation + "\"}";
    }

    /// To all who watch that question now.
    void say(Id id, TurnEvent event) {
        event.id = id;
        for (Turn* turn : turns_)
            if (turn->id == id) turn->box.push(event);
        if (event.kind >= TurnEvent::Kind::queued) world_.find(id)->past.push_back(event);
    }
    void delta(Id id, std::string text) { say(id, {.kind = TurnEvent::Kind::delta, .text = std::move(text)}); }
    void answer(Id id, std::string text) {
        say(id, {.kind = TurnEvent::Kind::answered, .answer = Answer{.text = std::move(text), .provider = "p"}});
    }
    void deliver(Delivery delivery) {
        world_.late.push_back(delivery);
        for (Late* late : lates_) late->box.push(delivery);
    }
    std::size_t watchers() const { return turns_.size() + lates_.size(); }

    int submits = 0;
    bool hold_submit = false, lose_shown = false;

private:
    struct Turn final : TurnStream {
        Turn(HandDesk& owner, Id watched) : desk(owner), id(watched), box(owner.env_.scheduler) {
            desk.turns_.push_back(this);
        }
        ~Turn() override { std::erase(desk.turns_, this); }
        Task<Result<std::optional<TurnEvent>>> next() override {
            auto event = co_await box.take();
            co_return event;
        }
        HandDesk& desk;
        Id id;
        Mailbox<TurnEvent> box;
    };
    struct Late final : DeliveryStream {
        explicit Late(HandDesk& owner) : desk(owner), box(owner.env_.scheduler) { desk.lates_.push_back(this); }
        ~Late() override { std::erase(desk.lates_, this); }
        Task<Result<Delivery>> next() override {
            auto delivery = co_await box.take();
            co_return std::move(*delivery);
        }
        HandDesk& desk;
        Mailbox<Delivery> box;
    };
    std::unique_ptr<TurnStream> watch(const World::Row& row) {
        auto turn = std::make_unique<Turn>(*this, row.id);
        for (const auto& event : row.past) turn->box.push(event);
        return turn;
    }
    Task<Result<void>> note(std::string line) {
        world_.done.push_back(std::move(line));
        co_return Result<void>{};
    }
    World& world_;
    Env env_;
    std::vector<Turn*> turns_;
    std::vector<Late*> lates_;
};

}  // namespace evenkeel::testing
