#pragma once
#include "core/json.hpp"
#include "core/json_writer.hpp"
#include "resilience/breaker_machine.hpp"

namespace evenkeel {

/// Writes what a breaker knows as the members of an object that the caller opened. Times are durations from `now`: a
/// wall clock that was set back or forward in between cannot lengthen a bench.
void write_breaker(JsonWriter& json, const BreakerState& state, Instant now);

/// The inverse, `gone` after it was written (≥ 0). Nothing for an object that is none of ours.
std::optional<BreakerState> read_breaker(const Json& object, Instant now, Nanos gone);

}  // namespace evenkeel
