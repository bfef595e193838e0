#pragma once
#include <string>
#include <vector>

#include "net/connection.hpp"
#include "net/fd_watch.hpp"
#include "net/socket_address.hpp"

namespace evenkeel {

/// A stream socket of the loop, TCP or Unix.
class Socket final : public Connection {
public:
    /// `fd` is non-blocking. Where the loop cannot take it the socket is broken from the start.
    Socket(Loop& loop, UniqueFd fd, const SocketAddress& peer);
    Io try_read(std::span<std::byte> into) override;
    Io try_write(std::span<const Bytes> pieces) override;
    void on_readable(Ready* waiter) noexcept override { watch_.reading.wait(loop_, waiter); }
    void on_writable(Ready* waiter) noexcept override { watch_.writing.wait(loop_, waiter); }
    Error error() const override;
    void close() noexcept override;
    void abort() noexcept override;
    std::string peer() const override { return peer_; }
    std::optional<std::uint32_t> peer_uid() const override;

    /// Ends when a connect that is under way has succeeded or failed; gives 0 or an errno value.
    Task<int> connected();

private:
    Io broken(int error_number) noexcept;
    Loop& loop_;
    UniqueFd fd_;
    EdgeWatch watch_;
    std::string peer_;
    bool tcp_;
    int error_number_ = 0;  ///< Why it is broken.
};

/// Connects to one address. Errors: transient of the provider (codes "refused", "reset", "unreachable"), silent (the
/// kernel gave up), transient of our own (no descriptor or no port left).
Task<Result<ConnectionPtr>> connect_to(Loop& loop, SocketAddress address);

/// A second attempt is begun while the first is still pending: RFC 8305 section 5 recommends 250 ms.
inline constexpr Millis next_attempt_after{250};
/// Connects to whichever of the addresses answers first: one after the other, families in turn, the next as soon as one
/// has failed or `next_attempt_after` has passed. Errors: as connect_to, of the attempt that says most.
/// `addresses` is not empty.
Task<Result<ConnectionPtr>> connect_to_any(Loop& loop, std::vector<SocketAddress> addresses);

}  // namespace evenkeel
