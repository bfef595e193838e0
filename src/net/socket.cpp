#include "net/socket.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "core/async.hpp"

namespace evenkeel {
namespace {

/// Pieces handed to the kernel at a time; a head, a body and their framing are five.
constexpr std::size_t pieces_per_call_max = 16;

std::string reason(int error_number) { return std::generic_category().message(error_number); }

/// Why a connection that once stood is no more.
std::string loss(const std::string& peer, int error_number) {
    switch (error_number) {
        case ECONNRESET: return peer + " reset the connection";
        case EPIPE: return peer + " has closed the connection";
        case ECANCELED: return "the connection to " + peer + " was closed on our side";
        case ETIMEDOUT: return peer + " does not answer any more";
        default: return "the connection to " + peer + " broke: " + reason(error_number);
    }
}

std::unexpected<Error> connect_fault(const SocketAddress& address, int error_number) {
    const std::string where = address.text();
    const auto unreachable = [](ErrorClass cls, std::string detail, std::string code) {
        return provider_fault(cls, Scope::provider, std::move(detail), std::move(code));
    };
    switch (error_number) {
        case ECONNREFUSED:
            return unreachable(ErrorClass::transient, "nothing listens at " + where + ": is the server running?",
                               "refused");
        case ENOENT:
            return unreachable(ErrorClass::transient, "nothing listens at " + where + ": there is no such socket",
                               "refused");
        case EAGAIN:  // Only a Unix socket says so.
            return unreachable(ErrorClass::transient, where + " takes no more connections now", "refused");
        case ECONNRESET: return unreachable(ErrorClass::transient, where + " reset the connection", "reset");
        case ETIMEDOUT: return unreachable(ErrorClass::silent, where + " does not answer", "connect_timeout");
        case EMFILE:
        case ENFILE:
            return own_fault(ErrorClass::transient, "too many open files to connect to " + where + ": raise ulimit -n",
                             "too_many_files");
        case EADDRNOTAVAIL:
        case ENOBUFS:
        case ENOMEM:
            return own_fault(ErrorClass::transient, "cannot connect to " + where + ": " + reason(error_number),
                             "no_room");
        default:
            return unreachable(ErrorClass::transient,
                               "cannot reach " + where + " (" + reason(error_number) + "): is the network up?",
                               "unreachable");
    }
}

/// A port of the ephemeral range where nobody listens can be given to the connecting side itself: TCP then connects the
/// socket to itself, and a dead local server would seem to have come back.
bool is_connected_to_itself(int fd, const SocketAddress& peer) noexcept {
    sockaddr_storage own{};
    socklen_t length = sizeof own;
    return peer.family() != AF_UNIX && ::getsockname(fd, reinterpret_cast<sockaddr*>(&own), &length) == 0 &&
           SocketAddress(reinterpret_cast<const sockaddr*>(&own), length) == peer;
}

}  // namespace

Socket::Socket(Loop& loop, UniqueFd fd, const SocketAddress& peer)
    : loop_(loop), fd_(std::move(fd)), watch_(loop), peer_(peer.text()), tcp_(peer.family() != AF_UNIX) {
    if (tcp_) {
        // Requests and streamed tokens are small and must leave at once.
        const int on = 1;
        ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    error_number_ = watch_.start(fd_.get());
}

Io Socket::broken(int error_number) noexcept {
    error_number_ = error_number;
    return {IoState::broken, 0};
}

Io Socket::try_read(std::span<std::byte> into) {
    if (error_number_ != 0) return {IoState::broken, 0};
    if (!watch_.reading.may_try(loop_)) return {};
    ssize_t got = 0;
    do got = ::recv(fd_.get(), into.data(), into.size(), 0);
    while (got < 0 && errno == EINTR);
    if (got > 0) {
        // A short read has emptied a TCP socket; asking again would cost a call to learn it. At the end no edge
        // follows.
        if (tcp_ && static_cast<std::size_t>(got) < into.size() && !watch_.ended()) watch_.reading.drained();
        return {IoState::moved, static_cast<std::size_t>(got)};
    }
    if (got == 0) return {IoState::end, 0};
    if (errno != EAGAIN) return broken(errno);
    watch_.reading.drained();
    return {};
}

Io Socket::try_write(std::span<const Bytes> pieces) {
    if (error_number_ != 0) return {IoState::broken, 0};
    if (!watch_.writing.may_try(loop_)) return {};
    std::array<iovec, pieces_per_call_max> vectors;
    const std::size_t count = std::min(pieces.size(), vectors.size());
    for (std::size_t i = 0; i < count; ++i)
        vectors[i] = {.iov_base = const_cast<std::byte*>(pieces[i].data()), .iov_len = pieces[i].size()};
    msghdr message{};
    message.msg_iov = vectors.data();
    message.msg_iovlen = count;
    ssize_t put = 0;
    do put = ::sendmsg(fd_.get(), &message, MSG_NOSIGNAL);
    while (put < 0 && errno == EINTR);
    if (put >= 0) return {IoState::moved, static_cast<std::size_t>(put)};
    if (errno != EAGAIN) return broken(errno);
    watch_.writing.drained();
    return {};
}

Error Socket::error() const {
    return provider_fault(ErrorClass::transient, Scope::provider, loss(peer_, error_number_), "reset").error();
}

void Socket::close() noexcept {
    if (!fd_) return;
    if (error_number_ == 0) error_number_ = ECANCELED;
    watch_.stop();
    fd_.reset();
}

void Socket::abort() noexcept {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    if (fd_ && tcp_) ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
}

std::optional<std::uint32_t> Socket::peer_uid() const {
    ucred credentials{};
    socklen_t length = sizeof credentials;
    if (tcp_ || ::getsockopt(fd_.get(), SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) return std::nullopt;
    return credentials.uid;
}

Task<int> Socket::connected() {
    if (error_number_ != 0) co_return error_number_;
    watch_.writing.drained();
    co_await watch_.writable();
    int error_number = 0;
    socklen_t length = sizeof error_number;
    if (::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error_number, &length) != 0) co_return errno;
    co_return error_number;
}

Task<Result<ConnectionPtr>> connect_to(Loop& loop, SocketAddress address) {
    UniqueFd fd(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd) co_return connect_fault(address, errno);
    const int raw = fd.get();
    const bool at_once = ::connect(raw, address.get(), address.length()) == 0;
    if (!at_once && errno != EINPROGRESS && errno != EINTR) co_return connect_fault(address, errno);
    auto socket = std::make_unique<Socket>(loop, std::move(fd), address);
    if (!at_once)
        if (const int error_number = co_await socket->connected(); error_number != 0)
            co_return connect_fault(address, error_number);
    if (is_connected_to_itself(raw, address)) co_return connect_fault(address, ECONNREFUSED);
    co_return ConnectionPtr(std::move(socket));
}

namespace {

/// What the attempts of one dial share.
struct Attempts {
    explicit Attempts(Loop& loop) : changed(loop), running(loop) {}
    Event changed;
    ConnectionPtr winner;
    std::optional<Error> failure;
    std::size_t pending = 0;
    TaskGroup running;  // Last, so that it goes first.
};

Task<void> attempt(Loop& loop, Attempts& attempts, SocketAddress address) {
    auto connection = co_await connect_to(loop, address);
    --attempts.pending;
    if (connection) {
        attempts.winner = std::move(*connection);
    } else if (!attempts.failure || attempts.failure->code == "unreachable") {
        // That this machine has no IPv6 says less than that the server refuses on IPv4.
        attempts.failure = std::move(connection.error());
    }
    attempts.changed.set();
}

Task<bool> changed(Attempts& attempts) {
    co_await attempts.changed.wait();
    co_return true;
}

}  // namespace

Task<Result<ConnectionPtr>> connect_to_any(Loop& loop, std::vector<SocketAddress> addresses) {
    if (addresses.size() == 1) co_return co_await connect_to(loop, addresses.front());
    Attempts attempts(loop);
    for (const SocketAddress& address : families_alternating(addresses)) {
        attempts.changed.clear();
        ++attempts.pending;
        attempts.running.spawn(attempt(loop, attempts, address));
        co_await until(loop, loop.now() + next_attempt_after, changed(attempts));
        if (attempts.winner) co_return std::move(attempts.winner);
    }
    while (attempts.pending > 0) {
        attempts.changed.clear();
        co_await attempts.changed.wait();
        if (attempts.winner) co_return std::move(attempts.winner);
    }
    co_return fail(std::move(*attempts.failure));
}

}  // namespace evenkeel
