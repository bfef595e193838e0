#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>

#include "core/result.hpp"

namespace evenkeel {

/// When a lane is taken out of the route and how it comes back. Defaults are design section 4's.
struct BreakerOptions {
    bool opens = true;                   ///< false: never; for drills that show what a breaker is for.
    std::uint32_t failures_to_open = 3;  ///< Fast failures in a row. ≥ 1.
    std::uint32_t calls_to_judge = 10;   ///< In `window`; half of them failed opens too. ≥ 2.
    Seconds window{30};                  ///< How far back the share of failures looks.
    Seconds account_probe{300};          ///< Between probes where an operator must act first.
    Seconds flap_window{300};            ///< Opening again so soon after closing doubles the successes needed.
    std::uint32_t successes_max = 8;     ///< The doubling's end. ≥ 1.
    Millis free_check_every{2'000};      ///< Between two free checks of a lane that looks dead.
    Seconds ramp_doubling{5};            ///< After closing, a tenth of the traffic, doubled each such step.
    Millis ramp_always{500};             ///< One call each so often passes the ramp: a lone user never notices it.
    Seconds young{10};                   ///< While an outage is younger, no two probes are further apart than …
    Millis young_interval{2'500};        ///< … this: back within 3 s of a short outage's end.
    Seconds retry_after_max{30 * 24 * 60 * 60};  ///< A longer Retry-After counts as this: no overflow, no eternity.
};

/// closed: calls pass. open: none but a probe when it is due. probing: one probe is under way.
enum class BreakerPhase : std::uint8_t { closed, open, probing };
std::string_view to_string(BreakerPhase phase) noexcept;

/// What a breaker knows, as it is shown and stored.
struct BreakerState {
    BreakerPhase phase = BreakerPhase::closed;
    Instant since = Instant::min();       ///< When it last opened or closed; min: it never did.
    std::optional<Error> why;             ///< The failure that keeps it open; empty while closed.
    bool stated = false;                  ///< The provider itself said until when (Retry-After); else it is our guess.
    Instant floor = Instant::min();       ///< Nobody asks before: what the provider stated.
    Instant next_probe = Instant::min();  ///< While open.
    std::uint32_t probes = 0;             ///< Since it opened.
    std::uint32_t successes = 0;          ///< Probes in a row that went well.
    std::uint32_t successes_needed = 1;
    std::uint32_t failures_in_a_row = 0;      ///< While closed.
    Instant last_closed_at = Instant::min();  ///< For the ramp and for telling a flap; min: never.
};

/// Does this failure say that nothing listens there (refused, no route, no such name)?
bool is_unreachable(const Error& error) noexcept;

/// Does it say that our own network or the name servers are gone, and nothing about the provider?
bool is_network_down(const Error& error) noexcept;

/// The circuit breaker of one provider + credential + model, as a pure machine: no clock, no chance of its own.
/// `chance` is uniform in [0, 1). Every permit is answered by exactly one of whole, failed or abandoned; a stream that
/// was committed calls first_content before.
class BreakerMachine {
public:
    explicit BreakerMachine(BreakerOptions options = {}) : options_(options) {}

    /// Who asks: a call with nowhere else to go may carry the probe, and a ramp does not turn it away.
    struct Asker {
        bool probe = false;
        bool others_left = false;
        bool may_carry() const noexcept { return probe || !others_left; }
    };
    struct Permit {
        std::uint64_t era = 0;  ///< The period between two changes of the gate in which it was given.
        bool probe = false;
    };
    std::optional<Permit> try_pass(Asker asker, Instant now, double chance);
    /// Would try_pass refuse for certain?
    bool refuses(Asker asker, Instant now) const noexcept;

    /// A probe that brought content has succeeded; the rest of that reply counts as any other.
    void first_content(Permit& permit, Instant now, double chance);
    void whole(Permit& permit, Instant now, double chance);
    void failed(Permit& permit, const Error& error, Instant now, double chance);
    /// The caller left: neither success nor failure.
    void abandoned(Permit& permit, Instant now);

    /// What a free check said; empty: it was cut short. Good after bad brings the next probe forward.
    void checked(std::optional<bool> good, Instant now);
    /// It was out of reach for want of a network, and another provider is reached again: the next probe is brought
    /// forward.
    void network_is_back(Instant now) noexcept;
    /// When a free check may teach something; `forever` when it cannot.
    Instant next_check() const noexcept;
    /// When the gate lets somebody try: Instant::min() while closed. While probing: when the next probe would follow.
    Instant next_try() const noexcept;

    const BreakerState& state() const noexcept { return state_; }
    /// Takes up what an earlier process knew. A probe that was under way then counts as not made.
    void restore(BreakerState state);

private:
    enum class Weight : std::uint8_t { ignored, counts, opens };
    struct Outcome {
        Instant when;
        bool failed;
    };
    static Weight weigh(const Error& error) noexcept;
    void open(const Error& error, Instant now, double chance);
    void close(Instant now);
    void probe_succeeded(Permit& permit, Instant now, double chance);
    void remember(bool failed, Instant now);
    bool too_many_failed() const noexcept;
    bool ramp_admits(Instant now, double chance);
    void raise_floor(const Error& error, Instant now);
    /// Sets the next probe, counted from `from`, when the last one began.
    void schedule(Instant from, Instant now, double chance);
    Nanos interval(Instant now) const noexcept;

    BreakerOptions options_;
    BreakerState state_;
    std::uint64_t era_ = 1;
    std::deque<Outcome> recent_;  ///< At most recent_max, none older than the window.
    Instant probe_began_ = Instant::min();
    Instant ramp_next_ = Instant::min();
    std::optional<bool> check_;  ///< What the last free check said.
    Instant next_check_ = forever;
    Instant check_again_ = Instant::min();  ///< Not before: free checks keep their distance.
};

}  // namespace evenkeel
