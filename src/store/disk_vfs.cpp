#include "store/disk_vfs.hpp"

#include <sqlite3.h>

#include <atomic>
#include <new>

namespace evenkeel::sqlite {
namespace {

/// Writes to the log that nobody has read or synced yet, joined: SQLite writes a commit as two small pieces per page,
/// which a system call for each would make a third of an accept's time. Nothing is promised about them before the sync.
struct Joined {
    static constexpr std::size_t bytes_max = 64 << 10;  // SQLite's Unix layer takes less than 128 KiB at once.
    std::string bytes;
    sqlite3_int64 offset = 0;
    bool takes(int count, sqlite3_int64 at) const noexcept {
        return at == offset + static_cast<sqlite3_int64>(bytes.size()) &&
               bytes.size() + static_cast<std::size_t>(count) <= bytes_max;
    }
};

/// Our file, with the real one right behind it in the memory that SQLite gives us.
struct File {
    sqlite3_file base;
    Disk* disk;        // Null: nobody is asked.
    const char* path;  // SQLite keeps it alive until the file is closed; null for its own temporary files.
    Joined* joined;    // The log's only.
};
static_assert(sizeof(File) % 8 == 0, "the real file behind it must be aligned");

File& ours(sqlite3_file* file) noexcept { return *reinterpret_cast<File*>(file); }
sqlite3_file* real(sqlite3_file* file) noexcept { return reinterpret_cast<sqlite3_file*>(&ours(file) + 1); }

Disk::Verdict ask(sqlite3_file* file, Disk::Step step) noexcept {
    if (ours(file).disk == nullptr) return Disk::Verdict::proceed;
    return ours(file).disk->before(step, ours(file).path != nullptr ? ours(file).path : "");
}

/// Tells the disk what was done, and passes SQLite's code on.
int told(sqlite3_file* file, int code, Disk::Deed deed) noexcept {
    if (code != SQLITE_OK || ours(file).disk == nullptr || ours(file).path == nullptr) return code;
    deed.file = ours(file).path;
    ours(file).disk->did(deed);
    return code;
}

int write_and_tell(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
    const std::string_view view(static_cast<const char*>(bytes), static_cast<std::size_t>(count));
    return told(file, real(file)->pMethods->xWrite(real(file), bytes, count, offset),
                {.step = Disk::Step::write, .offset = offset, .bytes = view});
}

int put_down(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
    const Disk::Verdict verdict = ask(file, Disk::Step::write);
    if (verdict == Disk::Verdict::fail) return SQLITE_IOERR_WRITE;
    if (verdict == Disk::Verdict::proceed) return write_and_tell(file, bytes, count, offset);
    const int half = write_and_tell(file, bytes, count / 2, offset);
    if (half != SQLITE_OK) return half;
    return verdict == Disk::Verdict::full ? SQLITE_FULL : SQLITE_IOERR_WRITE;
}

/// Puts down what was joined. Whether or not it succeeds nothing stays behind: SQLite rolls a failed commit back.
int flush(sqlite3_file* file) {
    Joined* const joined = ours(file).joined;
    if (joined == nullptr || joined->bytes.empty()) return SQLITE_OK;
    const int code = put_down(file, joined->bytes.data(), static_cast<int>(joined->bytes.size()), joined->offset);
    joined->bytes.clear();
    return code;
}

int close_file(sqlite3_file* file) {
    // What was never synced was never promised; flushing it would let a store that has stopped write again.
    delete ours(file).joined;
    return real(file)->pMethods->xClose(real(file));
}

int read_file(sqlite3_file* file, void* bytes, int count, sqlite3_int64 offset) {
    if (const int code = flush(file); code != SQLITE_OK) return code;
    if (ask(file, Disk::Step::read) != Disk::Verdict::proceed) return SQLITE_IOERR_READ;
    return real(file)->pMethods->xRead(real(file), bytes, count, offset);
}

int write_file(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
    Joined* const joined = ours(file).joined;
    if (joined == nullptr) return put_down(file, bytes, count, offset);
    if (!joined->takes(count, offset)) {
        if (const int code = flush(file); code != SQLITE_OK) return code;
        joined->offset = offset;
    }
    joined->bytes.append(static_cast<const char*>(bytes), static_cast<std::size_t>(count));
    return SQLITE_OK;
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
    if (const int code = flush(file); code != SQLITE_OK) return code;
    if (ask(file, Disk::Step::truncate) != Disk::Verdict::proceed) return SQLITE_IOERR_TRUNCATE;
    return told(file, real(file)->pMethods->xTruncate(real(file), size),
                {.step = Disk::Step::truncate, .offset = size});
}

int sync_file(sqlite3_file* file, int flags) {
    if (const int code = flush(file); code != SQLITE_OK) return code;
    const Disk::Verdict verdict = ask(file, Disk::Step::sync);
    if (verdict == Disk::Verdict::skip) return SQLITE_OK;
    if (verdict != Disk::Verdict::proceed) return SQLITE_IOERR_FSYNC;
    return told(file, real(file)->pMethods->xSync(real(file), flags), {.step = Disk::Step::sync});
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
    if (const int code = flush(file); code != SQLITE_OK) return code;
    return real(file)->pMethods->xFileSize(real(file), size);
}
int lock_file(sqlite3_file* file, int level) { return real(file)->pMethods->xLock(real(file), level); }
int unlock_file(sqlite3_file* file, int level) { return real(file)->pMethods->xUnlock(real(file), level); }
int check_lock(sqlite3_file* file, int* held) { return real(file)->pMethods->xCheckReservedLock(real(file), held); }
int control_file(sqlite3_file* file, int operation, void* argument) {
    return real(file)->pMethods->xFileControl(real(file), operation, argument);
}
int sector_size(sqlite3_file* file) { return real(file)->pMethods->xSectorSize(real(file)); }
int characteristics(sqlite3_file* file) { return real(file)->pMethods->xDeviceCharacteristics(real(file)); }

const sqlite3_io_methods methods{.iVersion = 1,
                                 .xClose = close_file,
                                 .xRead = read_file,
                                 .xWrite = write_file,
                                 .xTruncate = truncate_file,
                                 .xSync = sync_file,
                                 .xFileSize = file_size,
                                 .xLock = lock_file,
                                 .xUnlock = unlock_file,
                                 .xCheckReservedLock = check_lock,
                                 .xFileControl = control_file,
                                 .xSectorSize = sector_size,
                                 .xDeviceCharacteristics = characteristics};

}  // namespace

struct DiskVfs::Impl {
    explicit Impl(Disk* disk_) : disk(disk_) {
        // SQLite finds a VFS by name, so each one needs its own; the count is never reused within a process.
        static std::atomic<unsigned> count{0};
        name = "evenkeel-disk-" + std::to_string(++count);
        base = sqlite3_vfs_find(nullptr);
        vfs = *base;
        vfs.szOsFile = static_cast<int>(sizeof(File)) + base->szOsFile;
        vfs.pNext = nullptr;
        vfs.zName = name.c_str();
        vfs.pAppData = this;
        vfs.xOpen = &Impl::open;
        vfs.xDelete = &Impl::remove;
        vfs.xAccess = [](sqlite3_vfs* v, const char* path, int flags, int* result) {
            return of(v).base->xAccess(of(v).base, path, flags, result);
        };
        vfs.xFullPathname = [](sqlite3_vfs* v, const char* path, int size, char* out) {
            return of(v).base->xFullPathname(of(v).base, path, size, out);
        };
        sqlite3_vfs_register(&vfs, 0);
    }
    ~Impl() { sqlite3_vfs_unregister(&vfs); }

