#pragma once
#include <string_view>

#include "config/settings.hpp"
#include "net/connection.hpp"
#include "net/http_server.hpp"

namespace evenkeel {

/// "127.0.0.1:8484", "[::1]:8484", "localhost:0" or "unix:/path" as a place to listen at.
/// Errors: own storage "listen" where it is none of these.
Result<Endpoint> listen_place(std::string_view listen);

/// The gateway's limits from [server].
HttpServerLimits server_limits(const ServerSettings& settings);

/// "http://127.0.0.1:8484", with the port that was really taken.
std::string shown_place(std::string_view listen, std::uint16_t port);

}  // namespace evenkeel
