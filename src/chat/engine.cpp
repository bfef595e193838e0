#include "chat/engine.hpp"

#include <algorithm>

#include "chat/figures.hpp"
#include "core/text.hpp"

namespace evenkeel {
namespace {

Error owner_gone() {
    return own_fault(ErrorClass::transient, "the process that works the queue is ending", "owner_gone").error();
}

Drain::End as_drained(const TurnEnd& end) {
    switch (end.how) {
        case TurnEnd::How::answered:
        case TurnEnd::How::buried: return Drain::End::answered;  // Somebody answered, be it with a refusal.
        default: break;
    }
    return end.error && end.error->cls == ErrorClass::overload ? Drain::End::overloaded : Drain::End::failed;
}

}  // namespace

Engine::Engine(Env env, AsyncStore& store, Provider& route, RouteHealth& health, ChatOptions options, OwnerView owner)
    : env_(env),
      store_(store),
      health_(health),
      options_(std::move(options)),
      wall_(env.scheduler),
      shop_{env, store, route, health, options_, wall_},
      ids_(env),
      drain_(options_.drain, env.now()),
      next_look_(env.now()),
      wake_(env.scheduler),
      idle_(env.scheduler),
      courier_(env, store, options_, [this](const Id& id) { return held_back(id); }),
      operations_({env, store, route, health, options_, wall_, std::move(owner), *this}),
      tasks_(env.scheduler) {
    idle_.set();
    tasks_.spawn(drain_queue(*this));
    tasks_.spawn(watch_health(*this));
}

Engine::~Engine() {
    tasks_.cancel();
    for (auto& [id, room] : rooms_) room->close(owner_gone());
}

Task<Result<std::unique_ptr<TurnStream>>> Engine::submit(Inbound message) {
    if (winding_down_) co_return fail(owner_gone());
    if (message.text.size() > options_.question_bytes_max)
        co_return caller_fault("the question has " + format_size(message.text.size()) + "; at most " +
                                   format_size(options_.question_bytes_max) + " are taken ([queue] question_bytes_max)",
                               "too_long");
    if (rooms_.size() >= options_.rooms_max)
        co_return caller_fault("too many questions are being watched", "too_many_watched", ErrorClass::overload);
    auto accepted = co_await store_.run([message, id = ids_.next(), now = wall_.now()](StoreEngine& engine) {
        return engine.queue().accept(message, id, now);
    });
    if (!accepted) co_return fail(accepted.error());
    auto room = enter(accepted->id, message.conversation, is_open(accepted->state));
    auto stream = watch(*room, accepted->ahead + 1);
    if (stream) tasks_.spawn(start(*this, std::move(room)));
    co_return stream;
}

Task<Result<std::unique_ptr<TurnStream>>> Engine::follow(Id id) {
    if (rooms_.size() >= options_.rooms_max)
        co_return caller_fault("too many questions are being watched", "too_many_watched", ErrorClass::overload);
    auto found = co_await find(id, false);
    if (!found) co_return fail(found.error());
    auto room = enter(id, found->view.message.conversation, is_open(found->view.state));
    auto stream = watch(*room, found->view.position);
    if (stream) tasks_.spawn(start(*this, std::move(room)));
    co_return stream;
}

Task<Result<void>> Engine::cancel(Id id) {
    std::vector<std::shared_ptr<Event>> gone;
    for (auto it = workers_.lower_bound({id, 0}); it != workers_.end() && it->first.first == id; ++it) {
        it->second.worker->stop();
        gone.push_back(it->second.gone);
    }
    for (const auto& event : gone) co_await event->wait();
    auto found = co_await find(id, false);
    if (!found) co_return fail(found.error());
    if (found->view.state == JobState::cancelled && !gone.empty()) co_return Result<void>{};
    auto done = co_await store_.run(
        [id, now = wall_.now()](StoreEngine& engine) { return engine.desk().cancel(everyone, id, now); });
    if (!done) co_return done;
    if (const auto room = rooms_.find(id); room != rooms_.end())
        room->second->end({.kind = TurnEvent::Kind::cancelled, .text = "taken back"});
    start_next(found->view.message.conversation);
    co_return done;
}

Task<Result<std::unique_ptr<DeliveryStream>>> Engine::deliveries(std::string frontend, std::string conversation) {
    co_return courier_.subscribe(std::move(frontend), std::move(conversation));
}

Task<Result<void>> Engine::shown(Id id) {
    auto done =
        co_await store_.run([id, now = wall_.now()](StoreEngine& engine) { return engine.outbox().shown(id, now); });
    if (done) courier_.shown(id);
    co_return done;
}

Task<Result<std::string>> Engine::call(std::string operation, std::string arguments) {
    auto result = co_await operations_.call(std::move(operation), std::move(arguments));
    // Whatever it changed in the rows, those who watch them hear of it and due work is taken up.
    next_look_ = env_.now();
    wake();
    co_return result;
}

Task<void> Engine::wind_down() {
    winding_down_ = true;
    co_await idle_.wait();
}

Task<void> Engine::hand_back() {
    winding_down_ = true;
    for (auto& [key, work] : workers_) work.worker->hand_back();
    co_await idle_.wait();
}

std::shared_ptr<Room> Engine::enter(const Id& id, const std::string& conversation, bool open) {
    auto& room = rooms_[id];
    if (room && open && room->ended()) std::exchange(room, nullptr)->on_left = nullptr;
    if (!room) {
        room = std::make_shared<Room>(env_.scheduler, id, conversation);
        room->on_left = [this] {
            courier_.wake();
            wake();
        };
    }
    return room;
}

Result<std::unique_ptr<TurnStream>> Engine::watch(Room& room, std::int64_t position) {
    if (room.watchers() >= options_.watchers_max)
        return caller_fault("too many watch this question", "too_many_watchers", ErrorClass::overload);
    return room.watch(position);
}

bool Engine::held_back(const Id& id) const {
    const auto found = rooms_.find(id);
    if (found == rooms_.end()) return false;
    const Room& room = *found->second;
    return room.watchers() > 0 || (room.told_at() && env_.now() - *room.told_at() < options_.told_grace);
}

void Engine::clear_rooms() {
    std::erase_if(rooms_, [this](const auto& entry) {
        const Room& room = *entry.second;
        return !room.worker && room.watchers() == 0 && !held_back(entry.first);
    });
}

std::size_t Engine::live_turns() const noexcept {
    return static_cast<std::size_t>(
        std::ranges::count_if(workers_, [](const auto& entry) { return entry.second.live; }));
}

bool Engine::works_on(const std::string& conversation) const noexcept {
    return std::ranges::any_of(workers_, [&conversation](const auto& entry) {
        return entry.second.worker->lease().message.conversation == conversation;
    });
}

std::optional<Millis> Engine::eta() const {
    const Instant opens = health_.next_try_at(false);
    if (opens == forever) return std::nullopt;
    return elapsed(env_.now(), opens);
}

Task<Result<Engine::Found>> Engine::find(Id id, bool claim) {
    co_return co_await store_.run(
        [id, claim, lease_for = options_.lease_for, now = wall_.now()](StoreEngine& engine) -> Result<Found> {
            auto view = engine.desk().show(everyone, id);
            if (!view) return fail(view.error());
            Found found{.view = std::move(*view)};
            const bool due = found.view.state == JobState::queued && found.view.run_at.value_or(now) <= now;
            if (!claim || !due) return found;
            auto lease = engine.queue().claim_one(id, {.lease_for = lease_for}, now);
            if (!lease) return fail(lease.error());
            found.lease = std::move(*lease);
            return found;
        });
}

Task<void> Engine::start(Engine& self, std::shared_ptr<Room> room) {
    if (room->worker || room->ended()) co_return;
    const bool down = self.health_.next_try_at(false) > self.env_.now();
    const bool full = self.live_turns() >= self.options_.live_max;
    auto found = co_await self.find(room->id(), !down && !full && !self.winding_down_);
    if (!found) {
        self.complain(found.error());
    } else if (found->lease) {
        self.begin(std::move(*found->lease), true, false);
    } else if (!room->worker) {
        self.tell_state(*room, found->view);
    }
}

void Engine::begin(Lease lease, bool live, bool probe) {
    const WorkKey key{lease.id, lease.epoch};
    auto room = enter(lease.id, lease.message.conversation, true);
    workers_[key] = Work{.worker = std::make_unique<TurnWorker>(shop_, std::move(lease), std::move(room), probe),
                         .live = live,
                         .gone = std::make_shared<Event>(env_.scheduler)};
    idle_.clear();
    drain_.live(live_turns(), env_.now());
    tasks_.spawn(tend(*this, key));
}

Task<void> Engine::tend(Engine& self, WorkKey key) {
    const TurnEnd end = co_await self.workers_.at(key).worker->run();
    self.ended(key, end);
}

void Engine::ended(WorkKey key, const TurnEnd& end) {
    const auto work = workers_.extract(key);
    const std::string conversation = work.mapped().worker->lease().message.conversation;
    if (work.mapped().live)
        drain_.live_ended(as_drained(end), env_.now());
    else
        drain_.ended(as_drained(end), env_.now());
    drain_.live(live_turns(), env_.now());
    if (end.how == TurnEnd::How::answered || end.how == TurnEnd::How::buried) courier_.wake();
    work.mapped().gone->set();
    if (workers_.empty()) idle_.set();
    start_next(conversation);
    wake();
}

/// Whoever is watched in this conversation gets the chance to be next; all but its head learn what they wait for.
void Engine::start_next(const std::string& conversation) {
    for (const auto& [id, room] : rooms_)
        if (room->conversation() == conversation && room->watchers() > 0 && !room->ended())
            tasks_.spawn(start(*this, room));
}

void Engine::tell_state(Room& room, const JobView& view) {
    using Kind = TurnEvent::Kind;
    switch (view.state) {
        case JobState::queued: {
            const bool down = health_.next_try_at(false) > env_.now();
            if (!down && works_on(view.message.conversation))
                return room.progress("waits for the earlier message of this conversation");
            const bool later = view.run_at && *view.run_at > wall_.now();
            std::string why = !view.reason.empty() ? view.reason
                              : down               ? "no provider can be asked now"
                                                   : "it waits for its turn";
            // Without an error it only waits its turn: somebody who waits for the answer itself goes on waiting.
            std::optional<Error> outage;
            if (down || later) outage = Error{.cls = ErrorClass::transient, .origin = Origin::provider, .detail = why};
            return room.queued(view.position, std::move(why), later ? std::optional(*view.run_at - wall_.now()) : eta(),
                               std::move(outage));
        }
        case JobState::working: return room.progress("is being answered");
        case JobState::answered:
        case JobState::delivered: {
            TurnEvent end{.kind = Kind::answered, .answer = view.answer, .practice = options_.practice};
            if (end.answer) sum_up(*end.answer);
            return room.end(std::move(end));
        }
        case JobState::cancelled: return room.end({.kind = Kind::cancelled, .text = view.reason});
        case JobState::refused: return room.end({.kind = Kind::refused, .text = view.reason});
        case JobState::expired: return room.end({.kind = Kind::expired, .text = view.reason});
        case JobState::dead: return room.end({.kind = Kind::dead, .text = view.reason});
    }
}

void Engine::complain(const Error& error) {
    const std::string detail = describe(error);
    if (std::exchange(last_complaint_, detail) == detail) return;  // One alarm per trouble, not one per second.
    env_.notes.note({.severity = Severity::alarm, .name = "queue.storage_failed", .detail = detail});
}

}  // namespace evenkeel
