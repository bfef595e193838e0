#include "resilience/lane.hpp"

#include "resilience/retry.hpp"

namespace evenkeel {

Lane::Lane(Env env, LaneSpec spec, Event& changed, Event* slow)
    : env_(env),
      spec_(std::move(spec)),
      breaker_(std::make_shared<Breaker>(env, spec_.upstream->identity(), spec_.breaker, changed)),
      learning_(std::make_shared<LaneLearning>(LaneLearning{.slow = slow})),
      budget_(std::make_shared<Budget>()),
      pace_(std::make_shared<Pace>(env, spec_.pace)),
      tree_(retry(
          evenkeel::breaker(paced(first_content_within(spec_.upstream, spec_.limits, env, learning_), pace_), breaker_),
          breaker_, budget_, env)),
      prefill_(std::make_unique<Prefill>(env, spec_.prefill, tree_, changed)) {}

LaneStatus Lane::status() const {
    const BreakerState& state = breaker_->state();
    LaneStatus status{.name = identity().name, .kind = identity().kind, .model = identity().model};
    status.local = identity().local;
    status.phase = state.phase;
    if (state.since != Instant::min()) status.in_phase_for = elapsed(state.since, env_.now());
    status.why = state.why;
    status.stated = state.stated;
    if (!breaker_->closed()) status.next_try_at = state.next_probe;
    status.probes_since_open = state.probes;
    status.counts = breaker_->counts();
    return status;
}

}  // namespace evenkeel
