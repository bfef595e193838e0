#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.hpp"
#include "net/connection.hpp"

namespace evenkeel {

/// Where an API lives: whom to connect to, and what every path begins with.
struct BaseUrl {
    Endpoint endpoint;
    std::string prefix;  ///< "/api/v1", without a slash at its end; empty for the root.
};

/// "https://nano-gpt.com/api/v1", "http://[::1]:11434/", "unix:/run/x.sock". Default ports 443 and 80. Errors: request,
/// with a detail that says what is wrong and how to write it: no scheme, user and password, query or fragment, …
Result<BaseUrl> parse_base_url(std::string_view text);

/// What `Host` says for that endpoint: no port where it is the scheme's own, brackets around IPv6.
std::string host_header(const Endpoint& endpoint);

/// Nothing where a '%' is not followed by two hex digits. '+' stays '+'.
std::optional<std::string> percent_decoded(std::string_view text);
/// "a=1&b=x%20y+z" as pairs in their order, '+' read as a blank. Nothing for a broken escape.
std::optional<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view query);

}  // namespace evenkeel
