#include "os/process.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <system_error>

#include "os/files.hpp"

namespace evenkeel::os {

std::uint32_t process_id() noexcept { return static_cast<std::uint32_t>(::getpid()); }
std::uint32_t user_id() noexcept { return ::getuid(); }

bool process_runs(std::uint32_t pid) noexcept {
    // Not being allowed to signal it proves that it is there.
    return pid > 0 && (::kill(static_cast<pid_t>(pid), 0) == 0 || errno == EPERM);
}

std::string program_path() {
    std::array<char, 4096> path;
    const ssize_t length = ::readlink("/proc/self/exe", path.data(), path.size());
    return length > 0 ? std::string(path.data(), static_cast<std::size_t>(length)) : std::string();
}

void kill_this_process() noexcept {
    ::kill(::getpid(), SIGKILL);
    for (;;) ::pause();  // The signal may take effect on another thread's behalf a moment later.
}

std::size_t resident_bytes() {
    constexpr std::size_t statm_bytes_max = 256;
    const auto statm = read_file("/proc/self/statm", statm_bytes_max);
    if (!statm) return 0;
    // "size resident shared …", in pages.
    const std::size_t blank = statm->find(' ');
    if (blank == std::string::npos) return 0;
    std::size_t pages = 0;
    std::from_chars(statm->data() + blank + 1, statm->data() + statm->size(), pages);
    return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

Result<void> forbid_core_dumps() {
    const rlimit none{0, 0};
    if (::setrlimit(RLIMIT_CORE, &none) != 0 || ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        return own_fault(ErrorClass::internal,
                         "cannot switch core files off: " + std::generic_category().message(errno));
    return {};
}

std::size_t raise_open_files_limit() noexcept {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    if (limit.rlim_cur < limit.rlim_max) {
        const rlimit raised{limit.rlim_max, limit.rlim_max};
        if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) return raised.rlim_cur;
    }
    return limit.rlim_cur;
}

}  // namespace evenkeel::os
