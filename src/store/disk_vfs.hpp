#pragma once
#include <memory>
#include <string>

#include "store/disk.hpp"

namespace evenkeel::sqlite {

/// A layer below SQLite (a "VFS", sqlite.org/vfs.html) that joins the many small writes of a commit into one and, where
/// there is a Disk, asks it before each step. Registered while it lives;
/// databases opened under its name must be closed before. It offers no shared memory, so only a database in exclusive
/// locking mode can use the write-ahead log through it; ours always is.
class DiskVfs {
public:
    explicit DiskVfs(Disk* disk);  ///< Null: none is asked.
    ~DiskVfs();
    DiskVfs(const DiskVfs&) = delete;
    DiskVfs& operator=(const DiskVfs&) = delete;
    const char* name() const noexcept;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace evenkeel::sqlite
