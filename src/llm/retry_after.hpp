#pragma once
#include <optional>
#include <string_view>

#include "core/time.hpp"

namespace evenkeel {

/// Longer waits are cut to this: daily limits count to midnight, so a day is the longest that means anything.
inline constexpr Millis retry_after_max = std::chrono::hours{24};

/// The value of a `Retry-After` header: seconds, whole or with a fraction, or an HTTP date (RFC 9110 5.6.7, all three
/// forms) against `now`. Times that are over give 0. Nothing for anything else: "-1", "6m0s" and other look-alikes.
std::optional<Millis> parse_retry_after(std::string_view value, WallTime now) noexcept;

/// The value of a `retry-after-ms` header: milliseconds, whole or with a fraction.
std::optional<Millis> parse_retry_after_ms(std::string_view value) noexcept;

}  // namespace evenkeel
