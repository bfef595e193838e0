#include "resilience/budget.hpp"

#include <algorithm>

namespace evenkeel {
namespace {

std::int64_t second_of(Instant now) { return std::chrono::floor<Seconds>(now.time_since_epoch()).count(); }

}  // namespace

Budget::Second& Budget::at(Instant now) noexcept {
    const std::int64_t number = second_of(now);
    Second& second = seconds_[static_cast<std::uint64_t>(number) % slots];
    if (second.number != number) second = Second{.number = number};
    return second;
}

void Budget::note_call(Instant now) noexcept { ++at(now).calls; }

bool Budget::take(Instant now) noexcept {
    const std::int64_t oldest = second_of(now) - window.count();
    std::uint32_t calls = 0, extras = 0;
    for (const Second& second : seconds_) {
        if (second.number >= oldest) extras += second.extras;
        if (second.number > oldest) calls += second.calls;
    }
    if (extras >= std::max(1u, calls / calls_per_extra)) return false;
    ++at(now).extras;
    return true;
}

}  // namespace evenkeel
