#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/async.hpp"
#include "core/env.hpp"
#include "llm/provider.hpp"
#include "resilience/breaker.hpp"
#include "resilience/budget.hpp"
#include "resilience/first_content_within.hpp"
#include "resilience/pace.hpp"
#include "resilience/prefill.hpp"

namespace evenkeel {

/// One provider of a route, as configured.
struct LaneSpec {
    std::shared_ptr<Upstream> upstream;  ///< Never null.
    ContentLimits limits;
    BreakerOptions breaker;
    PaceLimits pace;
    PrefillMode prefill = PrefillMode::automatic;
    bool warms_up = false;             ///< Its model must be loaded first: done ahead when another lane gets slow.
    std::uint32_t context_tokens = 0;  ///< The model's window; 0: unknown.
    /// A fingerprint of the key, never the key: with another one, what was learnt of the old is forgotten.
    std::string credential;
};

/// What an operator sees of a lane. Times are relative, so that they can be shown anywhere.
struct LaneStatus {
    std::string name, kind, model;
    bool local = false;
    BreakerPhase phase = BreakerPhase::closed;
    std::optional<Millis> in_phase_for;  ///< Empty where it never changed.
    std::optional<Error> why;            ///< What keeps it closed to calls; empty while it is well.
    bool stated = false;                 ///< The provider said until when; else it is our guess.
    std::optional<Instant> next_try_at;  ///< Empty while it is well.
    std::uint32_t probes_since_open = 0;
    BreakerCounts counts;  ///< Since this process began.
};

/// One provider with its layers, retry(breaker(paced(first_content_within(upstream)))), and its health. One loop.
class Lane {
public:
    /// `changed` is pulsed when its gate changes, `slow` (may be null) when a question waits longer than usual; both
    /// outlive the lane.
    Lane(Env env, LaneSpec spec, Event& changed, Event* slow = nullptr);

    const Upstream::Identity& identity() const noexcept { return spec_.upstream->identity(); }
    const LaneSpec& spec() const noexcept { return spec_; }
    Upstream& upstream() const noexcept { return *spec_.upstream; }
    Provider& tree() const noexcept { return *tree_; }
    Breaker& breaker() const noexcept { return *breaker_; }
    Prefill& prefill() const noexcept { return *prefill_; }
    LaneLearning& learning() const noexcept { return *learning_; }
    Budget& budget() const noexcept { return *budget_; }
    const Pace& pace() const noexcept { return *pace_; }
    /// A private call goes to local lanes only, whatever else fails.
    bool may_see(const Call& call) const noexcept { return !call.local_only || identity().local; }
    /// The caller named another provider by its name.
    bool is_passed_over(const Call& call) const noexcept { return !call.only.empty() && call.only != identity().name; }
    LaneStatus status() const;

private:
    Env env_;
    LaneSpec spec_;
    std::shared_ptr<Breaker> breaker_;
    std::shared_ptr<LaneLearning> learning_;
    std::shared_ptr<Budget> budget_;
    std::shared_ptr<Pace> pace_;
    ProviderPtr tree_;
    std::unique_ptr<Prefill> prefill_;
};

}  // namespace evenkeel
