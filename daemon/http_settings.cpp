#include "daemon/http_settings.hpp"

#include <charconv>

namespace evenkeel {
namespace {

constexpr std::string_view unix_prefix = "unix:";

}  // namespace

Result<Endpoint> listen_place(std::string_view listen) {
    Endpoint place;
    if (listen.starts_with(unix_prefix) && listen.size() > unix_prefix.size()) {
        place.path = listen.substr(unix_prefix.size());
        return place;
    }
    const std::size_t colon = listen.rfind(':');
    std::string_view host = listen.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    const std::string_view digits = colon == std::string_view::npos ? "" : listen.substr(colon + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), place.port);
    if (host.empty() || digits.empty() || error != std::errc{} || end != digits.data() + digits.size())
        return own_fault(ErrorClass::storage,
                         "[server] listen = \"" + std::string(listen) +
                             "\" is no address with a port, such as 127.0.0.1:8484 or [::1]:8484",
                         "listen");
    place.host = host;
    return place;
}

HttpServerLimits server_limits(const ServerSettings& settings) {
    HttpServerLimits limits;
    limits.head_bytes_max = settings.head_bytes_max.bytes;
    limits.body_bytes_max = settings.body_bytes_max.bytes;
    limits.connections_max = static_cast<std::size_t>(settings.connections_max);
    limits.head_timeout = settings.head_timeout;
    limits.body_timeout = settings.body_timeout;
    limits.idle_timeout = settings.idle_timeout;
    limits.abandons = true;
    return limits;
}

std::string shown_place(std::string_view listen, std::uint16_t port) {
    if (listen.starts_with(unix_prefix)) return std::string(listen);
    return "http://" + std::string(listen.substr(0, listen.rfind(':'))) + ":" + std::to_string(port);
}

}  // namespace evenkeel
