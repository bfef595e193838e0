#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "core/scheduler.hpp"
#include "core/task.hpp"

namespace evenkeel {

/// How one attempt to move bytes ended.
enum class IoState : std::uint8_t {
    moved,   ///< `bytes` > 0 were moved.
    again,   ///< Nothing now; wait for readiness.
    end,     ///< Reading: the peer has closed its side.
    broken,  ///< The connection is dead; `Connection::error()` says why.
};
struct Io {
    IoState state = IoState::again;
    std::size_t bytes = 0;
};

using Bytes = std::span<const std::byte>;

/// A byte stream to a peer: a socket, a TLS session, or the simulator's twin. Non-blocking and edge-triggered: a
/// reactor holds no buffer while nothing arrives. One loop; closed by its destructor.
class Connection {
public:
    virtual ~Connection() = default;
    virtual Io try_read(std::span<std::byte> into) = 0;
    /// Gathers: the pieces in order, as many bytes as the peer takes now.
    virtual Io try_write(std::span<const Bytes> pieces) = 0;
    /// Defers `waiter` once reading (writing) may make progress, or the connection breaks. At most one of each; null
    /// takes it back. Call only after `again`.
    virtual void on_readable(Ready* waiter) noexcept = 0;
    virtual void on_writable(Ready* waiter) noexcept = 0;
    /// Why it is broken.
    virtual Error error() const = 0;
    /// Ends it now; waiters are woken and find it broken. Idempotent.
    virtual void close() noexcept = 0;
    /// The same, but the peer finds a reset instead of an end, and what was not sent yet is dropped. Where nothing can
    /// tell the two apart it is `close`.
    virtual void abort() noexcept { close(); }
    /// "127.0.0.1:8484" or a path, for logs.
    virtual std::string peer() const = 0;
    /// The user who runs the peer, where the kernel vouches for it: Unix sockets only.
    virtual std::optional<std::uint32_t> peer_uid() const { return std::nullopt; }
};
using ConnectionPtr = std::unique_ptr<Connection>;

/// Some bytes, at least one; 0 when the peer has closed. Errors: transient (broken).
Task<Result<std::size_t>> read_some(Connection& connection, std::span<std::byte> into);
/// All of them. Errors: transient (broken).
Task<Result<void>> write_all(Connection& connection, std::span<const Bytes> pieces);
Task<Result<void>> write_all(Connection& connection, std::string_view text);

/// Where to connect. Exactly one of host and path is set.
struct Endpoint {
    std::string host;  ///< Name or address, IPv6 without brackets.
    std::uint16_t port = 0;
    std::string path;  ///< A Unix socket.
    bool tls = false;
    bool public_only = false;       ///< Who named the host is not trusted: never an address of our own networks.
    std::string ca_file;            ///< PEM with the only accepted roots; empty: the system's.
    Millis connect_timeout{2'000};  ///< Names, TCP and TLS together.
};
/// "https://host:port" or "unix:path".
std::string to_string(const Endpoint& endpoint);

/// Accepts connections at one place.
class Listener {
public:
    virtual ~Listener() = default;
    /// Errors: transient (too many open files: wait a little), cancelled (closed).
    virtual Task<Result<ConnectionPtr>> accept() = 0;
    virtual std::uint16_t port() const noexcept = 0;  ///< 0 for a Unix socket.
};

/// The one seam to the network. Implementations: net::SocketNetwork, testing::MemoryNetwork.
class Network {
public:
    virtual ~Network() = default;
    /// Resolves, connects and, where asked, shakes hands with verification. Errors, all of origin provider and scope
    /// provider: transient (refused, reset, no route, name not found), silent (connect_timeout passed), account (the
    /// certificate is not to be trusted; nothing was sent).
    virtual Task<Result<ConnectionPtr>> dial(const Endpoint& endpoint) = 0;
    /// Port 0 takes a free one; a path is made with mode 0600. Errors: storage, own (address in use, no such address).
    virtual Result<std::unique_ptr<Listener>> listen(const Endpoint& endpoint) = 0;
};

}  // namespace evenkeel
