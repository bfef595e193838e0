#pragma once
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "store/disk.hpp"

namespace evenkeel::testing {

/// A disk that writes down everything a store does to it, so that what a loss of power could leave behind can be built
/// afterwards (crash_image.hpp).
class RecordingDisk final : public Disk {
public:
    struct Record {
        Step step = Step::open;
        std::string file, to;
        std::int64_t offset = 0;
        std::string bytes;  ///< Of a write; of the first opening what the file held already.
        bool durable = false;
    };
    /// Syncs that are answered and not done: what a store without them would leave behind.
    enum class Lie : std::uint8_t { none, every_sync, sync_of_database, sync_of_log };

    /// `inner`: is asked before each step, for faults; may be null and outlives this.
    explicit RecordingDisk(Lie lie = Lie::none, Disk* inner = nullptr) : lie_(lie), inner_(inner) {}

    const std::vector<Record>& records() const noexcept { return records_; }
    std::size_t size() const noexcept { return records_.size(); }

    Verdict before(Step step, std::string_view file) noexcept override;
    void did(const Deed& deed) noexcept override;

private:
    Lie lie_;
    Disk* inner_;
    std::vector<Record> records_;
    std::set<std::string, std::less<>> known_;
};

}  // namespace evenkeel::testing
