#pragma once
#include "core/result.hpp"

namespace evenkeel {

/// How the program ends, after sysexits.h where it has a word. Scripts rely on them: they never change.
enum class ExitCode : int {
    answered = 0,
    usage = 64,          ///< Unknown command or flag.
    refused = 65,        ///< The request itself is wrong.
    not_found = 66,      ///< No such id.
    unavailable = 69,    ///< The queue is full, or the owner of the data cannot be reached.
    internal = 70,       ///< A defect of ours, or a broken promise found by `rehearse`.
    storage = 74,        ///< The store failed.
    queued = 75,         ///< Accepted; the answer comes later.
    configuration = 78,  ///< A setting is wrong.
    interrupted = 130,   ///< Ctrl-C.
};

/// The code under which a command that failed so ends.
ExitCode exit_code_of(const Error& error) noexcept;
constexpr int to_int(ExitCode code) noexcept { return static_cast<int>(code); }

}  // namespace evenkeel
