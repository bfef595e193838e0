#pragma once
#include "core/scheduler.hpp"

namespace evenkeel::os {

/// The only reader of the real clocks: CLOCK_MONOTONIC (which epoll also counts by) and CLOCK_REALTIME. Any thread.
class SystemClock final : public Clock {
public:
    Instant now() const noexcept override;
    WallTime wall() const noexcept override;
};

}  // namespace evenkeel::os
