#pragma once
#include <chrono>

namespace evenkeel {

using Millis = std::chrono::milliseconds;
using Seconds = std::chrono::seconds;
using Nanos = std::chrono::nanoseconds;

/// Monotonic time: deadlines and durations. Never stored, never compared between processes.
using Instant = std::chrono::time_point<std::chrono::steady_clock, Nanos>;
/// UTC in milliseconds: rows, logs, what a person reads. Never subtract two of these to time something.
using WallTime = std::chrono::sys_time<Millis>;

/// "No limit". Adding to it is an overflow: use `sooner` to combine deadlines.
inline constexpr Instant forever = Instant::max();

constexpr Instant sooner(Instant a, Instant b) noexcept { return a < b ? a : b; }

/// Whole milliseconds between two instants, never negative.
constexpr Millis elapsed(Instant from, Instant to) noexcept {
    return to > from ? std::chrono::duration_cast<Millis>(to - from) : Millis{0};
}

}  // namespace evenkeel
