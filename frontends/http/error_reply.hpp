#pragma once
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "llm/caller_body.hpp"

namespace evenkeel {

/// Where every provider failed.
inline constexpr std::string_view all_unavailable_code = "all_providers_unavailable";

/// An error as a caller is told it (protocols.md 2.4, 2.6, 3.7, 7.2): status, body in the dialect, and the header
/// fields by which client libraries decide whether and when to ask again.
struct ErrorReply {
    int status = 500;
    std::string fields;  ///< Retry-After (1 to 60 s) and x-should-retry, or nothing.
    std::string body;
};
ErrorReply error_reply(Dialect dialect, const Error& error);

/// The same error in the middle of a stream: an event, or a line, that the dialect's clients raise.
std::string error_in_stream(Dialect dialect, const Error& error);

}  // namespace evenkeel
