#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/connection.hpp"

namespace evenkeel {

/// What `Host` says for that endpoint: no port where it is the scheme's own, brackets around IPv6.
std::string host_header(const Endpoint& endpoint);

/// Nothing where a '%' is not followed by two hex digits. '+' stays '+'.
std::optional<std::string> percent_decoded(std::string_view text);
/// "a=1&b=x%20y+z" as pairs in their order, '+' read as a blank. Nothing for a broken escape.
std::optional<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view query);

}  // namespace evenkeel
