#include "access/origin_check.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

#include "core/text.hpp"

namespace evenkeel {
namespace {

/// "Bot.Example.org.:8484" → "Bot.Example.org", "[::1]:8484" → "::1"; empty where it is no host.
std::string_view without_port(std::string_view host) noexcept {
    if (host.starts_with('[')) {
        const std::size_t end = host.find(']');
        if (end == host.npos) return {};
        const std::string_view rest = host.substr(end + 1);
        return rest.empty() || rest.starts_with(':') ? host.substr(1, end - 1) : std::string_view{};
    }
    // More than one colon without brackets is an IPv6 address, as in a setting.
    const std::size_t colon = host.find(':');
    if (colon != host.npos && host.find(':', colon + 1) == host.npos) host = host.substr(0, colon);
    if (host.ends_with('.')) host.remove_suffix(1);
    return host;
}

bool ends_ignoring_case(std::string_view text, std::string_view end) noexcept {
    return text.size() > end.size() && equals_ignoring_case(text.substr(text.size() - end.size()), end);
}

bool is_ipv4(std::string_view host) noexcept {
    int parts = 0;
    for (std::size_t at = 0;; ++parts) {
        const std::size_t dot = std::min(host.find('.', at), host.size());
        const std::string_view part = host.substr(at, dot - at);
        const bool digits = std::ranges::all_of(part, [](unsigned char c) { return std::isdigit(c) != 0; });
        if (part.empty() || part.size() > 3 || !digits) return false;
        if (part.size() == 3 && part > "255") return false;
        if (dot == host.size()) return parts == 3;
        at = dot + 1;
    }
}

bool is_ipv6(std::string_view host) noexcept {
    return std::ranges::count(host, ':') >= 2 &&
           std::ranges::all_of(host, [](unsigned char c) { return std::isxdigit(c) != 0 || c == ':' || c == '.'; });
}

bool is_address(std::string_view host) noexcept { return is_ipv4(host) || is_ipv6(host); }

bool is_everywhere(std::string_view host) noexcept {
    host = without_port(host);
    return host == "0.0.0.0" || host == "::" || host == "*" || host.empty();
}

bool matches(std::string_view pattern, std::string_view host) noexcept {
    if (pattern == "*") return true;
    if (pattern.starts_with("*.")) return ends_ignoring_case(host, pattern.substr(1));
    return equals_ignoring_case(without_port(pattern), host);
}

bool is_allowed_host(const OriginRules& rules, std::string_view host) noexcept {
    if (std::ranges::find(rules.allow_hosts, "*") != rules.allow_hosts.end()) return true;
    if (host.empty()) return false;
    if (is_loopback_host(host)) return true;
    const auto names_it = [host](const std::string& pattern) { return matches(pattern, host); };
    if (std::ranges::any_of(rules.allow_hosts, names_it)) return true;
    return std::ranges::any_of(rules.listen, [host](const std::string& listen) {
        if (is_everywhere(listen)) return is_address(host);
        return equals_ignoring_case(without_port(listen), host);
    });
}

/// Is the page served by us? Its origin is then "http(s)://" and the very Host header.
bool is_same_origin(std::string_view origin, std::string_view host) noexcept {
    const std::size_t scheme = origin.find("://");
    return scheme != origin.npos && !host.empty() && equals_ignoring_case(origin.substr(scheme + 3), host);
}

std::unexpected<Error> refuse(std::string detail, std::string code) {
    auto refusal = caller_fault(std::move(detail), std::move(code), ErrorClass::policy);
    refusal.error().http_status = 403;
    return refusal;
}

}  // namespace

bool is_loopback_host(std::string_view host) noexcept {
    host = without_port(host);
    if (equals_ignoring_case(host, "localhost") || ends_ignoring_case(host, ".localhost")) return true;
    if (is_ipv4(host)) return host.starts_with("127.");
    return host == "::1" || host == "0:0:0:0:0:0:0:1" || host.starts_with("::ffff:127.");
}

Result<std::string_view> check_origin(const OriginRules& rules, std::string_view host, std::string_view origin) {
    const std::string_view name = without_port(host);
    if (!is_allowed_host(rules, name))
        return refuse("this server is not called '" + one_line(name, 80) +
                          "'; if it is, put that name into allow_hosts of [server]",
                      "host_not_allowed");
    if (origin.empty() || is_same_origin(origin, host)) return std::string_view{};
    const auto is_it = [origin](const std::string& allowed) {
        return allowed == "*" || equals_ignoring_case(allowed, origin);
    };
    if (std::ranges::any_of(rules.allow_origins, is_it)) return origin;
    return refuse("pages of '" + one_line(origin, 80) +
                      "' may not call this server; if they should, put it into allow_origins of [server]",
                  "origin_not_allowed");
}

Result<void> may_listen(std::span<const std::string> listen, bool open) {
    if (!open) return {};
    const auto reachable =
        std::ranges::find_if_not(listen, [](const std::string& host) { return is_loopback_host(host); });
    if (reachable == listen.end()) return {};
    return own_fault(ErrorClass::policy,
                     "no key is set, so " + *reachable +
                         " would let everybody in. Make one with 'evenkeel key create NAME', or set listen of "
                         "[server] to 127.0.0.1:8484",
                     "no_key");
}

}  // namespace evenkeel
