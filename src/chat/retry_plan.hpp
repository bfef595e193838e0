#pragma once
#include <cstdint>
#include <span>
#include <string>

#include "core/env.hpp"
#include "core/message.hpp"

namespace evenkeel {

/// What becomes of a claimed question that was not answered.
struct RetryPlan {
    enum class What : std::uint8_t {
        requeue,  ///< Waits and is asked again.
        refuse,   ///< Asking again cannot help: its asker is told.
        give_up,  ///< Attempts spent: its asker is told.
    };
    What what = What::requeue;
    Millis wait{0};      ///< requeue: not claimed before.
    std::string notice;  ///< refuse, give_up: what its asker reads.
};

struct RetryFacts {
    std::int64_t attempts = 0;  ///< Claims before this one that ended without an answer.
    std::int64_t attempts_max = 20;
    bool route_down = false;        ///< Nobody may be asked now.
    bool model_named = false;       ///< The asker chose the model; we did not.
    Millis delay_min{5'000};        ///< [queue] retry_delay_min
    Millis delay_max{15 * 60'000};  ///< [queue] retry_delay_max
};

/// In an outage a question waits for the route, not for a clock: it is due at once and the drain holds it, so that it
/// goes out with the recovery; nor is an outage counted against it. While somebody could be asked it is the question
/// that fails: `delay_min` doubled per attempt up to `delay_max`, spread (decorrelated jitter), Retry-After as the
/// floor, and `attempts_max` ends it. A request that is wrong, or against a policy, or too long for every model, is
/// refused.
RetryPlan plan_after(const Error& error, std::span<const Attempt> tries, const RetryFacts& facts, Random& random);

}  // namespace evenkeel
