#pragma once
#include <memory>

#include "control/control_server.hpp"
#include "control/owner.hpp"
#include "control/remote_desk.hpp"
#include "control/session.hpp"
#include "core/async.hpp"

namespace evenkeel {

/// One period under one owner, ours or another process's.
struct Tenure {
    explicit Tenure(Scheduler& scheduler) : lost(scheduler), over(scheduler) {}
    Desk& desk() noexcept { return local ? local->desk() : *remote; }
    /// Destroys what serves, then ownership last. Nobody may hold a stream of the desk any more.
    void end() noexcept {
        server.reset();
        local.reset();
        remote.reset();
        ownership.reset();
    }

    OwnerIdentity identity;
    Event lost;  ///< The owner has gone, or we were asked to yield: the session ends this tenure soon.
    Event over;  ///< Nobody may use the desk from now on; whoever waits for it lets go.
    std::unique_ptr<Ownership> ownership;
    std::unique_ptr<LocalOwner> local;
    std::unique_ptr<RemoteDesk> remote;
    std::unique_ptr<ControlServer> server;
};

/// Looks for an owner, or becomes it.
class OwnerSeeker {
public:
    /// `gate` and `network` outlive it.
    OwnerSeeker(Env env, Network& network, OwnerGate& gate, OwnerFactory factory, SessionOptions options);

    /// One try, of at most the factory's time or 2 × RemoteDesk::answer_within. Null: nobody answers yet, try again.
    /// Errors: what waiting cannot help (storage, control_version, owner_busy).
    Task<Result<std::shared_ptr<Tenure>>> try_once();
    /// For a little while only others may become owner: the `serve` that asked us to yield shall have its turn.
    void step_back();
    /// Why there is no owner, once patience is over.
    Error unreachable() const;

private:
    Task<Result<std::shared_ptr<Tenure>>> become(std::unique_ptr<Ownership> ownership);
    Task<Result<std::shared_ptr<Tenure>>> join();
    bool must_own() const noexcept { return options_.kind == serve_kind; }

    Env env_;
    Network& network_;
    OwnerGate& gate_;
    OwnerFactory factory_;
    SessionOptions options_;
    Instant not_before_{};
};

}  // namespace evenkeel
