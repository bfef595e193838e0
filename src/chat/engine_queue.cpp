// The engine's own hands: what it does to the queue when nobody calls.
#include <algorithm>

#include "chat/engine.hpp"

namespace evenkeel {
namespace {
/// A message that was being worked in so many processes when they ended is worked alone (reliability.md I12).
constexpr std::int64_t crashes_of_a_suspect = 2;
}  // namespace

Task<bool> Engine::woken(Engine& self) {
    co_await self.wake_.wait();
    co_return true;
}

Task<void> Engine::watch_health(Engine& self) {
    for (;;) {
        self.wake();
        // What changes while the store is busy rings no bell that anybody hears: it is looked at again.
        while (co_await self.hasten_after_recovery()) self.wake();
        co_await self.health_.changed().wait();
        co_await yield_to_loop(self.env_.scheduler);
    }
}

/// A back-off was set while somebody else could be asked, or by a provider that wished to be left alone. Neither binds
/// the one that has just come back.
Task<bool> Engine::hasten_after_recovery() {
    bool recovered = false, local_recovered = false;
    for (const LaneView& lane : health_.lanes()) {
        if (lane.phase != "closed") {
            ill_.insert(lane.name);
        } else if (ill_.erase(lane.name) > 0) {
            recovered = true;
            local_recovered = local_recovered || lane.local;
        }
    }
    if (!recovered) co_return false;
    auto hastened = co_await store_.run([local_recovered, now = wall_.now()](StoreEngine& engine) {
        return engine.desk().hasten(local_recovered, now);
    });
    if (!hastened) complain(hastened.error());
    co_return true;
}

Task<void> Engine::drain_queue(Engine& self) {
    for (;;) {
        self.wake_.clear();
        co_await self.look_after_rows();
        self.clear_rooms();
        const Instant again = self.winding_down_ ? forever : co_await self.claim_due();
        const Instant scan = self.env_.now() + self.options_.scan_every;
        static_cast<void>(co_await until(self.env_.scheduler, sooner(again, scan), woken(self)));
    }
}

/// Expires what waited too long, returns what nobody holds any more, and tells those who watch.
Task<void> Engine::look_after_rows() {
    if (env_.now() < next_look_) co_return;
    next_look_ = env_.now() + options_.refresh_every;
    auto touched = co_await store_.run([now = wall_.now()](StoreEngine& engine) { return engine.desk().sweep(now); });
    if (!touched) co_return complain(touched.error());
    if (*touched > 0) courier_.wake();
    co_await refresh_rooms();
}

Task<void> Engine::refresh_rooms() {
    std::vector<std::shared_ptr<Room>> idle;
    for (const auto& [id, room] : rooms_)
        if (!room->worker && !room->ended() && room->watchers() > 0) idle.push_back(room);
    for (const auto& room : idle) {
        auto found = co_await find(room->id(), false);
        if (room->worker || room->ended()) continue;
        if (found && !is_open(found->view.state)) tell_state(*room, found->view);
        if (!found && found.error().code == "not_found")
            room->end({.kind = TurnEvent::Kind::cancelled, .text = "it was removed"});
    }
}

/// Claims what the drain grants; gives when to try again if nothing happens before.
Task<Instant> Engine::claim_due() {
    if (!options_.works_queue) co_return forever;
    const Instant now = env_.now();
    drain_.route_opens_at(health_.next_try_at(false), now);
    drain_.live(live_turns(), now);
    const auto grant = drain_.grant(now);
    if (grant.jobs == 0) co_return grant.again;
    auto leases = co_await claim(grant.jobs);
    if (!leases) {
        complain(leases.error());
        co_return forever;
    }
    drain_.claimed(leases->size(), env_.now());
    const bool all = leases->size() == grant.jobs;
    for (Lease& lease : *leases) begin(std::move(lease), false, grant.probe);
    if (all) co_return env_.now();
    auto due = co_await store_.run([](StoreEngine& engine) { return engine.desk().next_due(); });
    co_return due && *due && **due > wall_.now() ? wall_.instant_of(**due) : forever;
}

Task<Result<std::vector<Lease>>> Engine::claim(std::size_t jobs) {
    const bool suspect_works = std::ranges::any_of(
        workers_, [](const auto& entry) { return entry.second.worker->lease().crashes >= crashes_of_a_suspect; });
    if (suspect_works) co_return std::vector<Lease>{};
    ClaimOptions options{.jobs_max = jobs, .lease_for = options_.lease_for};
    auto leases = co_await store_.run(
        [options, now = wall_.now()](StoreEngine& engine) { return engine.queue().claim(options, now); });
    if (!leases || !leases->empty() || !workers_.empty()) co_return leases;
    options.jobs_max = 1;
    options.suspects = true;
    co_return co_await store_.run(
        [options, now = wall_.now()](StoreEngine& engine) { return engine.queue().claim(options, now); });
}

}  // namespace evenkeel
