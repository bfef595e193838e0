#include "net/socket_listener.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "net/fd_watch.hpp"
#include "net/socket.hpp"
#include "net/socket_address.hpp"

namespace evenkeel {
namespace {

/// Connections that may wait for accept; the kernel caps it with net.core.somaxconn.
constexpr int backlog = 1'024;

std::unexpected<Error> listen_fault(const std::string& where, int error_number) {
    const std::string text = "cannot listen at " + where + ": ";
    switch (error_number) {
        case EADDRINUSE:
            return own_fault(ErrorClass::storage,
                             text + "another program listens there; stop it or choose another place", "address_in_use");
        case EACCES:
        case EPERM:
        case EROFS:
            return own_fault(ErrorClass::storage,
                             text + "this user may not; ports below 1024 need a privilege, files a writable directory",
                             "not_permitted");
        case EADDRNOTAVAIL:
            return own_fault(ErrorClass::storage, text + "this machine has no such address", "no_such_address");
        case ENOENT:
        case ENOTDIR: return own_fault(ErrorClass::storage, text + "its directory does not exist", "no_such_address");
        default: return own_fault(ErrorClass::storage, text + std::generic_category().message(error_number), "io");
    }
}

/// The file that a Unix socket has made, to remove that one and no successor's.
struct SocketFile {
    std::string path;
    dev_t device = 0;
    ino_t inode = 0;
};

class SocketListener final : public Listener {
public:
    SocketListener(Loop& loop, UniqueFd fd, SocketFile file) noexcept
        : loop_(loop), fd_(std::move(fd)), watch_(loop), file_(std::move(file)) {}
    ~SocketListener() override {
        struct stat status{};
        if (!file_.path.empty() && ::lstat(file_.path.c_str(), &status) == 0 && status.st_dev == file_.device &&
            status.st_ino == file_.inode)
            ::unlink(file_.path.c_str());
    }
    int start() noexcept { return watch_.start(fd_.get()); }

    Task<Result<ConnectionPtr>> accept() override {
        for (;;) {
            if (!watch_.reading.may_try(loop_)) {
                co_await watch_.readable();
                continue;
            }
            sockaddr_storage peer{};
            socklen_t length = sizeof peer;
            UniqueFd fd(
                ::accept4(fd_.get(), reinterpret_cast<sockaddr*>(&peer), &length, SOCK_NONBLOCK | SOCK_CLOEXEC));
            if (fd) {
                const SocketAddress address(reinterpret_cast<const sockaddr*>(&peer), length);
                co_return ConnectionPtr(std::make_unique<Socket>(loop_, std::move(fd), address));
            }
            if (errno == EAGAIN) {
                watch_.reading.drained();
            } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
                // The caller waits and comes back; the connection stays in the backlog and the side stays ready.
                co_return own_fault(ErrorClass::transient,
                                    "too many open files to accept a connection: raise ulimit -n", "too_many_files");
            }
            // Anything else is about that one connection, which has gone: take the next.
        }
    }
    std::uint16_t port() const noexcept override {
        sockaddr_storage own{};
        socklen_t length = sizeof own;
        if (::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&own), &length) != 0) return 0;
        return SocketAddress(reinterpret_cast<const sockaddr*>(&own), length).port();
    }

private:
    Loop& loop_;
    UniqueFd fd_;
    EdgeWatch watch_;
    SocketFile file_;
};

/// Removes a socket file whose owner was killed. Whatever else lies there is left, and bind will say that it is in use.
void remove_if_stale(const SocketAddress& address, const std::string& path) noexcept {
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return;
    const UniqueFd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (probe && ::connect(probe.get(), address.get(), address.length()) != 0 && errno == ECONNREFUSED)
        ::unlink(path.c_str());
}

Result<SocketAddress> address_of(const Endpoint& endpoint) {
    if (!endpoint.path.empty()) return SocketAddress::unix_path(endpoint.path);
    if (auto address =
            SocketAddress::numeric(endpoint.host == "localhost" ? "127.0.0.1" : endpoint.host, endpoint.port))
        return *address;
    return own_fault(ErrorClass::storage,
                     "cannot listen at \"" + endpoint.host + "\": give a numeric address, such as 127.0.0.1 or ::1",
                     "no_such_address");
}

}  // namespace

Result<std::unique_ptr<Listener>> listen_at(Loop& loop, const Endpoint& endpoint) {
    const auto address = address_of(endpoint);
    if (!address) return fail(address.error());
    UniqueFd fd(::socket(address->family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd) return listen_fault(address->text(), errno);
    const int on = 1;  // A restart must not wait for the connections of the last run to time out.
    ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    SocketFile file;
    if (!endpoint.path.empty()) remove_if_stale(*address, endpoint.path);
    if (::bind(fd.get(), address->get(), address->length()) != 0) return listen_fault(address->text(), errno);
    if (!endpoint.path.empty()) {
        // Nobody can connect before listen(), so the file is private before it is of use.
        struct stat status{};
        if (::chmod(endpoint.path.c_str(), 0600) != 0 || ::lstat(endpoint.path.c_str(), &status) != 0)
            return listen_fault(address->text(), errno);
        file = SocketFile{endpoint.path, status.st_dev, status.st_ino};
    }
    if (::listen(fd.get(), backlog) != 0) return listen_fault(address->text(), errno);
    auto listener = std::make_unique<SocketListener>(loop, std::move(fd), std::move(file));
    if (const int error_number = listener->start(); error_number != 0)
        return listen_fault(address->text(), error_number);
    return std::unique_ptr<Listener>(std::move(listener));
}

}  // namespace evenkeel
