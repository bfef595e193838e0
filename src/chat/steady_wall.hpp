#pragma once
#include "core/scheduler.hpp"

namespace evenkeel {

/// The `now` of the store: the wall time at which this process began plus the monotonic time since. A clock that jumps
/// by a day while we run neither releases a lease nor expires a message (reliability.md I10); across a restart at most
/// one step of the wall clock enters. The clock outlives it.
class SteadyWall {
public:
    explicit SteadyWall(const Clock& clock) noexcept : clock_(&clock), wall_(clock.wall()), since_(clock.now()) {}
    WallTime now() const noexcept { return wall_ + elapsed(since_, clock_->now()); }
    /// The instant at which now() will be `when`; not before the present one.
    Instant instant_of(WallTime when) const noexcept {
        const WallTime present = now();
        return when <= present ? clock_->now() : clock_->now() + Nanos(when - present);
    }

private:
    const Clock* clock_;
    WallTime wall_;
    Instant since_;
};

}  // namespace evenkeel
