#include "control/session.hpp"

#include <algorithm>
#include <deque>
#include <list>

#include "control/tenure.hpp"

namespace evenkeel {
namespace {

constexpr Millis seek_every{50};        ///< Jittered; clients race for ownership, which takes them far less than 1 s.
constexpr Millis after_trouble{1'000};  ///< Where trying again at once is unlikely to help.
constexpr int owners_max = 10;          ///< One operation outlives at most so many owners.
constexpr std::size_t shown_kept = 4'096;

Task<bool> set_of(Event& event) {
    co_await event.wait();
    co_return true;
}
Task<bool> done(Task<void> task) {
    co_await task;
    co_return true;
}

bool ends(TurnEvent::Kind kind) { return kind >= TurnEvent::Kind::answered; }

}  // namespace

struct Session::Impl {
    /// A stream of a desk, held by somebody while tenures come and go.
    class Attached {
    public:
        explicit Attached(Impl& owner) : session(owner) {
            place_ = session.streams.insert(session.streams.end(), this);
        }
        virtual ~Attached() { session.streams.erase(place_); }
        Attached(const Attached&) = delete;
        Attached& operator=(const Attached&) = delete;
        /// Lets go of the desk's stream. Not while that runs.
        virtual void detach() noexcept = 0;

    protected:
        Impl& session;

    private:
        std::list<Attached*>::iterator place_;
    };
    class SessionTurn;
    class SessionDeliveries;

    Impl(Env environment, Network& network, OwnerGate& gate, OwnerFactory factory, SessionOptions given)
        : env(environment),
          patience(given.patience),
          drain_within(given.drain_within),
          seeker(env, network, gate, std::move(factory), std::move(given)),
          ids(env),
          changed(env.scheduler),
          tasks(env.scheduler) {}
    ~Impl() {
        tasks.cancel();
        if (tenure) tenure->end();
    }

    /// One tenure after the other, as long as the session lives.
    Task<void> rule() {
        for (;;) {
            co_await seek();
            co_await outlive(*tenure);
            co_await end_tenure();
        }
    }

    Task<void> seek() {
        for (;;) {
            auto found = co_await seeker.try_once();
            trouble.reset();
            if (!found) trouble = std::move(found.error());
            if (found) tenure = std::move(*found);
            if (tenure || trouble) changed.pulse();
            if (tenure) co_return;
            co_await sleep_for(env.scheduler, env.random.jittered(trouble ? after_trouble : seek_every, 0.5));
        }
    }

    Task<void> outlive(Tenure& now) {
        if (now.local) {
            co_await now.lost.wait();
            seeker.step_back();
        } else {
            std::ignore = co_await unless(now.lost, now.remote->watch());
        }
    }

    /// Takes the desk from everybody before it goes.
    Task<void> end_tenure() {
        const auto ending = std::exchange(tenure, nullptr);
        ending->over.set();
        co_await yield_to_loop(env.scheduler);  // Those who waited for the desk have let go after this.
        for (Attached* stream : streams) stream->detach();
        if (ending->local)
            std::ignore = co_await until(env.scheduler, env.now() + drain_within, done(ending->local->drain()));
        ending->end();
    }

    Task<Result<std::shared_ptr<Tenure>>> present() {
        const Instant deadline = env.now() + patience;
        while (!tenure) {
            if (trouble) co_return fail(*trouble);
            if (env.now() >= deadline) co_return fail(seeker.unreachable());
            std::ignore = co_await until(env.scheduler, deadline, set_of(changed));
        }
        co_return tenure;
    }

    /// Runs `ask` at the desk of the present owner, and of the next one when that one ends.
    template <class T, class Ask>
    Task<Result<T>> at_desk(Ask ask) {
        for (int owners = 0; owners < owners_max; ++owners) {
            const auto now = co_await present();
            if (!now) co_return fail(now.error());
            auto result = co_await unless((*now)->over, ask((*now)->desk()));
            if (!result) continue;
            if (*result || result->error().code != "owner_gone") co_return std::move(*result);
            co_await lose(**now);
        }
        co_return fail(seeker.unreachable());
    }

