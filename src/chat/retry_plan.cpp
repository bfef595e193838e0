#include "chat/retry_plan.hpp"

#include <algorithm>

namespace evenkeel {
namespace {

constexpr std::int64_t doublings_max = 20;  ///< A million times the first wait; only keeps the shift in its bounds.

/// True when all who could look at it said that it is too long; a skipped lane may have the larger window.
bool too_long_for_all(const Error& error, std::span<const Attempt> tries) {
    if (error.cls != ErrorClass::capacity) return false;
    return std::ranges::all_of(
        tries, [](const Attempt& attempt) { return attempt.error && attempt.error->cls == ErrorClass::capacity; });
}

bool is_final(const Error& error, std::span<const Attempt> tries, const RetryFacts& facts) {
    switch (error.cls) {
        case ErrorClass::request:
        case ErrorClass::policy: return true;
        case ErrorClass::model_gone: return facts.model_named;
        case ErrorClass::capacity: return too_long_for_all(error, tries);
        default: return false;
    }
}

Millis backoff(const RetryFacts& facts, Random& random) {
    const auto doublings = std::clamp<std::int64_t>(facts.attempts, 0, doublings_max);
    const Millis first = std::min(facts.delay_min, facts.delay_max);
    const Millis highest = std::min(facts.delay_max, first * (std::int64_t{1} << doublings) * 3 / 2);
    return first + Millis{static_cast<std::int64_t>(random.unit() * static_cast<double>((highest - first).count()))};
}

}  // namespace

RetryPlan plan_after(const Error& error, std::span<const Attempt> tries, const RetryFacts& facts, Random& random) {
    if (is_final(error, tries, facts))
        return {.what = RetryPlan::What::refuse,
                .notice = "This question was refused and will not be asked again: " + in_words(error)};
    if (!facts.route_down && facts.attempts + 1 >= facts.attempts_max)
        return {.what = RetryPlan::What::give_up,
                .notice = "Given up after " + std::to_string(facts.attempts + 1) + " attempts: " + in_words(error)};
    const Millis floor = error.retry_after.value_or(Millis{0});
    if (facts.route_down) return {.wait = floor};
    return {.wait = std::max(floor, backoff(facts, random))};
}

}  // namespace evenkeel
