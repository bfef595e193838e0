#pragma once
#include <memory>
#include <string>

#include "chat/desk.hpp"
#include "store/async_store.hpp"

namespace evenkeel {

/// Durable calls of programs, each bound to the principal who sent it: what is another's is answered exactly as what is
/// not there. A call is a message of the queue, so every promise of the queue holds for it (docs/queue.md). Store and
/// desk outlive it. One loop.
class Calls {
public:
    Calls(AsyncStore& store, Desk& desk) noexcept : store_(store), desk_(desk) {}

    /// Resumes when the call is durable; the stream's first event is `accepted` with its id, which for a key that was
    /// used before is the first call's. Errors: as Desk::submit.
    Task<Result<std::unique_ptr<TurnStream>>> submit(Inbound message) { return desk_.submit(std::move(message)); }
    /// Errors of all below: request "not_found", storage.
    Task<Result<JobView>> show(std::string principal, Id id);
    Task<Result<CallRecord>> record(std::string principal, Id id);
    /// From its present state. Leaving the stream ends no call.
    Task<Result<std::unique_ptr<TurnStream>>> follow(std::string principal, Id id);
    /// Errors: also request "already_ended".
    Task<Result<void>> cancel(std::string principal, Id id);
    /// Takes back what is open, then removes it, and overwrites its bytes on disk.
    Task<Result<void>> remove(std::string principal, Id id);
    /// The asker has read the whole of it.
    Task<Result<void>> shown(Id id) { return desk_.shown(id); }

private:
    AsyncStore& store_;
    Desk& desk_;
};

}  // namespace evenkeel