    static Impl& of(sqlite3_vfs* v) noexcept { return *static_cast<Impl*>(v->pAppData); }

    bool allows(Disk::Step step, const char* path) const noexcept {
        return disk == nullptr || disk->before(step, path != nullptr ? path : "") == Disk::Verdict::proceed;
    }

    static int open(sqlite3_vfs* v, sqlite3_filename path, sqlite3_file* file, int flags, int* out_flags) {
        Impl& self = of(v);
        file->pMethods = nullptr;  // Tells SQLite that there is nothing to close, should we fail.
        if (!self.allows(Disk::Step::open, path)) return SQLITE_CANTOPEN;
        new (file) File{.base = {}, .disk = self.disk, .path = path, .joined = nullptr};
        const int code = self.base->xOpen(self.base, path, real(file), flags, out_flags);
        if (code != SQLITE_OK) return code;
        if ((flags & SQLITE_OPEN_WAL) != 0) ours(file).joined = new Joined;
        file->pMethods = &methods;
        return told(file, code, {.step = Disk::Step::open});
    }

    static int remove(sqlite3_vfs* v, const char* path, int sync_directory) {
        Impl& self = of(v);
        if (!self.allows(Disk::Step::remove, path)) return SQLITE_IOERR_DELETE;
        const int code = self.base->xDelete(self.base, path, sync_directory);
        if (code == SQLITE_OK && self.disk != nullptr)
            self.disk->did({.step = Disk::Step::remove, .file = path, .durable = sync_directory != 0});
        return code;
    }

    Disk* disk;
    std::string name;
    sqlite3_vfs* base = nullptr;
    sqlite3_vfs vfs{};
};

DiskVfs::DiskVfs(Disk* disk) : impl_(std::make_unique<Impl>(disk)) {}
DiskVfs::~DiskVfs() = default;
const char* DiskVfs::name() const noexcept { return impl_->name.c_str(); }

}  // namespace evenkeel::sqlite
