#include "config/base_url.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "core/text.hpp"

namespace evenkeel {
namespace {

constexpr std::uint16_t http_port = 80, https_port = 443, ollama_port = 11434;

/// 0 to 65535 in digits alone.
std::optional<std::uint16_t> parse_port(std::string_view text) noexcept {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return port;
}

struct HostAndPort {
    std::string_view host;                 ///< Without brackets.
    std::optional<std::string_view> port;  ///< As written behind the colon.
};

/// "host", "host:port", "[v6]", "[v6]:port", "v6": more than one colon without brackets is an IPv6 address.
HostAndPort split_authority(std::string_view text) noexcept {
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos) return {text.substr(1), std::nullopt};
        const std::string_view rest = text.substr(end + 1);
        return {text.substr(1, end - 1), rest.starts_with(':') ? std::optional(rest.substr(1)) : std::nullopt};
    }
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || text.find(':', colon + 1) != std::string_view::npos)
        return {text, std::nullopt};
    return {text.substr(0, colon), text.substr(colon + 1)};
}

struct Pieces {
    std::string_view scheme, authority, path;
};
Pieces split_url(std::string_view text) noexcept {
    Pieces pieces;
    if (const std::size_t mark = text.find("://"); mark != std::string_view::npos) {
        pieces.scheme = text.substr(0, mark);
        text.remove_prefix(mark + 3);
    }
    const std::size_t slash = text.find('/');
    pieces.authority = text.substr(0, slash);
    pieces.path = slash == std::string_view::npos ? std::string_view{} : text.substr(slash);
    while (pieces.path.ends_with('/')) pieces.path.remove_suffix(1);
    return pieces;
}

bool is_host_character(char c) noexcept {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' ||
           c == '_' || c == ':' || c == '%';
}

std::string_view unquoted(std::string_view text) noexcept {
    const auto is_edge = [](char c) { return c == '"' || c == '\'' || c == ' ' || (c >= '\t' && c <= '\r'); };
    while (!text.empty() && is_edge(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_edge(text.back())) text.remove_suffix(1);
    return text;
}

/// Nothing that could end a line of a request's head, or that nobody means in an address.
bool has_blank_or_control(std::string_view text) noexcept {
    return std::ranges::any_of(text, [](unsigned char c) { return c <= ' ' || c == 0x7f; });
}

Result<void> check_host(std::string_view host) {
    if (host.empty()) return caller_fault("it names no host; write for example https://nano-gpt.com/api/v1");
    for (const char c : host)
        if (!is_host_character(c)) return caller_fault(fmt::format("\"{}\" is not a host name", to_valid_utf8(host)));
    return {};
}

}  // namespace

std::string to_string(const BaseUrl& url) {
    const bool is_v6 = url.host.find(':') != std::string::npos;
    const std::string host = is_v6 ? "[" + url.host + "]" : url.host;
    const bool own_port = url.port == (url.tls ? https_port : http_port);
    return fmt::format("{}://{}{}{}", url.tls ? "https" : "http", host,
                       own_port ? std::string() : fmt::format(":{}", url.port), url.path);
}

bool is_loopback(std::string_view host) noexcept {
    if (host == "::1" || equals_ignoring_case(host, "localhost")) return true;
    if (host.size() > 10 && equals_ignoring_case(host.substr(host.size() - 10), ".localhost")) return true;
    return host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos;
}

Result<BaseUrl> parse_base_url(std::string_view text) {
    text = trimmed(text);
    const Pieces pieces = split_url(text);
    if (pieces.scheme.empty())
        return caller_fault(fmt::format("it has no scheme; write https://{}", utf8_prefix(text, 100)));
    BaseUrl url;
    url.tls = equals_ignoring_case(pieces.scheme, "https");
    if (!url.tls && !equals_ignoring_case(pieces.scheme, "http"))
        return caller_fault(fmt::format("the scheme is http or https, not \"{}\"", utf8_prefix(pieces.scheme, 40)));
    if (pieces.authority.find('@') != std::string_view::npos)
        return caller_fault("user name and password do not belong into a URL; give the key by api_key_env");
    if (has_blank_or_control(text) || text.find_first_of("?#") != std::string_view::npos)
        return caller_fault("a base URL has no blanks, no \"?\" and no \"#\"");
    const HostAndPort where = split_authority(pieces.authority);
    if (auto host = check_host(where.host); !host) return fail(host.error());
    url.host = to_lower(where.host);
    url.port = url.tls ? https_port : http_port;
    if (where.port) {
        const auto port = parse_port(*where.port);
        if (!port || *port == 0)
            return caller_fault(fmt::format("\"{}\" is not a port; use 1 to 65535", utf8_prefix(*where.port, 40)));
        url.port = *port;
    }
    url.path = pieces.path;
    // What people paste from a curl example; the dialect appends it itself.
    for (const std::string_view tail : {"/chat/completions", "/completions", "/models", "/api/chat", "/api/generate"})
        if (url.path.ends_with(tail)) {
            const std::string whole = to_string(url);
            return caller_fault(fmt::format("leave out \"{}\", it is appended by itself: write {}", tail,
                                            whole.substr(0, whole.size() - tail.size())));
        }
    return url;
}

Result<BaseUrl> parse_ollama_host(std::string_view text) {
    const Pieces pieces = split_url(unquoted(text));
    BaseUrl url;
    url.tls = equals_ignoring_case(pieces.scheme, "https");
    if (!pieces.scheme.empty() && !url.tls && !equals_ignoring_case(pieces.scheme, "http"))
        return caller_fault(fmt::format("the scheme is http or https, not \"{}\"", utf8_prefix(pieces.scheme, 40)));
    if (pieces.authority.find('@') != std::string_view::npos)
        return caller_fault("user name and password do not belong into OLLAMA_HOST");
    if (has_blank_or_control(pieces.path) || pieces.path.find_first_of("?#") != std::string_view::npos)
        return caller_fault("a path in OLLAMA_HOST has no blanks, no \"?\" and no \"#\"");
    const std::uint16_t default_port = pieces.scheme.empty() ? ollama_port : url.tls ? https_port : http_port;
    const HostAndPort where = split_authority(pieces.authority);
    url.host = to_lower(where.host);
    url.port = default_port;
    url.path = pieces.path;
    if (where.port) {
        if (const auto port = parse_port(*where.port))
            url.port = *port;
        else
            url.warning = fmt::format("\"{}\" is not a port; {} is used", one_line(*where.port, 40), default_port);
    }
    // The hosted service speaks TLS only; Ollama's own client upgrades this one name.
    if (pieces.scheme.empty() && !where.port && url.host == "ollama.com") {
        url.tls = true;
        url.port = https_port;
    }
    if (url.host.empty() || url.host == "0.0.0.0") url.host = "127.0.0.1";
    if (url.host == "::") url.host = "::1";
    if (auto host = check_host(url.host); !host) return fail(host.error());
    return url;
}

}  // namespace evenkeel
