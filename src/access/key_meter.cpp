#include "access/key_meter.hpp"

#include <algorithm>
#include <chrono>

namespace evenkeel {
namespace {

using Kind = KeyMeter::Verdict::Kind;

/// Nobody knows when a call under way will end; a second is when asking again is worth it.
constexpr Millis permit_wait{1'000};

Millis rounded_up(Nanos span) noexcept { return std::chrono::ceil<Millis>(span); }

}  // namespace

WallTime next_day(WallTime now) noexcept { return std::chrono::floor<std::chrono::days>(now) + std::chrono::days{1}; }

WallTime next_month(WallTime now) noexcept {
    const std::chrono::year_month_day today{std::chrono::floor<std::chrono::days>(now)};
    return std::chrono::sys_days{(today.year() / today.month() + std::chrono::months{1}) / 1};
}

KeyMeter::KeyMeter(const KeyLimits& limits, const KeySpending& so_far, WallTime wall) noexcept
    : limits_(limits), spending_(so_far), day_ends_(next_day(wall)), month_ends_(next_month(wall)) {}

void KeyMeter::turn_calendar(WallTime wall) noexcept {
    if (wall >= day_ends_) {
        spending_.tokens_today = 0;
        spending_.usd_today = 0;
    }
    if (wall >= month_ends_) {
        spending_.usd_this_month = 0;
        spending_.cost_unknown_this_month = 0;
    }
    // Also where the clock went back: then what was spent stays spent, and the day ends when the clock says so.
    day_ends_ = next_day(wall);
    month_ends_ = next_month(wall);
}

KeyMeter::Verdict KeyMeter::budget(WallTime wall) const noexcept {
    Verdict verdict;
    const auto spent = [&](bool is_spent, std::string_view what, WallTime ends) {
        const Millis wait = ends - wall;
        if (!is_spent || (verdict.kind == Kind::spent && wait <= verdict.retry_after)) return;
        verdict = {.kind = Kind::spent, .retry_after = wait, .what = what};
    };
    spent(limits_.tokens_per_day && spending_.tokens_today >= *limits_.tokens_per_day, "tokens per day", day_ends_);
    spent(limits_.usd_per_day && spending_.usd_today >= *limits_.usd_per_day, "USD per day", day_ends_);
    spent(limits_.usd_per_month && spending_.usd_this_month >= *limits_.usd_per_month, "USD per month", month_ends_);
    if (verdict.kind == Kind::spent && limits_.downgrade) verdict.kind = Kind::local_only;
    return verdict;
}

std::optional<Millis> KeyMeter::wait_for_request(Instant now) const noexcept {
    if (!limits_.requests_per_minute) return std::nullopt;
    const Nanos interval = Nanos{std::chrono::minutes{1}} / *limits_.requests_per_minute;
    const Nanos owed = full_at_ > now ? full_at_ - now : Nanos{0};
    // The bucket holds a minute's worth; what is owed already and this request must fit into it.
    const Nanos room = interval * *limits_.requests_per_minute;
    if (owed + interval <= room) return std::nullopt;
    return rounded_up(owed + interval - room);
}

KeyMeter::Verdict KeyMeter::begin(Demand demand, Instant now, WallTime wall) noexcept {
    turn_calendar(wall);
    Verdict verdict;
    if (demand == Demand::spend) {
        verdict = budget(wall);
        if (verdict.kind == Kind::spent) return verdict;
        if (limits_.concurrent && under_way_ >= *limits_.concurrent)
            return {.kind = Kind::too_many, .retry_after = permit_wait};
    }
    if (const auto wait = wait_for_request(now)) return {.kind = Kind::too_fast, .retry_after = *wait};
    if (limits_.requests_per_minute)
        full_at_ = std::max(full_at_, now) + Nanos{std::chrono::minutes{1}} / *limits_.requests_per_minute;
    if (demand == Demand::spend) ++under_way_;
    return verdict;
}

void KeyMeter::charge(std::int64_t tokens, std::optional<double> cost_usd, WallTime wall) noexcept {
    turn_calendar(wall);
    spending_.tokens_today += tokens;
    if (cost_usd) {
        spending_.usd_today += *cost_usd;
        spending_.usd_this_month += *cost_usd;
    } else if (tokens > 0) {
        ++spending_.cost_unknown_this_month;
    }
}

const KeySpending& KeyMeter::spending(WallTime wall) noexcept {
    turn_calendar(wall);
    return spending_;
}

}  // namespace evenkeel
