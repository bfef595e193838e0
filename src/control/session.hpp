#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "chat/desk.hpp"
#include "control/owner.hpp"
#include "core/env.hpp"
#include "net/connection.hpp"

namespace evenkeel {

/// The engine of a process that owns the data: store, worker and desk. Built when ownership was won, destroyed before
/// it is given up.
class LocalOwner {
public:
    virtual ~LocalOwner() = default;
    virtual Desk& desk() = 0;
    /// Of this start; tells a new owner from the last one.
    virtual std::uint64_t generation() const noexcept = 0;
    /// Takes no new work and lets go of what runs, so that the next owner finds it in order. Bounded by the caller.
    virtual Task<void> drain() = 0;
};
/// Builds one. Errors: storage, internal: then nobody owns.
using OwnerFactory = std::function<Task<Result<std::unique_ptr<LocalOwner>>>()>;

struct SessionOptions {
    std::string kind;  ///< The command: "ask", "chat", …; "serve" must own, and asks others to yield.
    std::string version = EVENKEEL_VERSION;
    std::uint32_t pid = 0;
    std::optional<std::uint32_t> uid;  ///< Of this process; empty: peers are not checked.
    Millis patience{5'000};            ///< How long an operation waits until there is an owner that answers.
    Millis drain_within{3'000};        ///< How long the owner in this process may take to end in order.
};

/// What every command uses: the desk of whoever owns the data, now and later. It takes ownership if nobody has it, else
/// it is a client of the owner; when the owner ends, all clients race for ownership and go on, within a second.
/// Streams survive that: a turn is followed at the new owner (what was shown of an unfinished answer is struck by
/// `restarted`), deliveries are asked for again. A submit without an idempotency key is given one, so that repeating
/// it at the next owner never doubles it. cancel, shown and call are repeated too: each does the same when done twice.
/// Errors of all operations, besides those of Desk: is_owner_fault() after `patience`, or at once where waiting cannot
/// help; and what the factory said. Outlives its streams. One loop.
class Session final : public Desk {
public:
    /// `gate` and `network` outlive it.
    Session(Env env, Network& network, OwnerGate& gate, OwnerFactory factory, SessionOptions options);
    ~Session() override;
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// Resumes when there is an owner. Call once, first. Errors: as any operation.
    Task<Result<void>> open();
    /// Gives up ownership in order, if it is ours: drains, at most `drain_within`, and ends. Nothing may be called
    /// after it.
    Task<void> close();
    /// Is it ours?
    bool owns() const noexcept;
    /// Who has it; nothing while nobody is known to.
    std::optional<OwnerIdentity> owner() const;

    Task<Result<std::unique_ptr<TurnStream>>> submit(Inbound message) override;
    Task<Result<std::unique_ptr<TurnStream>>> follow(Id id) override;
    Task<Result<void>> cancel(Id id) override;
    Task<Result<std::unique_ptr<DeliveryStream>>> deliveries(std::string frontend, std::string conversation) override;
    Task<Result<void>> shown(Id id) override;
    Task<Result<std::string>> call(std::string operation, std::string arguments) override;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace evenkeel
