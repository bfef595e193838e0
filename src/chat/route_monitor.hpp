#pragma once
#include "chat/route_health.hpp"
#include "core/env.hpp"
#include "resilience/route.hpp"

namespace evenkeel {

/// The health of a real route, as the queue and `status` ask for it. The route outlives it.
class RouteMonitor final : public RouteHealth {
public:
    RouteMonitor(Env env, Route& route) noexcept : env_(env), route_(route) {}
    Instant next_try_at(bool local_only) const override { return route_.next_try_at(local_only); }
    Event& changed() override { return route_.changed(); }
    std::vector<LaneView> lanes() const override;

private:
    Env env_;
    Route& route_;
};

}  // namespace evenkeel
