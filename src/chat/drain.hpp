#pragma once
#include <cstddef>
#include <cstdint>

#include "core/time.hpp"

namespace evenkeel {

/// reliability.md 5.3, O5 to O8: what the queue may take of the route.
struct DrainOptions {
    double rate_per_s = 25;           ///< The route's rate limit, questions per second. > 0.
    std::size_t max_concurrent = 16;  ///< Queue turns at once; what a local model cannot take waits here, not there.
    double share_first = 0.10;        ///< Of the rate, after an outage, a restart or an overload.
    double share_live = 0.50;         ///< At most, while people wait for live answers.
    double share_idle = 0.80;         ///< At most, while nobody does.
    Millis step{10'000};              ///< The share doubles after each such time without a failure.
    Millis probe_first{2'000};        ///< After a probe that failed though the route stayed open; doubles.
    Millis probe_last{60'000};
};

/// Decides how many queued questions may be claimed now. After an outage one goes alone, as a probe; its answer opens a
/// token bucket that starts at a tenth of the rate and doubles while all is well; an overload takes it back. Pure: no
/// clock, no chance.
class Drain {
public:
    enum class Phase : std::uint8_t {
        held,     ///< No provider may be asked.
        probing,  ///< One at a time, until one is answered.
        ramping,  ///< As the bucket allows.
    };
    enum class End : std::uint8_t { answered, failed, overloaded };
    struct Grant {
        std::size_t jobs = 0;     ///< May be claimed now.
        bool probe = false;       ///< It asks on behalf of all others: through an open breaker's gate.
        Instant again = forever;  ///< When to ask again if nothing happens before.
    };

    Drain(const DrainOptions& options, Instant now) noexcept;
    /// What the route says: the time its first lane may be asked; in the future it is down.
    void route_opens_at(Instant when, Instant now) noexcept;
    /// How many people wait for live answers now.
    void live(std::size_t turns, Instant now) noexcept;
    void live_ended(End end, Instant now) noexcept;
    Grant grant(Instant now) noexcept;
    void claimed(std::size_t jobs, Instant now) noexcept;
    void ended(End end, Instant now) noexcept;

    Phase phase() const noexcept { return phase_; }
    double share() const noexcept { return share_; }
    std::size_t running() const noexcept { return running_; }

private:
    double rate(Instant now) const noexcept;
    void refill(Instant now) noexcept;
    void open_ramp(Instant now) noexcept;
    void probe_failed(Instant now) noexcept;
    DrainOptions options_;
    Phase phase_ = Phase::probing;
    Instant opens_at_;
    Instant next_probe_;
    Millis probe_wait_;
    double share_;
    double tokens_ = 0;
    Instant filled_at_;
    Instant clean_since_;
    Instant live_at_;  ///< When somebody last waited live.
    bool live_seen_ = false;
    std::size_t live_ = 0;
    std::size_t running_ = 0;
};

}  // namespace evenkeel
