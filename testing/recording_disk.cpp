#include "testing/recording_disk.hpp"

#include <fstream>
#include <iterator>

namespace evenkeel::testing {

Disk::Verdict RecordingDisk::before(Step step, std::string_view file) noexcept {
    const Verdict verdict = inner_ != nullptr ? inner_->before(step, file) : Verdict::proceed;
    if (step != Step::sync || verdict != Verdict::proceed) return verdict;
    const bool log = file.ends_with("-wal");
    const bool lied = lie_ == Lie::every_sync || (lie_ == Lie::sync_of_log && log) ||
                      (lie_ == Lie::sync_of_database && !log && !file.ends_with("-journal"));
    return lied ? Verdict::skip : verdict;
}

void RecordingDisk::did(const Deed& deed) noexcept {
    Record record{.step = deed.step,
                  .file = std::string(deed.file),
                  .to = std::string(deed.to),
                  .offset = deed.offset,
                  .bytes = std::string(deed.bytes),
                  .durable = deed.durable};
    if (deed.step == Step::open) {
        if (!known_.insert(record.file).second) return;
        // What lay there before this record began counts as safe.
        std::ifstream file(record.file, std::ios::binary);
        record.bytes.assign(std::istreambuf_iterator<char>(file), {});
        record.durable = !record.bytes.empty();
    }
    if (deed.step == Step::remove) known_.erase(record.file);
    if (deed.step == Step::rename) {
        known_.erase(record.file);
        known_.insert(record.to);
    }
    records_.push_back(std::move(record));
}

}  // namespace evenkeel::testing
