#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "core/async.hpp"
#include "core/env.hpp"
#include "llm/provider.hpp"
#include "resilience/breaker_machine.hpp"

namespace evenkeel {

/// The code of the error with which a breaker turns a call away. Its origin is `self`: nobody was asked.
inline constexpr std::string_view lane_closed_code = "lane_closed";
bool is_lane_closed(const Error& error) noexcept;

/// Since this process began.
struct BreakerCounts {
    std::int64_t calls = 0;     ///< Let through, probes included.
    std::int64_t answered = 0;  ///< Whole replies.
    std::int64_t failed = 0;    ///< Failures that were counted or opened it, cuts included.
    std::int64_t refused = 0;   ///< Turned away without asking anybody.
    std::int64_t probes = 0;
    std::int64_t opened = 0;
};

/// The breaker of one lane: the machine, with a clock, chance, notes and a bell. Shared by the layer that asks it, the
/// retry that must know when its gate lets it try again, the fail-over and the prober. One loop.
class Breaker {
public:
    /// `changed` is pulsed at every change of phase; it outlives the breaker.
    Breaker(Env env, Upstream::Identity who, BreakerOptions options, Event& changed);

    const Upstream::Identity& identity() const noexcept { return who_; }
    bool closed() const noexcept { return machine_.state().phase == BreakerPhase::closed; }
    /// May a call with nowhere else to go, or a probe, be sent right now?
    bool may_try_now() const noexcept;
    Instant next_try() const noexcept { return machine_.next_try(); }
    Instant next_check() const noexcept { return machine_.next_check(); }
    /// Why and until when it is closed to calls, as the error they get.
    Error refusal() const;
    const BreakerState& state() const noexcept { return machine_.state(); }
    const BreakerCounts& counts() const noexcept { return counts_; }

    /// The machine's methods of the same names, at the present time.
    std::optional<BreakerMachine::Permit> try_pass(const Call& call);
    void first_content(BreakerMachine::Permit& permit);
    void whole(BreakerMachine::Permit& permit);
    void failed(BreakerMachine::Permit& permit, const Error& error);
    void abandoned(BreakerMachine::Permit& permit);
    void checked(std::optional<bool> good);
    void network_is_back() noexcept;
    void restore(BreakerState state);

private:
    void announce(BreakerPhase before);
    Env env_;
    Upstream::Identity who_;
    BreakerMachine machine_;
    BreakerCounts counts_;
    Event& changed_;
};

/// Asks `inner` only while the gate is open to the call, and tells the breaker how it went, to the reply's end. A call
/// turned away is recorded as a skipped attempt. Errors: those of `inner`, and "lane_closed".
ProviderPtr breaker(ProviderPtr inner, std::shared_ptr<Breaker> gate);

}  // namespace evenkeel
