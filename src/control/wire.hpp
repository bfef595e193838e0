#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "core/result.hpp"

/// How the control socket says that something failed. What it says else: chat/turn_json.hpp.
namespace evenkeel::wire {

/// {"error":{…}}: the body of a refusal, and the last line of a stream that broke.
std::string refusal(const Error& error);
/// The error of such a line; nothing for a line that says something else, or is not JSON.
std::optional<Error> refusal_in(std::string_view text);
/// What the other side said makes no sense to us: internal "control_protocol".
std::unexpected<Error> protocol_fault(std::string_view what);

}  // namespace evenkeel::wire
