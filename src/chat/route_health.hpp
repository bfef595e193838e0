#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/async.hpp"
#include "core/time.hpp"

namespace evenkeel {

/// One provider of the route as an operator sees it.
struct LaneView {
    std::string name, kind, model;
    bool local = false;                  ///< Private conversations may go there.
    std::string phase;                   ///< "closed" (well), "open", "probing", "ramping": the breaker's own words.
    WallTime since{};                    ///< When that phase began.
    std::string why;                     ///< One line: what opened it; empty while it is well.
    std::optional<Instant> next_try_at;  ///< When it is probed next; empty while it is well.
    std::int64_t calls = 0, failures = 0, probes = 0;  ///< Since this process began.
};

/// What the queue needs to know of the route: whether somebody may be asked now, and when that changes. One loop.
class RouteHealth {
public:
    virtual ~RouteHealth() = default;
    /// When the first lane may be asked again: a time that is not in the future means now, `forever` that no lane may
    /// ever take such a call. `local_only`: of the lanes a private conversation may use.
    virtual Instant next_try_at(bool local_only) const = 0;
    /// Pulsed when any lane's state changes.
    virtual Event& changed() = 0;
    /// In the order of the route: the first is the one whose answers are not degraded.
    virtual std::vector<LaneView> lanes() const = 0;
};

}  // namespace evenkeel
