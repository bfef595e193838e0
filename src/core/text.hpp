#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/time.hpp"

namespace evenkeel {

/// Bytes of the well-formed UTF-8 sequence (RFC 3629) that `text` begins with; 0 if it begins with none.
std::size_t utf8_sequence_length(std::string_view text) noexcept;
/// `text` with each broken byte replaced by U+FFFD.
std::string to_valid_utf8(std::string_view text);
/// The longest prefix of at most `bytes_max` bytes that does not cut a code point.
std::string_view utf8_prefix(std::string_view text, std::size_t bytes_max) noexcept;
/// One line of at most `columns_max` code points: blanks folded, control characters dropped, "…" where it was cut.
std::string one_line(std::string_view text, std::size_t columns_max);

std::string_view trimmed(std::string_view text) noexcept;
bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept;
std::string to_lower(std::string_view text);

/// "250ms", "10s", "1.5s", "10m", "24h", "90d": a number and one unit. Nothing for anything else, or beyond 100 years.
std::optional<Millis> parse_duration(std::string_view text) noexcept;
/// As short as exact: "250ms", "10s", "1.5s", "24h".
std::string format_duration(Millis duration);
/// For people, two units at most: "850 ms", "4.2 s", "3 min 20 s", "2 h 5 min", "3 d 4 h".
std::string spoken_duration(Millis duration);
/// "64B", "16KiB", "16MiB", "2GiB"; also plain bytes. Nothing for anything else.
std::optional<std::size_t> parse_size(std::string_view text) noexcept;
std::string format_size(std::size_t bytes);
/// RFC 3339 in UTC with milliseconds: "2026-11-22T18:36:19.123Z".
std::string format_wall(WallTime time);

/// How far two words are apart in single edits (insert, delete, replace, swap of neighbours).
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace evenkeel
