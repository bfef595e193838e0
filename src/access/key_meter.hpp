#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "core/time.hpp"
#include "store/key_records.hpp"

namespace evenkeel {

/// What a call asks of a key's limits.
enum class Demand : std::uint8_t {
    spend,  ///< It will ask a provider: needs budget and counts against `concurrent`.
    look,   ///< It reads what is there already (lists, polls, cancels): only counts as a request.
};

/// The first moment of the next day, or month, of the calendar in UTC.
WallTime next_day(WallTime now) noexcept;
WallTime next_month(WallTime now) noexcept;

/// The limits of one key, as a machine without I/O. Every call gives the monotonic time for the request rate and UTC
/// for the calendar. A clock that is set back never gives a spent budget anew; set forward, it does at most once.
class KeyMeter {
public:
    struct Verdict {
        enum class Kind : std::uint8_t {
            admitted,
            local_only,  ///< Admitted, but a budget is spent and the key says `downgrade`.
            too_fast,    ///< `requests_per_minute`.
            too_many,    ///< `concurrent`.
            spent,       ///< A budget.
        };
        Kind kind = Kind::admitted;
        Millis retry_after{0};  ///< Of the refusals, and of local_only: when the spent budget begins anew.
        std::string_view what;  ///< Of spent and local_only: "tokens per day", "USD per day", "USD per month".
    };

    KeyMeter(const KeyLimits& limits, const KeySpending& so_far, WallTime wall) noexcept;

    /// An admitted call counts at once: a request, and with `spend` a permit, which `end` gives back. A refused one
    /// counts nothing.
    Verdict begin(Demand demand, Instant now, WallTime wall) noexcept;
    /// A call that began with Demand::spend is over.
    void end() noexcept { --under_way_; }
    /// What one try used up. `cost_usd` empty: unknown.
    void charge(std::int64_t tokens, std::optional<double> cost_usd, WallTime wall) noexcept;

    const KeySpending& spending(WallTime wall) noexcept;
    std::int64_t under_way() const noexcept { return under_way_; }

private:
    void turn_calendar(WallTime wall) noexcept;
    Verdict budget(WallTime wall) const noexcept;
    std::optional<Millis> wait_for_request(Instant now) const noexcept;

    const KeyLimits& limits_;
    KeySpending spending_;
    WallTime day_ends_, month_ends_;
    /// The request rate as a virtual schedule (GCRA, ITU-T I.371): the time at which the bucket will be full again.
    Instant full_at_{};
    std::int64_t under_way_ = 0;
};

}  // namespace evenkeel
