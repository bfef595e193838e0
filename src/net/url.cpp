#include "net/url.hpp"

#include <algorithm>
#include <charconv>

#include "core/text.hpp"

namespace evenkeel {
namespace {

constexpr std::string_view example = "; write it like https://nano-gpt.com/api/v1";
constexpr std::uint16_t http_port = 80, https_port = 443;

std::unexpected<Error> bad_url(std::string_view text, std::string_view why) {
    return caller_fault("the URL '" + one_line(text, 120) + "' " + std::string(why), "bad_url");
}

bool is_hex(char c) noexcept { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool is_name_char(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

/// Splits "host", "host:port", "[v6]", "[v6]:port". Gives why it is none, or nothing.
std::string_view take_authority(std::string_view authority, Endpoint& endpoint) {
    std::string_view port;
    if (authority.starts_with('[')) {
        const std::size_t close = authority.find(']');
        if (close == std::string_view::npos) return "has a '[' without its ']'";
        endpoint.host = to_lower(authority.substr(1, close - 1));
        if (std::ranges::count(endpoint.host, ':') < 2 ||
            !std::ranges::all_of(endpoint.host, [](char c) { return is_hex(c) || c == ':' || c == '.'; }))
            return "has no IPv6 address between '[' and ']'";
        port = authority.substr(close + 1);
        if (!port.empty() && !port.starts_with(':')) return "has something other than a port after ']'";
    } else {
        const std::size_t colon = authority.find(':');
        endpoint.host = to_lower(authority.substr(0, colon));
        if (endpoint.host.empty()) return "has no host";
        if (colon != std::string_view::npos) port = authority.substr(colon);
        if (port.find(':', 1) != std::string_view::npos) return "has an IPv6 address without brackets";
        if (!std::ranges::all_of(endpoint.host, is_name_char)) return "has a host name with characters that none has";
    }
    if (port.empty()) return {};
    port.remove_prefix(1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
    if (error != std::errc{} || end != port.data() + port.size() || endpoint.port == 0)
        return "has a port that is not a number from 1 to 65535";
    return {};
}

}  // namespace

Result<BaseUrl> parse_base_url(std::string_view text) {
    text = trimmed(text);
    if (std::ranges::any_of(text, [](unsigned char c) { return c <= ' ' || c == 0x7f; }))
        return bad_url(text, "has a blank or a control character in it");
    BaseUrl url;
    if (text.starts_with("unix:")) {
        url.endpoint.path = text.substr(5);
        if (!url.endpoint.path.starts_with('/')) return bad_url(text, "needs an absolute path after 'unix:'");
        return url;
    }
    const std::size_t scheme_end = text.find("://");
    if (scheme_end == std::string_view::npos)
        return bad_url(text, "does not begin with https:// or http://" + std::string(example));
    const std::string_view scheme = text.substr(0, scheme_end);
    url.endpoint.tls = equals_ignoring_case(scheme, "https");
    if (!url.endpoint.tls && !equals_ignoring_case(scheme, "http"))
        return bad_url(text, "has a scheme other than https and http");
    url.endpoint.port = url.endpoint.tls ? https_port : http_port;

    const std::string_view rest = text.substr(scheme_end + 3);
    const std::size_t path_at = std::min(rest.find_first_of("/?#"), rest.size());
    const std::string_view authority = rest.substr(0, path_at);
    std::string_view path = rest.substr(path_at);
    // The text is not repeated here: what stands before '@' may be a password.
    if (authority.contains('@'))
        return caller_fault("the URL holds a user or password before '@'; the key has its own setting", "bad_url");
    if (path.contains('?') || path.contains('#'))
        return bad_url(text, "has a '?' or '#', which a base URL cannot have");
    if (const std::string_view why = take_authority(authority, url.endpoint); !why.empty()) return bad_url(text, why);
    while (path.ends_with('/')) path.remove_suffix(1);
    url.prefix = path;
    return url;
}

std::string host_header(const Endpoint& endpoint) {
    if (endpoint.host.empty()) return "localhost";
    const bool is_v6 = endpoint.host.contains(':');
    std::string header = is_v6 ? "[" + endpoint.host + "]" : endpoint.host;
    if (endpoint.port != (endpoint.tls ? https_port : http_port)) header += ":" + std::to_string(endpoint.port);
    return header;
}

std::optional<std::string> percent_decoded(std::string_view text) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%')) {
        decoded += text.substr(0, at);
        const std::string_view digits = text.substr(at + 1, 2);
        unsigned byte = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
        if (digits.size() != 2 || error != std::errc{} || end != digits.data() + 2) return std::nullopt;
        decoded += static_cast<char>(byte);
        text.remove_prefix(at + 3);
    }
    decoded += text;
    return decoded;
}

std::optional<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view query) {
    const auto decoded = [](std::string_view part) {
        std::string blanks(part);
        std::ranges::replace(blanks, '+', ' ');
        return percent_decoded(blanks);
    };
    std::vector<std::pair<std::string, std::string>> pairs;
    while (!query.empty()) {
        const std::size_t end = std::min(query.find('&'), query.size());
        const std::string_view part = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        if (part.empty()) continue;
        const std::size_t equals = std::min(part.find('='), part.size());
        auto name = decoded(part.substr(0, equals));
        auto value = decoded(part.substr(std::min(equals + 1, part.size())));
        if (!name || !value) return std::nullopt;
        pairs.emplace_back(std::move(*name), std::move(*value));
    }
    return pairs;
}

}  // namespace evenkeel
