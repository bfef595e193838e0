#include "os/clock.hpp"

namespace evenkeel::os {

Instant SystemClock::now() const noexcept { return std::chrono::steady_clock::now(); }

WallTime SystemClock::wall() const noexcept { return std::chrono::floor<Millis>(std::chrono::system_clock::now()); }

}  // namespace evenkeel::os
