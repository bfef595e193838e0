#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

#include "core/result.hpp"

namespace evenkeel::os {

std::uint32_t process_id() noexcept;
std::uint32_t user_id() noexcept;
/// Whether a process with that id runs, whosever it is.
bool process_runs(std::uint32_t pid) noexcept;
/// The path of this program; empty where /proc does not say.
std::string program_path();

/// Ends this process as `kill -9` would: nothing is flushed, no destructor runs. For kill tests.
[[noreturn]] void kill_this_process() noexcept;

/// Bytes of memory held now; 0 where /proc does not say.
std::size_t resident_bytes();
/// Keys live in memory: no core file, and no other process of the same user may attach. Errors: internal.
Result<void> forbid_core_dumps();
/// Raises the soft limit of open files to the hard one; gives what it is now.
std::size_t raise_open_files_limit() noexcept;

}  // namespace evenkeel::os
