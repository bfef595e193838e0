#include "testing/faulty_disk.hpp"

namespace evenkeel::testing {

void FaultyDisk::fail_at(std::int64_t step, Verdict verdict, bool for_good) noexcept {
    steps_ = 0;
    fail_at_ = step;
    verdict_ = verdict;
    for_good_ = for_good;
    failed_ = false;
}

void FaultyDisk::heal() noexcept {
    fail_at_.reset();
    full_ = sync_broken_ = false;
}

Disk::Verdict FaultyDisk::judge(Step step) const noexcept {
    if (fail_at_ && (steps_ == *fail_at_ || (for_good_ && steps_ > *fail_at_))) return verdict_;
    if (full_ && step == Step::write) return Verdict::full;
    if (sync_broken_ && step == Step::sync) return Verdict::fail;
    return Verdict::proceed;
}

Disk::Verdict FaultyDisk::before(Step step, std::string_view) noexcept {
    ++steps_;
    syncs_ += step == Step::sync ? 1 : 0;
    const Verdict verdict = judge(step);
    failed_ = failed_ || verdict != Verdict::proceed;
    return verdict;
}

}  // namespace evenkeel::testing
