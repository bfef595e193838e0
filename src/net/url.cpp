#include "net/url.hpp"

#include <algorithm>
#include <charconv>

namespace evenkeel {
namespace {

constexpr std::uint16_t http_port = 80, https_port = 443;

}  // namespace

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
