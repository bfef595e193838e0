#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/env.hpp"

namespace evenkeel {

/// A UUIDv7 (RFC 9562 section 5.7): 48 bits of Unix milliseconds, then version, variant and chance. Sorts by age.
struct Id {
    std::array<std::uint8_t, 16> bytes{};
    auto operator<=>(const Id&) const = default;
    bool is_nil() const noexcept { return *this == Id{}; }
};

/// "0193c1d2-7f3a-7abc-8def-0123456789ab", lower case.
std::string to_string(const Id& id);
/// The same, behind what `out` holds.
void append(std::string& out, const Id& id);
/// Accepts upper and lower case, with or without dashes. Nothing for anything else.
std::optional<Id> parse_id(std::string_view text) noexcept;

/// What a person types: the first ≥ 6 hex digits of an id, dashes ignored.
struct IdPrefix {
    Id low, high;  ///< Both inclusive: every id in between begins with the prefix.
};
inline constexpr std::size_t id_prefix_digits_min = 6;
/// Nothing when it is shorter than six digits, longer than an id, or not hexadecimal.
std::optional<IdPrefix> parse_id_prefix(std::string_view text) noexcept;

/// Makes ids that grow strictly even when the clock goes back: then it counts on from the last one.
class IdMaker {
public:
    explicit IdMaker(Env env) noexcept : env_(env) {}
    Id next();

private:
    Env env_;
    std::uint64_t last_millis_ = 0;
    std::uint16_t counter_ = 0;
};

}  // namespace evenkeel

template <>
struct std::hash<evenkeel::Id> {
    std::size_t operator()(const evenkeel::Id& id) const noexcept;
};
