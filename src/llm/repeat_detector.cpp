#include "llm/repeat_detector.hpp"

#include <algorithm>

namespace evenkeel {
namespace {

/// A period is looked for each time so many bytes have come, by looking for so many of the last ones further up.
constexpr std::size_t look_every = 256;
constexpr std::size_t pattern_bytes = 24;

}  // namespace

void RepeatDetector::feed(std::string_view text) {
    if (bytes_max_ == 0 || endless_) return;
    const std::size_t skipped = std::min(text.size(), starts_at - std::min(starts_at, seen_));
    seen_ += skipped;
    text.remove_prefix(skipped);
    constexpr std::size_t piece_max = 64;
    while (!text.empty() && !endless_) {
        take(text.substr(0, piece_max));
        text.remove_prefix(std::min(text.size(), piece_max));
    }
}

void RepeatDetector::take(std::string_view piece) {
    if (tail_.size() + piece.size() > kept_max) tail_.erase(0, tail_.size() + piece.size() - kept_max);
    for (const char c : piece) {
        if (period_ != 0 && tail_[tail_.size() - period_] != c) period_ = run_ = 0;
        if (period_ != 0) ++run_;
        tail_ += c;
    }
    unlooked_ += piece.size();
    if (period_ == 0 && unlooked_ >= look_every) look_for_period();
    endless_ = period_ != 0 && run_ > bytes_max_ && run_ >= times_min * period_;
}

void RepeatDetector::look_for_period() {
    unlooked_ = 0;
    if (tail_.size() < 2 * pattern_bytes) return;
    const std::size_t at = tail_.size() - pattern_bytes;
    // The first match may be several periods away; that is a period too.
    const std::size_t from = at - std::min(at, period_max);
    const std::size_t before = tail_.find(std::string_view(tail_).substr(at), from);
    if (before == at) return;
    period_ = at - before;
    run_ = pattern_bytes;
    while (run_ + period_ < tail_.size() && tail_[tail_.size() - run_ - 1] == tail_[tail_.size() - run_ - 1 - period_])
        ++run_;
}

}  // namespace evenkeel
