#include "chat/drain.hpp"

#include <algorithm>
#include <cmath>

namespace evenkeel {
namespace {
/// A pause between two live questions of a lively chat is still live traffic.
constexpr Seconds live_lingers{10};
}  // namespace

Drain::Drain(const DrainOptions& options, Instant now) noexcept
    : options_(options),
      opens_at_(now),
      next_probe_(now),
      probe_wait_(options.probe_first),
      share_(options.share_first),
      filled_at_(now),
      clean_since_(now),
      live_at_(now) {}

void Drain::route_opens_at(Instant when, Instant now) noexcept {
    opens_at_ = when;
    if (when > now) {
        phase_ = Phase::held;
    } else if (phase_ == Phase::held) {
        phase_ = Phase::probing;
        next_probe_ = now;
        probe_wait_ = options_.probe_first;
    }
}

void Drain::live(std::size_t turns, Instant now) noexcept {
    if (turns > 0 || live_ > 0) {
        live_at_ = now;
        live_seen_ = true;
    }
    live_ = turns;
}

void Drain::live_ended(End end, Instant now) noexcept {
    if (end == End::answered) {
        if (phase_ == Phase::probing) open_ramp(now);
        return;
    }
    clean_since_ = now;
    if (end == End::overloaded) share_ = options_.share_first;
}

double Drain::rate(Instant now) const noexcept {
    const bool lively = live_ > 0 || (live_seen_ && now - live_at_ < live_lingers);
    return options_.rate_per_s * std::min(share_, lively ? options_.share_live : options_.share_idle);
}

void Drain::refill(Instant now) noexcept {
    const double highest = std::max(options_.share_idle, options_.share_first);
    while (now - clean_since_ >= options_.step && share_ < highest) {
        share_ = std::min(2 * share_, highest);
        clean_since_ += options_.step;
    }
    const double per_second = rate(now);
    const double burst = std::max(1.0, per_second / 4);
    tokens_ = std::min(burst, tokens_ + per_second * std::chrono::duration<double>(now - filled_at_).count());
    filled_at_ = now;
}

Drain::Grant Drain::grant(Instant now) noexcept {
    if (phase_ == Phase::held) return {.again = opens_at_};
    if (phase_ == Phase::probing) {
        if (running_ > 0) return {};
        if (next_probe_ > now) return {.again = next_probe_};
        return {.jobs = 1, .probe = true};
    }
    refill(now);
    if (running_ >= options_.max_concurrent) return {};
    const auto whole = static_cast<std::size_t>(tokens_ + 1e-9);
    if (whole > 0) return {.jobs = std::min(whole, options_.max_concurrent - running_)};
    const auto wait = std::chrono::duration<double>((1 - tokens_) / rate(now));
    return {.again = now + std::chrono::ceil<Nanos>(wait)};
}

void Drain::claimed(std::size_t jobs, Instant now) noexcept {
    running_ += jobs;
    if (phase_ == Phase::ramping) {
        refill(now);
        tokens_ = std::max(0.0, tokens_ - static_cast<double>(jobs));
    }
}

void Drain::ended(End end, Instant now) noexcept {
    if (running_ > 0) --running_;
    if (phase_ == Phase::probing) {
        if (end == End::answered)
            open_ramp(now);
        else
            probe_failed(now);
        return;
    }
    if (end == End::answered) return;
    clean_since_ = now;
    if (end == End::overloaded) share_ = options_.share_first;
}

void Drain::open_ramp(Instant now) noexcept {
    phase_ = Phase::ramping;
    share_ = options_.share_first;
    tokens_ = 1;
    filled_at_ = clean_since_ = now;
    probe_wait_ = options_.probe_first;
}

void Drain::probe_failed(Instant now) noexcept {
    next_probe_ = now + probe_wait_;
    probe_wait_ = std::min(2 * probe_wait_, options_.probe_last);
}

}  // namespace evenkeel
