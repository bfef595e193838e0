#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace evenkeel {

/// From where a browser may be used against us. Programs send neither of these on their own account; a web page that
/// somebody happens to read sends both, and must not reach a gateway on his machine.
struct OriginRules {
    std::vector<std::string> listen;  ///< Hosts of the listen addresses, without port: "127.0.0.1", "::", "bot.lan".
    std::vector<std::string> allow_hosts;    ///< "bot.example.org", "*.example.org" (any name below), "*" (no check).
    std::vector<std::string> allow_origins;  ///< "https://chat.example.org", with the port where it is not the
                                             ///< scheme's; "*": any page.
};

/// Checks the Host header against DNS rebinding and the Origin header against foreign pages. Hosts that are always
/// allowed: localhost and names below it, loopback addresses, the listen addresses, and any IP address where one
/// listens on all of them (rebinding needs a name). Origins that are always allowed: none was sent, or it is this very
/// server (its host and port are those of Host). Ports do not matter to the Host check. Gives what to send as
/// Access-Control-Allow-Origin (then also "Vary: Origin"); empty: send no such header, so that no other page may read
/// the answer. Valid as long as `rules` and `origin`. Errors: policy "host_not_allowed", "origin_not_allowed",
/// http_status 403; the detail names the setting.
Result<std::string_view> check_origin(const OriginRules& rules, std::string_view host, std::string_view origin);

/// "127.0.0.1", "::1", "[::1]", "localhost", or below them: nobody else can reach it.
bool is_loopback_host(std::string_view host) noexcept;

/// May one listen there while no key is set? Anything but loopback lets other machines in, so it needs a key first.
/// `listen` as OriginRules. Errors: policy "no_key", the detail says how to make one.
Result<void> may_listen(std::span<const std::string> listen, bool open);

}  // namespace evenkeel
