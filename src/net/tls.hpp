#pragma once
#include <memory>

#include "net/connection.hpp"

namespace evenkeel {

/// The client's side of TLS: 1.2 or newer, chain and name always verified, no way to switch that off. Sessions are kept
/// per endpoint, so that a second connection needs no second key exchange. Outlives its connections.
class TlsClient {
public:
    static constexpr std::size_t sessions_kept_max = 256;
    static constexpr std::size_t root_sets_kept_max = 16;  ///< One per ca_file.

    explicit TlsClient(Scheduler& scheduler);
    ~TlsClient();
    TlsClient(const TlsClient&) = delete;
    TlsClient& operator=(const TlsClient&) = delete;

    /// Shakes hands over `plain`; nothing else is sent before the peer is known to be `endpoint.host`. No deadline of
    /// its own. Errors, of the provider: account (code "certificate": not to be trusted, and why; "tls": no common
    /// protocol, or no TLS at all; "ca_file": unreadable), transient (the connection broke).
    Task<Result<ConnectionPtr>> secure(ConnectionPtr plain, const Endpoint& endpoint);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace evenkeel
