#pragma once
#include <memory>
#include <string>

#include "core/env.hpp"

namespace evenkeel {

struct LogOptions {
    std::string level = "info";  ///< debug, info, warning, alarm, off.
    std::string file;            ///< Appended to, mode 0600; empty: standard error.
    bool colours = false;
};

/// Notes as lines for the operator: "2026-11-22 18:36:19.123 warning breaker.opened nanogpt: connection refused".
/// Never message text, never a secret: notes hold neither. Errors are swallowed: logging must not end a chat.
std::unique_ptr<Notes> make_log_notes(const LogOptions& options);

}  // namespace evenkeel
