#include "resilience/breaker_machine.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace evenkeel {
namespace {

using namespace std::chrono_literals;

/// Between probes, design section 4. The last one repeats.
constexpr std::array<Seconds, 11> probe_intervals{2s, 2s, 4s, 4s, 8s, 8s, 16s, 16s, 32s, 32s, 60s};
/// Probes only ever come earlier than the table says, so that "one interval" bounds the way back.
constexpr double jitter_share = 0.15;
/// After a stated time probes spread a little, never before it.
constexpr Nanos floor_jitter = 100ms;
/// Between the probes that go well when more than one success is needed.
constexpr Nanos confirm_interval = 1s;
constexpr std::size_t recent_max = 64;
constexpr double ramp_first_share = 0.1;

Nanos scaled(Nanos base, double factor) {
    return Nanos{static_cast<Nanos::rep>(static_cast<double>(base.count()) * factor)};
}

Nanos jittered(Nanos base, double chance) { return scaled(base, 1.0 - jitter_share * chance); }

}  // namespace

std::string_view to_string(BreakerPhase phase) noexcept {
    constexpr std::array<std::string_view, 3> words{"closed", "open", "probing"};
    return words[static_cast<std::size_t>(phase)];
}

bool is_unreachable(const Error& error) noexcept {
    constexpr std::array<std::string_view, 6> codes{"refused",        "unreachable",    "no_route",
                                                    "name_not_found", "connect_failed", "dns_failed"};
    return error.cls == ErrorClass::transient && error.http_status == 0 &&
           std::ranges::find(codes, error.code) != codes.end();
}

bool is_network_down(const Error& error) noexcept {
    return is_unreachable(error) &&
           (error.code == "unreachable" || error.code == "no_route" || error.code == "dns_failed");
}

BreakerMachine::Weight BreakerMachine::weigh(const Error& error) noexcept {
    if (error.origin != Origin::provider) return Weight::ignored;
    switch (error.cls) {
        case ErrorClass::silent:
        case ErrorClass::account:
        case ErrorClass::model_gone: return Weight::opens;
        case ErrorClass::overload: return error.retry_after ? Weight::opens : Weight::counts;
        case ErrorClass::transient: return is_unreachable(error) ? Weight::opens : Weight::counts;
        case ErrorClass::bad_answer: return Weight::counts;
        case ErrorClass::request:
        case ErrorClass::capacity:
        case ErrorClass::policy:
        case ErrorClass::cancelled:
        case ErrorClass::internal:
        case ErrorClass::storage: return Weight::ignored;
    }
    return Weight::ignored;
}

bool BreakerMachine::refuses(Asker asker, Instant now) const noexcept {
    switch (state_.phase) {
        case BreakerPhase::closed: return false;
        case BreakerPhase::open: return !asker.may_carry() || now < state_.next_probe;
        case BreakerPhase::probing: return true;
    }
    return true;
}

std::optional<BreakerMachine::Permit> BreakerMachine::try_pass(Asker asker, Instant now, double chance) {
    if (refuses(asker, now)) return std::nullopt;
    if (state_.phase == BreakerPhase::closed) {
        if (!asker.may_carry() && !ramp_admits(now, chance)) return std::nullopt;
        return Permit{.era = era_, .probe = false};
    }
    state_.phase = BreakerPhase::probing;
    state_.next_probe = now + interval(now);
    ++state_.probes;
    probe_began_ = now;
    return Permit{.era = era_, .probe = true};
}

bool BreakerMachine::ramp_admits(Instant now, double chance) {
    if (state_.last_closed_at == Instant::min()) return true;
    const double steps = static_cast<double>((now - state_.last_closed_at).count()) /
                         static_cast<double>(Nanos(options_.ramp_doubling).count());
    const double share = ramp_first_share * std::exp2(steps);
    if (share >= 1.0 || chance < share) return true;
    if (now < ramp_next_) return false;
    ramp_next_ = now + options_.ramp_always;
    return true;
}

void BreakerMachine::first_content(Permit& permit, Instant now, double chance) {
    if (permit.probe) probe_succeeded(permit, now, chance);
}

void BreakerMachine::whole(Permit& permit, Instant now, double chance) {
    if (permit.probe) return probe_succeeded(permit, now, chance);
    if (permit.era != era_ || state_.phase != BreakerPhase::closed) return;
    state_.failures_in_a_row = 0;
    remember(false, now);
}

void BreakerMachine::failed(Permit& permit, const Error& error, Instant now, double chance) {
    const Weight weight = weigh(error);
    if (weight == Weight::ignored) {
        // A provider that judged the request itself is up: that is all a probe asks.
        const bool answered = error.origin == Origin::provider && error.cls != ErrorClass::cancelled;
        return answered && permit.probe ? probe_succeeded(permit, now, chance) : abandoned(permit, now);
    }
    if (permit.era != era_) return raise_floor(error, now);
    if (state_.phase == BreakerPhase::closed) {
        ++state_.failures_in_a_row;
        remember(true, now);
        if (!options_.opens) return;
        if (weight == Weight::opens || state_.failures_in_a_row >= options_.failures_to_open || too_many_failed())
            open(error, now, chance);
        return;
    }
    state_.successes = 0;
    raise_floor(error, now);
    if (!permit.probe) return;
    permit.probe = false;
    state_.phase = BreakerPhase::open;
    state_.why = error;
    state_.stated = error.retry_after.has_value();
    schedule(probe_began_, now, chance);
}

