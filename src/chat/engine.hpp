#pragma once
#include <map>
#include <memory>
#include <set>
#include <string>

#include "chat/courier.hpp"
#include "chat/desk.hpp"
#include "chat/operations.hpp"
#include "chat/options.hpp"
#include "chat/room.hpp"
#include "chat/route_health.hpp"
#include "chat/steady_wall.hpp"
#include "chat/turn_worker.hpp"

namespace evenkeel {

/// The use case: accept, claim, build context, answer, complete, deliver. A live question is claimed as soon as it is
/// the head of its conversation, a queued one when the drain allows; from there both are the same. Destroying the
/// engine drops what is being worked: those rows stay claimed and are taken up by the next owner, and every stream
/// handed out says "owner_gone". Env, store, route and health outlive it. One loop.
class Engine final : public Desk {
public:
    Engine(Env env, AsyncStore& store, Provider& route, RouteHealth& health, ChatOptions options, OwnerView owner = {});
    ~Engine() override;
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    Task<Result<std::unique_ptr<TurnStream>>> submit(Inbound message) override;
    Task<Result<std::unique_ptr<TurnStream>>> follow(Id id) override;
    Task<Result<void>> cancel(Id id) override;
    Task<Result<std::unique_ptr<DeliveryStream>>> deliveries(std::string frontend, std::string conversation) override;
    Task<Result<void>> shown(Id id) override;
    Task<Result<std::string>> call(std::string operation, std::string arguments) override;

    /// Takes no new work from the queue and resumes when what is being worked has ended: for a stop that hurts nobody.
    Task<void> wind_down();
    /// The same at once: what is being worked goes back to the queue, in order.
    Task<void> hand_back();
    /// Turns being worked now, live and queued.
    std::size_t working() const noexcept { return workers_.size(); }

private:
    struct Work {
        std::unique_ptr<TurnWorker> worker;
        bool live = false;
        std::shared_ptr<Event> gone;
    };
    /// A claim that was lost may still be winding up while the next one of the same question is worked.
    using WorkKey = std::pair<Id, std::uint64_t>;
    struct Found {
        JobView view;
        std::optional<Lease> lease;
    };

    /// `open`: the question still owes an answer; a room that told another end is not used again.
    std::shared_ptr<Room> enter(const Id& id, const std::string& conversation, bool open);
    Result<std::unique_ptr<TurnStream>> watch(Room& room, std::int64_t position);
    bool held_back(const Id& id) const;
    void clear_rooms();

    static Task<void> start(Engine& self, std::shared_ptr<Room> room);
    static Task<void> tend(Engine& self, WorkKey key);
    Task<Result<Found>> find(Id id, bool claim);
    void begin(Lease lease, bool live, bool probe);
    void ended(WorkKey key, const TurnEnd& end);
    void start_next(const std::string& conversation);
    void tell_state(Room& room, const JobView& view);
    std::optional<Millis> eta() const;
    std::size_t live_turns() const noexcept;
    bool works_on(const std::string& conversation) const noexcept;
    void wake() { wake_.set(); }

    static Task<void> drain_queue(Engine& self);
    static Task<void> watch_health(Engine& self);
    /// Gives whether anybody had recovered.
    Task<bool> hasten_after_recovery();
    static Task<bool> woken(Engine& self);
    Task<void> look_after_rows();
    Task<void> refresh_rooms();
    Task<Instant> claim_due();
    Task<Result<std::vector<Lease>>> claim(std::size_t jobs);
    void complain(const Error& error);

    Env env_;
    AsyncStore& store_;
    RouteHealth& health_;
    const ChatOptions options_;
    const SteadyWall wall_;
    Workshop shop_;
    IdMaker ids_;
    Drain drain_;
    std::map<Id, std::shared_ptr<Room>> rooms_;
    std::map<WorkKey, Work> workers_;
    bool winding_down_ = false;
    Instant next_look_;
    std::set<std::string, std::less<>> ill_;  ///< Providers whose lane was not closed when last looked at.
    std::string last_complaint_;
    Event wake_;
    Event idle_;
    Courier courier_;
    Operations operations_;
    TaskGroup tasks_;  ///< Last: its tasks use all of the above.
};

}  // namespace evenkeel
