#pragma once
#include <cstdint>
#include <optional>

#include "store/disk.hpp"

namespace evenkeel::testing {

/// A disk that breaks on command: at its n-th step, at each sync, or by running full.
class FaultyDisk final : public Disk {
public:
    /// The n-th step from now (from 1) gets `verdict`; with `for_good` every later one too.
    void fail_at(std::int64_t step, Verdict verdict, bool for_good = false) noexcept;
    /// Writes find no room until `heal`.
    void fill() noexcept { full_ = true; }
    /// Each sync fails until `heal`.
    void break_sync() noexcept { sync_broken_ = true; }
    void heal() noexcept;
    /// Steps asked for since the start or the last `fail_at`.
    std::int64_t steps() const noexcept { return steps_; }
    /// Syncs asked for since the start.
    std::int64_t syncs() const noexcept { return syncs_; }
    bool has_failed() const noexcept { return failed_; }

    Verdict before(Step step, std::string_view file) noexcept override;

private:
    Verdict judge(Step step) const noexcept;
    std::int64_t steps_ = 0, syncs_ = 0;
    std::optional<std::int64_t> fail_at_;
    Verdict verdict_ = Verdict::fail;
    bool for_good_ = false, full_ = false, sync_broken_ = false, failed_ = false;
};

}  // namespace evenkeel::testing
