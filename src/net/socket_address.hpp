#pragma once
#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace evenkeel {

/// Where a socket is: a numeric IPv4 or IPv6 address with a port, or the path of a Unix socket.
class SocketAddress {
public:
    /// As the kernel gives it (accept, getsockname, c-ares). At most sizeof(sockaddr_storage) bytes.
    SocketAddress(const sockaddr* address, socklen_t length) noexcept;
    /// "127.0.0.1", "::1", "fe80::1%eth0"; nothing for a name.
    static std::optional<SocketAddress> numeric(std::string_view host, std::uint16_t port);
    /// Errors: storage (longer than the kernel's 107 bytes, or empty).
    static Result<SocketAddress> unix_path(std::string_view path);

    const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&storage_); }
    socklen_t length() const noexcept { return length_; }
    int family() const noexcept { return storage_.ss_family; }
    /// 0 for a Unix socket.
    std::uint16_t port() const noexcept;
    /// An address that anybody on the Internet may have (IANA's special-purpose registries of RFC 6890): not loopback,
    /// private, link-local, shared, reserved, multicast, nor IPv6 that carries an IPv4 address. A Unix socket is not.
    bool is_public() const noexcept;
    /// "127.0.0.1:8484", "[::1]:8484", "unix:PATH".
    std::string text() const;
    /// The same host at another port; a path stays as it is.
    SocketAddress with_port(std::uint16_t port) const noexcept;
    bool operator==(const SocketAddress& other) const noexcept;

private:
    sockaddr_storage storage_{};
    socklen_t length_ = 0;
};

/// The families in turn, beginning with that of the first address; the order within a family is kept (RFC 8305 4).
std::vector<SocketAddress> families_alternating(const std::vector<SocketAddress>& addresses);

}  // namespace evenkeel
