#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "core/secret.hpp"

/// Files and directories. Every error is of class storage, names the file and how to mend it, and has one of the codes
/// "not_found", "not_permitted", "disk_full", "too_big", "not_private", "not_a_file", "io". Calls block: use them at
/// the start, at the end and on the store's thread.
namespace evenkeel::os {

/// The whole file. Errors: also "too_big" beyond `bytes_max`, "not_a_file" for a directory.
Result<std::string> read_file(const std::string& path, std::size_t bytes_max);
/// A key or token from its file, blanks around it dropped. Refuses a file that others may read ("not_private").
Result<Secret> read_secret_file(const std::string& path);
/// Refuses a file that its group or others may read ("not_private").
Result<void> check_private(const std::string& path);

/// After it either the old content or the new one is there, whole, whatever happens in between.
Result<void> write_file_atomically(const std::string& path, std::string_view content, std::uint32_t mode = 0600);
/// Appends to the file, which is made with mode 0600 where it is missing. Opened anew each time, so that a file that
/// was moved away (logrotate) is simply begun again.
Result<void> append_to_file(const std::string& path, std::string_view content);
/// Makes the directory and its missing parents, each 0700; one that exists is left as it is.
Result<void> ensure_directory(const std::string& path);
/// Removes a file; one that is not there is a success.
Result<void> remove_file(const std::string& path);

/// Whether anything is at that path. False also where it cannot be known.
bool file_exists(const std::string& path) noexcept;
/// What an ordinary user may still write to the file system of `path`.
Result<std::uint64_t> free_disk_bytes(const std::string& path);
/// Whether `path` lies on a file system of another machine, where locks and fsync cannot be relied on. False where it
/// cannot be known.
bool is_network_filesystem(const std::string& path) noexcept;

/// "cannot WHAT PATH: reason; remedy", with the code, for an errno value.
std::unexpected<Error> file_fault(std::string_view what, std::string_view path, int error_number);

}  // namespace evenkeel::os
