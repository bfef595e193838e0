#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/env.hpp"
#include "testing/recording_disk.hpp"

namespace evenkeel::testing {

/// Names and contents of a directory as power came back. Names are those of the record, with their paths.
using DiskImage = std::map<std::string, std::string>;

/// What became of the writes that no sync covered. A disk may keep any version of any 512-byte sector since the last
/// sync, in any order between sectors; names appear and vanish in order, as on a file system with a journal.
enum class Loss : std::uint8_t {
    none,       ///< All arrived: only the process was killed.
    all,        ///< None did.
    one_lost,   ///< All but one.
    one_kept,   ///< One alone.
    torn,       ///< All before one, and of that one some first sectors.
    scattered,  ///< Each sector keeps what it pleases; the file may have grown without its content.
};

/// Walks a record of what a store did, and builds what a loss of power at that moment may have left.
class CrashImages {
public:
    explicit CrashImages(const RecordingDisk& disk) : records_(disk.records()) {}

    /// Takes in the next record; false at the end.
    bool advance();
    /// So many records were done.
    std::size_t at() const noexcept { return at_; }
    /// Is the next record a sync? Then most is at stake.
    bool before_sync() const noexcept { return at_ < records_.size() && records_[at_].step == Disk::Step::sync; }
    /// Writes and truncations that no sync covers yet.
    std::size_t unsynced() const noexcept;
    /// `which`: of one_lost, one_kept, torn; below unsynced().
    DiskImage image(Loss loss, std::size_t which, Random& random) const;

private:
    struct Change {
        std::int64_t offset = 0;  ///< Of a truncation the new size.
        std::string_view bytes;
        bool truncates = false;
    };
    struct Inode {
        std::string durable;
        std::vector<Change> pending;
    };
    struct NameChange {
        std::string name;
        int inode = -1;  ///< -1: the name goes.
    };
    int named(const std::string& name);
    void sync(const std::string& name);
    void settle_names(std::size_t count);
    std::string content(const Inode& inode, std::size_t first, Loss loss, std::size_t which, Random& random) const;

    const std::vector<RecordingDisk::Record>& records_;
    std::size_t at_ = 0;
    std::vector<Inode> inodes_;
    std::map<std::string, int> names_, durable_names_;
    std::vector<NameChange> name_changes_;
};

/// Puts an image into a directory that holds nothing else afterwards; the names keep their last part.
void lay_down(const DiskImage& image, const std::string& directory);
/// Two images of the same content have the same number.
std::uint64_t fingerprint(const DiskImage& image) noexcept;

}  // namespace evenkeel::testing
