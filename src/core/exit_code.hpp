#pragma once
#include "core/result.hpp"

namespace evenkeel {

/// How a command ends, in the words of sysexits.h where it has one. Documented in `evenkeel --help`.
enum class ExitCode : int {
    answered = 0,
    usage = 64,          ///< The command line cannot be understood.
    refused = 65,        ///< The request itself was refused, or its message ended without an answer.
    not_found = 66,      ///< No such id or conversation.
    unavailable = 69,    ///< The queue is full, or the owner of the data cannot be reached.
    internal = 70,       ///< A defect of ours.
    storage = 74,        ///< The store cannot be read or written.
    queued = 75,         ///< No answer yet; the id is on standard error.
    configuration = 78,  ///< A setting is wrong; nothing was started.
    interrupted = 130,   ///< Ctrl-C.
};

constexpr int to_int(ExitCode code) noexcept { return static_cast<int>(code); }

/// The code that an error of a desk ends a command with.
ExitCode exit_code_for(const Error& error) noexcept;

}  // namespace evenkeel
