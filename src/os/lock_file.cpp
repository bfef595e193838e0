#include "os/lock_file.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <charconv>

#include "core/text.hpp"
#include "os/files.hpp"
#include "os/process.hpp"

namespace evenkeel::os {
namespace {
std::string lock_path(const std::string& directory) { return directory + "/owner.lock"; }
}  // namespace

Result<std::optional<LockFile>> LockFile::try_acquire(const std::string& directory, std::string_view kind) {
    const std::string path = lock_path(directory);
    UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd) return file_fault("lock", path, errno);
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) return std::optional<LockFile>{};
        return file_fault("lock", path, errno);
    }
    // Who holds it is a courtesy to people and needs no fsync: the lock itself lives in the kernel.
    const std::string line = std::to_string(process_id()) + " " + std::string(kind) + "\n";
    if (::ftruncate(fd.get(), 0) != 0 || ::pwrite(fd.get(), line.data(), line.size(), 0) < 0)
        return file_fault("write", path, errno);
    return std::optional<LockFile>(LockFile(std::move(fd)));
}

std::optional<LockHolder> LockFile::holder(const std::string& directory) {
    constexpr std::size_t line_bytes_max = 256;
    const auto line = read_file(lock_path(directory), line_bytes_max);
    if (!line) return std::nullopt;
    LockHolder holder;
    const char* const end = line->data() + line->size();
    const auto [rest, error] = std::from_chars(line->data(), end, holder.pid);
    if (error != std::errc{} || !process_runs(holder.pid)) return std::nullopt;
    holder.kind = trimmed(std::string_view(rest, static_cast<std::size_t>(end - rest)));
    return holder;
}

LockFile::~LockFile() {
    // Before the lock goes: afterwards the file may be the next holder's.
    if (fd_ && ::ftruncate(fd_.get(), 0) != 0) return;
}

}  // namespace evenkeel::os