    /// Somebody found the owner gone: nobody goes on before that is settled.
    static Task<void> lose(Tenure& now) {
        now.lost.set();
        co_await now.over.wait();
    }

    bool was_shown(Id id) const { return std::ranges::find(shown_ids, id) != shown_ids.end(); }
    void remember_shown(Id id) {
        if (was_shown(id)) return;
        shown_ids.push_back(id);
        if (shown_ids.size() > shown_kept) shown_ids.pop_front();
    }
    Task<Result<void>> tell_shown(Id id) {
        return at_desk<void>([id](Desk& desk) { return desk.shown(id); });
    }

    Env env;
    Millis patience;
    Millis drain_within;
    OwnerSeeker seeker;
    IdMaker ids;
    std::shared_ptr<Tenure> tenure;  ///< Null while there is no owner that answers.
    std::optional<Error> trouble;    ///< Why there is none, where waiting cannot help.
    Event changed;                   ///< Pulsed when one of the two was set.
    std::list<Attached*> streams;
    std::deque<Id> shown_ids;  ///< What this process said it has shown: handed out again, it is not shown twice.
    TaskGroup tasks;
};

/// A question that is watched across owners.
class Session::Impl::SessionTurn final : public TurnStream, public Attached {
public:
    SessionTurn(Impl& owner, Inbound message) : Attached(owner), message_(std::move(message)) {}
    SessionTurn(Impl& owner, Id id) : Attached(owner), id_(id) {}

    /// Asks the present owner for the stream, by id where that is known.
    Task<Result<void>> attach() {
        while (!inner_) {
            auto stream = id_ ? co_await session.at_desk<std::unique_ptr<TurnStream>>(
                                    [id = *id_](Desk& desk) { return desk.follow(id); })
                              : co_await session.at_desk<std::unique_ptr<TurnStream>>(
                                    [this](Desk& desk) { return desk.submit(message_); });
            if (!stream) co_return fail(std::move(stream.error()));
            tenure_ = session.tenure;
            if (tenure_) inner_ = std::move(*stream);  // Else the owner ended in this very moment.
        }
        co_return Result<void>{};
    }

    Task<Result<std::optional<TurnEvent>>> next() override {
        while (!ended_) {
            if (!inner_) {
                if (auto attached = co_await attach(); !attached) co_return fail(std::move(attached.error()));
                if (std::exchange(told_deltas_, false)) co_return std::optional(struck());
            }
            auto event = co_await unless(tenure_->over, inner_->next());
            if (!event) {
                detach();
            } else if (!*event && event->error().code == "owner_gone") {
                detach();
                co_await lose(*std::exchange(tenure_, nullptr));
            } else if (!*event) {
                co_return fail(std::move(event->error()));
            } else if (!**event) {
                ended_ = true;
            } else if (is_news(***event)) {
                co_return std::move(**event);
            }
        }
        co_return std::optional<TurnEvent>{};
    }

    void detach() noexcept override { inner_.reset(); }

private:
    TurnEvent struck() const {
        return {.kind = TurnEvent::Kind::restarted,
                .id = *id_,
                .text = "the process that worked on it has ended; another goes on"};
    }

    /// Keeps count of what was told; a receipt is given once.
    bool is_news(const TurnEvent& event) {
        id_ = event.id;
        ended_ = ends(event.kind);
        if (event.kind == TurnEvent::Kind::delta) told_deltas_ = true;
        if (event.kind == TurnEvent::Kind::restarted) told_deltas_ = false;
        return event.kind != TurnEvent::Kind::accepted || !std::exchange(told_accepted_, true);
    }

    Inbound message_;
    std::optional<Id> id_;
    std::shared_ptr<Tenure> tenure_;
    std::unique_ptr<TurnStream> inner_;
    bool told_accepted_ = false, told_deltas_ = false, ended_ = false;
};

class Session::Impl::SessionDeliveries final : public DeliveryStream, public Attached {
public:
    SessionDeliveries(Impl& owner, std::string frontend, std::string conversation)
        : Attached(owner), frontend_(std::move(frontend)), conversation_(std::move(conversation)) {}

