#include "store/files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace evenkeel::sqlite {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void refuse(std::string detail, std::string code) {
    throw Failure{own_fault(ErrorClass::storage, std::move(detail), std::move(code)).error()};
}

[[noreturn]] void refuse_for(int error, const std::string& what) {
    const char* const code = error == ENOSPC || error == EDQUOT ? "disk_full" : "io_error";
    refuse(what + ": " + std::strerror(error), code);
}

void sync_path(const std::string& path, int flags) {
    const int fd = ::open(path.c_str(), flags | O_CLOEXEC);
    if (fd < 0) refuse_for(errno, path);
    const int synced = ::fsync(fd);
    const int error = errno;
    ::close(fd);
    if (synced != 0) refuse_for(error, path);
}

void sync_directory_of(const std::string& file) {
    const fs::path directory = fs::path(file).parent_path();
    sync_path(directory.empty() ? "." : directory.string(), O_RDONLY | O_DIRECTORY);
}

}  // namespace

bool inspect(const std::string& file) {
    std::error_code error;
    const fs::file_status status = fs::symlink_status(file, error);
    if (!fs::exists(status)) {
        if (status.type() != fs::file_type::not_found) refuse(file + ": " + error.message(), "io_error");
        if (fs::exists(file + "-wal", error))
            refuse(file + " is missing, but its log " + file +
                       "-wal is there: restore both from a backup, or move the "
                       "log away to begin anew",
                   "damaged");
        return false;
    }
    if (fs::is_symlink(status)) refuse(file + " is a symbolic link; name the file itself", "linked_file");
    if (!fs::is_regular_file(status)) refuse(file + " is not a regular file", "linked_file");
    if (fs::hard_link_count(file, error) > 1)
        refuse(file + " has a second name (hard link); two names have two logs and lose data", "linked_file");
    // A database is published whole (see `publish`), so an empty one has lost its content.
    if (fs::file_size(file, error) == 0)
        refuse(file + " is empty: its content was lost. Restore a backup, or remove the file to begin anew", "damaged");
    return true;
}

void create_private(const std::string& file) {
    const int fd = ::open(file.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0 && errno == EEXIST) refuse(file + " exists already", "exists");
    if (fd < 0) refuse_for(errno, file);
    ::close(fd);
}

void publish(const std::string& from, const std::string& to, Disk* disk) {
    const auto allowed = [disk](Disk::Step step, const std::string& file) {
        const auto verdict = disk == nullptr ? Disk::Verdict::proceed : disk->before(step, file);
        if (verdict == Disk::Verdict::proceed || verdict == Disk::Verdict::skip)
            return verdict == Disk::Verdict::proceed;
        refuse_for(verdict == Disk::Verdict::full ? ENOSPC : EIO, file);
    };
    const auto tell = [disk](const Disk::Deed& deed) {
        if (disk != nullptr) disk->did(deed);
    };
    if (allowed(Disk::Step::sync, from)) {
        sync_path(from, O_RDONLY);
        tell({.step = Disk::Step::sync, .file = from});
    }
    if (allowed(Disk::Step::rename, to)) {
        if (::rename(from.c_str(), to.c_str()) != 0) refuse_for(errno, to);
        tell({.step = Disk::Step::rename, .file = from, .to = to});
    }
    if (allowed(Disk::Step::sync_directory, to)) {
        sync_directory_of(to);
        tell({.step = Disk::Step::sync_directory, .file = fs::path(to).parent_path().string()});
    }
}

void copy_database(Database& database, const std::string& target) {
    create_private(target);
    try {
        database.run("VACUUM INTO ?", target);
        sync_path(target, O_RDONLY);
        sync_directory_of(target);
    } catch (const Failure&) {
        std::error_code ignored;
        fs::remove(target, ignored);
        throw;
    }
}

}  // namespace evenkeel::sqlite