void BreakerMachine::abandoned(Permit& permit, Instant now) {
    if (!permit.probe || permit.era != era_) return;
    permit.probe = false;
    state_.phase = BreakerPhase::open;
    state_.next_probe = std::max({now, probe_began_ + probe_intervals.front(), state_.floor});
}

void BreakerMachine::open(const Error& error, Instant now, double chance) {
    const bool flaps =
        state_.last_closed_at != Instant::min() && now - state_.last_closed_at < Nanos(options_.flap_window);
    state_.successes_needed = flaps ? std::min(state_.successes_needed * 2, options_.successes_max) : 1;
    state_.phase = BreakerPhase::open;
    state_.since = now;
    state_.why = error;
    state_.stated = error.retry_after.has_value();
    state_.floor = Instant::min();
    state_.probes = state_.successes = state_.failures_in_a_row = 0;
    recent_.clear();
    ++era_;
    check_.reset();
    if (is_unreachable(error)) check_ = false;
    raise_floor(error, now);
    schedule(now, now, chance);
}

void BreakerMachine::close(Instant now) {
    state_.phase = BreakerPhase::closed;
    state_.since = state_.last_closed_at = now;
    state_.why.reset();
    state_.stated = false;
    state_.floor = state_.next_probe = Instant::min();
    state_.probes = state_.successes = state_.failures_in_a_row = 0;
    ++era_;
    ramp_next_ = now;
    next_check_ = forever;
}

void BreakerMachine::probe_succeeded(Permit& permit, Instant now, double chance) {
    permit.probe = false;
    if (permit.era != era_) return;
    if (++state_.successes >= state_.successes_needed) {
        close(now);
    } else {
        state_.phase = BreakerPhase::open;
        state_.next_probe = std::max(now + jittered(confirm_interval, chance), state_.floor);
    }
    permit.era = era_;
}

void BreakerMachine::remember(bool failed, Instant now) {
    while (!recent_.empty() && (recent_.size() >= recent_max || recent_.front().when + options_.window < now))
        recent_.pop_front();
    recent_.push_back({.when = now, .failed = failed});
}

bool BreakerMachine::too_many_failed() const noexcept {
    const auto failed = std::ranges::count_if(recent_, &Outcome::failed);
    return recent_.size() >= options_.calls_to_judge && 2 * static_cast<std::size_t>(failed) >= recent_.size();
}

void BreakerMachine::raise_floor(const Error& error, Instant now) {
    if (!error.retry_after || state_.phase == BreakerPhase::closed) return;
    const Millis wait = std::min<Millis>(*error.retry_after, options_.retry_after_max);
    state_.floor = std::max(state_.floor, now + wait);
    state_.stated = true;
    state_.next_probe = std::max(state_.next_probe, state_.floor);
    if (next_check_ != forever) next_check_ = std::max(next_check_, state_.floor);
}

Nanos BreakerMachine::interval(Instant now) const noexcept {
    const bool account = state_.why && state_.why->cls == ErrorClass::account;
    if (account && !state_.stated) return options_.account_probe;
    const Nanos base = probe_intervals[std::min<std::size_t>(state_.probes, probe_intervals.size() - 1)];
    const bool young = now - state_.since < Nanos(options_.young);
    return young ? std::min<Nanos>(base, options_.young_interval) : base;
}

void BreakerMachine::schedule(Instant from, Instant now, double chance) {
    state_.next_probe = std::max(now, from + jittered(interval(now), chance));
    if (state_.floor > now)
        state_.next_probe = std::max(state_.next_probe, state_.floor + scaled(floor_jitter, chance));
    next_check_ = std::max({now, state_.floor, check_again_});
}

void BreakerMachine::checked(std::optional<bool> good, Instant now) {
    if (state_.phase == BreakerPhase::closed) return;
    // A good reading teaches nothing more until a probe fails again; a bad one is worth repeating.
    check_again_ = now + options_.free_check_every;
    next_check_ = good.value_or(false) ? forever : check_again_;
    if (!good) return;
    if (*good && check_ == false) state_.next_probe = std::min(state_.next_probe, std::max(now, state_.floor));
    check_ = good;
}

void BreakerMachine::network_is_back(Instant now) noexcept {
    if (state_.phase == BreakerPhase::open)
        state_.next_probe = std::min(state_.next_probe, std::max(now, state_.floor));
}

Instant BreakerMachine::next_check() const noexcept {
    return state_.phase == BreakerPhase::open ? next_check_ : forever;
}

Instant BreakerMachine::next_try() const noexcept {
    return state_.phase == BreakerPhase::closed ? Instant::min() : state_.next_probe;
}

void BreakerMachine::restore(BreakerState state) {
    state_ = std::move(state);
    if (state_.phase == BreakerPhase::probing) state_.phase = BreakerPhase::open;
    ++era_;
    recent_.clear();
    check_.reset();
    if (state_.why && is_unreachable(*state_.why)) check_ = false;
    next_check_ = state_.phase == BreakerPhase::open ? state_.floor : forever;
}

}  // namespace evenkeel
