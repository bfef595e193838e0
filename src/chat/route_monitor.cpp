#include "chat/route_monitor.hpp"

namespace evenkeel {

std::vector<LaneView> RouteMonitor::lanes() const {
    std::vector<LaneView> views;
    for (LaneStatus& lane : route_.lanes()) {
        LaneView view{.name = std::move(lane.name),
                      .kind = std::move(lane.kind),
                      .model = std::move(lane.model),
                      .local = lane.local,
                      .phase = std::string(to_string(lane.phase)),
                      .next_try_at = lane.next_try_at,
                      .calls = lane.counts.calls,
                      .failures = lane.counts.failed,
                      .probes = lane.counts.probes};
        if (lane.in_phase_for) view.since = env_.wall() - *lane.in_phase_for;
        if (lane.why) view.why = in_words(*lane.why);
        views.push_back(std::move(view));
    }
    return views;
}

}  // namespace evenkeel