    Task<Result<void>> attach() {
        while (!inner_) {
            auto stream = co_await session.at_desk<std::unique_ptr<DeliveryStream>>(
                [this](Desk& desk) { return desk.deliveries(frontend_, conversation_); });
            if (!stream) co_return fail(std::move(stream.error()));
            tenure_ = session.tenure;
            if (tenure_) inner_ = std::move(*stream);
        }
        co_return Result<void>{};
    }

    Task<Result<Delivery>> next() override {
        for (;;) {
            if (auto attached = co_await attach(); !attached) co_return fail(std::move(attached.error()));
            auto delivery = co_await unless(tenure_->over, inner_->next());
            if (!delivery) {
                detach();
            } else if (!*delivery && delivery->error().code == "owner_gone") {
                detach();
                co_await lose(*std::exchange(tenure_, nullptr));
            } else if (*delivery && session.was_shown((*delivery)->id)) {
                // The owner ended before it could write down what we told it.
                std::ignore = co_await session.tell_shown((*delivery)->id);
            } else {
                co_return std::move(*delivery);
            }
        }
    }

    void detach() noexcept override { inner_.reset(); }

private:
    std::string frontend_, conversation_;
    std::shared_ptr<Tenure> tenure_;
    std::unique_ptr<DeliveryStream> inner_;
};

Session::Session(Env env, Network& network, OwnerGate& gate, OwnerFactory factory, SessionOptions options)
    : impl_(std::make_unique<Impl>(env, network, gate, std::move(factory), std::move(options))) {}
Session::~Session() = default;

Task<Result<void>> Session::open() {
    impl_->tasks.spawn(impl_->rule());
    auto found = co_await impl_->present();
    if (!found) co_return fail(std::move(found.error()));
    co_return Result<void>{};
}

Task<void> Session::close() {
    impl_->tasks.cancel();
    if (impl_->tenure) co_await impl_->end_tenure();
}

bool Session::owns() const noexcept { return impl_->tenure && impl_->tenure->local; }

std::optional<OwnerIdentity> Session::owner() const {
    if (!impl_->tenure) return std::nullopt;
    return impl_->tenure->identity;
}

Task<Result<std::unique_ptr<TurnStream>>> Session::submit(Inbound message) {
    if (message.idempotency_key.empty()) message.idempotency_key = "session-" + to_string(impl_->ids.next());
    auto turn = std::make_unique<Impl::SessionTurn>(*impl_, std::move(message));
    if (auto attached = co_await turn->attach(); !attached) co_return fail(std::move(attached.error()));
    co_return turn;
}

Task<Result<std::unique_ptr<TurnStream>>> Session::follow(Id id) {
    auto turn = std::make_unique<Impl::SessionTurn>(*impl_, id);
    if (auto attached = co_await turn->attach(); !attached) co_return fail(std::move(attached.error()));
    co_return turn;
}

Task<Result<void>> Session::cancel(Id id) {
    return impl_->at_desk<void>([id](Desk& desk) { return desk.cancel(id); });
}

Task<Result<std::unique_ptr<DeliveryStream>>> Session::deliveries(std::string frontend, std::string conversation) {
    auto late = std::make_unique<Impl::SessionDeliveries>(*impl_, std::move(frontend), std::move(conversation));
    if (auto attached = co_await late->attach(); !attached) co_return fail(std::move(attached.error()));
    co_return late;
}

Task<Result<void>> Session::shown(Id id) {
    impl_->remember_shown(id);
    co_return co_await impl_->tell_shown(id);
}

Task<Result<std::string>> Session::call(std::string operation, std::string arguments) {
    return impl_->at_desk<std::string>([operation = std::move(operation), arguments = std::move(arguments)](
                                           Desk& desk) { return desk.call(operation, arguments); });
}

}  // namespace evenkeel
