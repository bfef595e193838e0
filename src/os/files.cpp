#include "os/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>

#include "core/text.hpp"
#include "core/unique_fd.hpp"

namespace evenkeel::os {
namespace {

struct Remedy {
    int error_number;
    std::string_view code;
    std::string_view what_to_do;
};
constexpr std::array remedies{
    Remedy{ENOENT, "not_found", "check the path"},
    Remedy{ENOTDIR, "not_found", "a part of the path is a file where a directory is needed"},
    Remedy{EACCES, "not_permitted", "give this user the right to it (chown, chmod), or choose another place"},
    Remedy{EPERM, "not_permitted", "give this user the right to it (chown, chmod), or choose another place"},
    Remedy{EROFS, "not_permitted", "the file system is read-only: choose another place"},
    Remedy{ENOSPC, "disk_full", "free some space on that disk"},
    Remedy{EDQUOT, "disk_full", "the user's disk quota is used up: free some space or raise it"},
    Remedy{EFBIG, "disk_full", "the limit of the file size is reached (ulimit -f)"},
    Remedy{EISDIR, "not_a_file", "it is a directory; name a file"},
    Remedy{EMFILE, "io", "too many open files: raise ulimit -n"},
    Remedy{ENFILE, "io", "the machine has too many open files"},
    Remedy{EIO, "io", "the disk reports a defect: look at the kernel's log (dmesg)"},
};

/// The descriptor and what it is, so that the check and the read are of the same file.
struct OpenFile {
    UniqueFd fd;
    struct stat status{};
};

Result<OpenFile> open_for_reading(const std::string& path) {
    OpenFile file;
    // Non-blocking, so that a named pipe without a writer is an answer and no hang.
    file.fd.reset(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file.fd || ::fstat(file.fd.get(), &file.status) != 0) return file_fault("read", path, errno);
    if (S_ISDIR(file.status.st_mode)) return file_fault("read", path, EISDIR);
    return file;
}

Result<std::string> read_open(const OpenFile& file, const std::string& path, std::size_t bytes_max) {
    std::string content;
    std::array<char, 16'384> piece;
    for (;;) {
        const ssize_t got = ::read(file.fd.get(), piece.data(), piece.size());
        if (got == 0) return content;
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return file_fault("read", path, errno);
        if (content.size() + static_cast<std::size_t>(got) > bytes_max)
            return own_fault(ErrorClass::storage,
                             "cannot read " + path + ": it is bigger than the " + format_size(bytes_max) +
                                 " that such a file may have; is it the right one?",
                             "too_big");
        content.append(piece.data(), static_cast<std::size_t>(got));
    }
}

Result<void> check_private(const OpenFile& file, const std::string& path) {
    if ((file.status.st_mode & 0077) == 0) return {};
    std::array<char, 8> mode;
    std::snprintf(mode.data(), mode.size(), "%04o", static_cast<unsigned>(file.status.st_mode & 07777));
    return own_fault(ErrorClass::storage,
                     path + " holds a secret but others may read it (mode " + mode.data() + "): chmod 600 " + path,
                     "not_private");
}

Result<void> write_all_to(int fd, std::string_view content, const std::string& path) {
    while (!content.empty()) {
        const ssize_t put = ::write(fd, content.data(), content.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return file_fault("write", path, errno);
        content.remove_prefix(static_cast<std::size_t>(put));
    }
    return {};
}

std::string parent_of(const std::string& path) {
    const std::size_t slash = path.find_last_of('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

Result<void> write_and_rename(int fd, const std::string& temporary, const std::string& path, std::string_view content,
                              std::uint32_t mode) {
    if (auto written = write_all_to(fd, content, path); !written) return written;
    if (::fchmod(fd, mode) != 0 || ::fsync(fd) != 0 || ::rename(temporary.c_str(), path.c_str()) != 0)
        return file_fault("write", path, errno);
    return {};
}

}  // namespace

std::unexpected<Error> file_fault(std::string_view what, std::string_view path, int error_number) {
    std::string text = "cannot " + std::string(what) + " " + std::string(path) + ": " +
                       to_lower(std::generic_category().message(error_number));
    const auto known = std::ranges::find(remedies, error_number, &Remedy::error_number);
    if (known == remedies.end()) return own_fault(ErrorClass::storage, std::move(text), "io");
    text += "; ";
    text += known->what_to_do;
    return own_fault(ErrorClass::storage, std::move(text), std::string(known->code));
}

Result<std::string> read_file(const std::string& path, std::size_t bytes_max) {
    auto file = open_for_reading(path);
    if (!file) return fail(std::move(file.error()));
    return read_open(*file, path, bytes_max);
}

Result<Secret> read_secret_file(const std::string& path) {
    constexpr std::size_t secret_bytes_max = 65'536;
    auto file = open_for_reading(path);
    if (!file) return fail(std::move(file.error()));
    if (auto checked = check_private(*file, path); !checked) return fail(std::move(checked.error()));
    auto content = read_open(*file, path, secret_bytes_max);
    if (!content) return fail(std::move(content.error()));
    const Secret whole(std::move(*content));  // Wiped, blanks and all.
    return Secret(std::string(trimmed(whole.reveal())));
}

Result<void> check_private(const std::string& path) {
    auto file = open_for_reading(path);
    if (!file) return fail(std::move(file.error()));
    return check_private(*file, path);
}

Result<void> write_file_atomically(const std::string& path, std::string_view content, std::uint32_t mode) {
    std::string temporary = path + ".XXXXXX";
    const UniqueFd fd(::mkostemp(temporary.data(), O_CLOEXEC));
    if (!fd) return file_fault("write", path, errno);
    if (auto written = write_and_rename(fd.get(), temporary, path, content, mode); !written) {
        ::unlink(temporary.c_str());
        return written;
    }
    // Only the directory's own fsync makes the new name survive a power cut.
    const UniqueFd directory(::open(parent_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory || ::fsync(directory.get()) != 0) return file_fault("write", path, errno);
    return {};
}

Result<void> append_to_file(const std::string& path, std::string_view content) {
    const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
    if (!fd) return file_fault("write", path, errno);
    return write_all_to(fd.get(), content, path);
}

Result<void> ensure_directory(const std::string& path) {
    struct stat status{};
    if (::stat(path.c_str(), &status) == 0) {
        if (S_ISDIR(status.st_mode)) return {};
        return file_fault("make the directory", path, ENOTDIR);
    }
    if (errno != ENOENT) return file_fault("make the directory", path, errno);
    const std::string parent = parent_of(path);
    if (parent != path && parent != ".")
        if (auto made = ensure_directory(parent); !made) return made;
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return file_fault("make the directory", path, errno);
    return {};
}

Result<void> remove_file(const std::string& path) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return file_fault("remove", path, errno);
    return {};
}

bool file_exists(const std::string& path) noexcept { return ::access(path.c_str(), F_OK) == 0; }

Result<std::uint64_t> free_disk_bytes(const std::string& path) {
    struct statvfs status{};
    if (::statvfs(path.c_str(), &status) != 0) return file_fault("look at the disk of", path, errno);
    return std::uint64_t{status.f_bavail} * status.f_frsize;
}

bool is_network_filesystem(const std::string& path) noexcept {
    // Numbers from linux/magic.h and statfs(2): NFS, SMB, CIFS, SMB2, AFS, Coda, Ceph, 9P, GFS2, OCFS2, Lustre.
    constexpr std::array<std::uint32_t, 11> magic_numbers{0x6969,     0x517b,     0xff534d42, 0xfe534d42,
                                                          0x5346414f, 0x73757245, 0x00c36400, 0x01021997,
                                                          0x01161970, 0x7461636f, 0x0bd00bd0};
    struct statfs status{};
    if (::statfs(path.c_str(), &status) != 0) return false;
    return std::ranges::find(magic_numbers, static_cast<std::uint32_t>(status.f_type)) != magic_numbers.end();
}

}  // namespace evenkeel::os
