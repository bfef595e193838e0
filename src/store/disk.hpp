#pragma once
#include <cstdint>
#include <string_view>

namespace evenkeel {

/// What the store asks of the file system, asked for one step before it is done. The product runs without one; tests
/// pass one that makes the n-th step fail. Called on the engine's thread only.
class Disk {
public:
    enum class Step : std::uint8_t { open, read, write, sync, truncate, remove, rename, sync_directory };
    enum class Verdict : std::uint8_t {
        proceed,
        fail,  ///< As EIO: nothing is done.
        full,  ///< As ENOSPC; a write puts down its first half first, as a real one may.
        torn,  ///< The first half is written, then EIO.
        skip,  ///< A sync only: says that it is done and does nothing, as a disk does whose cache lies.
    };
    /// What was done to the file system. Views live for the call.
    struct Deed {
        Step step = Step::open;
        std::string_view file;    ///< Of sync_directory: the directory's own path.
        std::int64_t offset = 0;  ///< Of a write; of a truncation the new size.
        std::string_view bytes;   ///< Of a write.
        std::string_view to;      ///< Of a renaming.
        bool durable = false;     ///< Of a removal: its directory was synced with it.
    };
    virtual ~Disk() = default;
    virtual Verdict before(Step step, std::string_view file) noexcept = 0;
    /// Told of each step but reads when it succeeded (of a failed write: what was put down), for a record of all that
    /// reached the file system. A skipped sync is not told.
    virtual void did(const Deed& deed) noexcept { static_cast<void>(deed); }
};

}  // namespace evenkeel
