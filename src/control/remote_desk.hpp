#pragma once
#include <memory>
#include <string>

#include "chat/desk.hpp"
#include "control/owner.hpp"
#include "core/env.hpp"
#include "net/connection.hpp"
#include "net/http_client.hpp"

namespace evenkeel {

/// The desk of the process that owns the data, over its control socket. When the connection breaks, an operation and
/// every stream ends with transient "owner_gone"; nothing is tried again here (Session does). No operation but who()
/// has a deadline: whoever needs one runs watch() beside it. Outlives its streams. One loop.
class RemoteDesk final : public Desk {
public:
    RemoteDesk(Env env, Network& network, std::string socket_path);
    ~RemoteDesk() override;

    /// Who answers there. Errors: owner_gone (nobody, or not within `answer_within`), control_version.
    Task<Result<OwnerIdentity>> who();
    /// Asks the owner to give up ownership; it does so after it said yes. Errors: owner_busy, and as who().
    Task<Result<void>> ask_to_yield();
    /// Resumes when the owner has gone or was not heard of for `silence_max`, and says which.
    Task<Error> watch();

    Task<Result<std::unique_ptr<TurnStream>>> submit(Inbound message) override;
    Task<Result<std::unique_ptr<TurnStream>>> follow(Id id) override;
    Task<Result<void>> cancel(Id id) override;
    Task<Result<std::unique_ptr<DeliveryStream>>> deliveries(std::string frontend, std::string conversation) override;
    Task<Result<void>> shown(Id id) override;
    Task<Result<std::string>> call(std::string operation, std::string arguments) override;

    static constexpr Millis answer_within{2'000};
    static constexpr Millis silence_max{6'000};  ///< Three beats (control_server.hpp).

private:
    Task<Result<std::unique_ptr<HttpReply>>> ask(std::string method, std::string target, std::string body);
    Task<Result<std::string>> ask_whole(std::string method, std::string target, std::string body);
    Task<Result<void>> ask_done(std::string target);
    Task<Result<OwnerIdentity>> who_now();
    Env env_;
    std::unique_ptr<HttpSender> client_;
};

}  // namespace evenkeel
