#include "net/socket_address.hpp"

#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <memory>

namespace evenkeel {
namespace {

struct SpecialNetwork {
    std::uint32_t base;
    unsigned bits;
};
constexpr std::uint32_t dotted(std::uint32_t a, std::uint32_t b, std::uint32_t c = 0) {
    return a << 24 | b << 16 | c << 8;
}
constexpr std::array<SpecialNetwork, 14> special_networks{{{dotted(0, 0), 8},
                                                           {dotted(10, 0), 8},
                                                           {dotted(100, 64), 10},
                                                           {dotted(127, 0), 8},
                                                           {dotted(169, 254), 16},
                                                           {dotted(172, 16), 12},
                                                           {dotted(192, 0), 24},
                                                           {dotted(192, 0, 2), 24},
                                                           {dotted(192, 168), 16},
                                                           {dotted(198, 18), 15},
                                                           {dotted(198, 51, 100), 24},
                                                           {dotted(203, 0, 113), 24},
                                                           {dotted(224, 0), 4},
                                                           {dotted(240, 0), 4}}};

}  // namespace

SocketAddress::SocketAddress(const sockaddr* address, socklen_t length) noexcept
    : length_(std::min<socklen_t>(length, sizeof storage_)) {
    std::memcpy(&storage_, address, length_);
}

std::optional<SocketAddress> SocketAddress::numeric(std::string_view host, std::uint16_t port) {
    addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;  // Looks nothing up: it parses, scope ids included.
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (host.empty() || ::getaddrinfo(std::string(host).c_str(), std::to_string(port).c_str(), &hints, &found) != 0)
        return std::nullopt;
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
    return SocketAddress(found->ai_addr, found->ai_addrlen);
}

Result<SocketAddress> SocketAddress::unix_path(std::string_view path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path)
        return own_fault(ErrorClass::storage,
                         "the path of a socket may have 1 to " + std::to_string(sizeof address.sun_path - 1) +
                             " bytes, not " + std::to_string(path.size()) + ": choose a shorter directory than " +
                             std::string(path.substr(0, 200)),
                         "path_too_long");
    std::memcpy(address.sun_path, path.data(), path.size());
    return SocketAddress(reinterpret_cast<const sockaddr*>(&address),
                         static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1));
}

std::uint16_t SocketAddress::port() const noexcept {
    if (family() == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in*>(&storage_)->sin_port);
    if (family() == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6*>(&storage_)->sin6_port);
    return 0;
}

SocketAddress SocketAddress::with_port(std::uint16_t port) const noexcept {
    SocketAddress other(*this);
    if (family() == AF_INET) reinterpret_cast<sockaddr_in*>(&other.storage_)->sin_port = htons(port);
    if (family() == AF_INET6) reinterpret_cast<sockaddr_in6*>(&other.storage_)->sin6_port = htons(port);
    return other;
}

bool SocketAddress::is_public() const noexcept {
    if (family() == AF_INET) {
        sockaddr_in four{};
        std::memcpy(&four, &storage_, sizeof four);
        const std::uint32_t address = ntohl(four.sin_addr.s_addr);
        return std::ranges::none_of(special_networks, [address](const SpecialNetwork& network) {
            return (address ^ network.base) >> (32 - network.bits) == 0;
        });
    }
    if (family() != AF_INET6) return false;
    sockaddr_in6 six{};
    std::memcpy(&six, &storage_, sizeof six);
    const auto& bytes = six.sin6_addr.s6_addr;
    const bool global = (bytes[0] & 0xe0) == 0x20;  // 2000::/3
    const bool special =
        bytes[0] == 0x20 && ((bytes[1] == 0x01 && bytes[2] < 0x02) ||                       // 2001::/23
                             (bytes[1] == 0x01 && bytes[2] == 0x0d && bytes[3] == 0xb8) ||  // Examples.
                             bytes[1] == 0x02);                                             // 6to4
    return global && !special;
}

std::string SocketAddress::text() const {
    if (family() == AF_UNIX) {
        const auto* address = reinterpret_cast<const sockaddr_un*>(&storage_);
        // The connecting side of a Unix socket has no path.
        return length_ > offsetof(sockaddr_un, sun_path) ? std::string("unix:") + address->sun_path : "unix:";
    }
    std::array<char, NI_MAXHOST> host{};
    if (::getnameinfo(get(), length_, host.data(), host.size(), nullptr, 0, NI_NUMERICHOST) != 0) return "?";
    const bool six = family() == AF_INET6;
    return std::string(six ? "[" : "") + host.data() + (six ? "]:" : ":") + std::to_string(port());
}

bool SocketAddress::operator==(const SocketAddress& other) const noexcept {
    return length_ == other.length_ && std::memcmp(&storage_, &other.storage_, length_) == 0;
}

std::vector<SocketAddress> families_alternating(const std::vector<SocketAddress>& addresses) {
    std::vector<SocketAddress> first, second, mixed;
    for (const SocketAddress& address : addresses)
        (address.family() == addresses.front().family() ? first : second).push_back(address);
    for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
        if (i < first.size()) mixed.push_back(first[i]);
        if (i < second.size()) mixed.push_back(second[i]);
    }
    return mixed;
}

}  // namespace evenkeel
