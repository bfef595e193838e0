#include "core/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>
#include <vector>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace evenkeel {
namespace {

bool is_blank(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }
char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

struct Unit {
    std::string_view name;
    double factor;
};
constexpr std::array<Unit, 5> duration_units{{{"ms", 1}, {"s", 1e3}, {"m", 60e3}, {"h", 3600e3}, {"d", 86400e3}}};
constexpr std::array<Unit, 4> size_units{{{"B", 1}, {"KiB", 0x1p10}, {"MiB", 0x1p20}, {"GiB", 0x1p30}}};
constexpr double hundred_years_ms = 100.0 * 365.25 * 86400e3;

/// A number ≥ 0 and one unit of the table; a bare number counts as `bare` units where that is given.
template <std::size_t N>
std::optional<double> parse_quantity(std::string_view text, const std::array<Unit, N>& units, double bare) {
    text = trimmed(text);
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (error != std::errc{} || number < 0 || !std::isfinite(number)) return std::nullopt;
    const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
    if (unit.empty()) return bare > 0 || number == 0 ? std::optional(number * bare) : std::nullopt;
    for (const Unit& each : units)
        if (unit == each.name) return number * each.factor;
    return std::nullopt;
}

}  // namespace

std::size_t utf8_sequence_length(std::string_view text) noexcept {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    if (text.empty()) return 0;
    const unsigned first = byte(0);
    if (first < 0x80) return 1;
    const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
    // The second byte's range excludes overlong forms, surrogates and what lies above U+10FFFF.
    const unsigned low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    const unsigned high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (byte(1) < low || byte(1) > high) return 0;
    for (std::size_t i = 2; i < length; ++i)
        if ((byte(i) & 0xc0) != 0x80) return 0;
    return length;
}

std::string to_valid_utf8(std::string_view text) {
    std::string valid;
    valid.reserve(text.size());
    while (!text.empty()) {
        const std::size_t length = utf8_sequence_length(text);
        if (length == 0)
            valid += "\xEF\xBF\xBD";
        else
            valid += text.substr(0, length);
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return valid;
}

std::string_view utf8_prefix(std::string_view text, std::size_t bytes_max) noexcept {
    if (text.size() <= bytes_max) return text;
    std::size_t end = bytes_max;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    return text.substr(0, end);
}

std::string one_line(std::string_view text, std::size_t columns_max) {
    std::string line;
    std::size_t columns = 0, last_column_at = 0;
    bool blank = false;
    for (text = trimmed(text); !text.empty();) {
        const std::size_t length = std::max<std::size_t>(utf8_sequence_length(text), 1);
        const auto c = static_cast<unsigned char>(text.front());
        if (is_blank(text.front())) {
            blank = true;
        } else if (c >= 0x20 && c != 0x7f) {
            if (columns + (blank ? 2 : 1) > columns_max) {
                if (columns == columns_max) line.resize(last_column_at);
                return line + "…";
            }
            if (std::exchange(blank, false)) {
                line += ' ';
                ++columns;
            }
            last_column_at = line.size();
            line += text.substr(0, length);
            ++columns;
        }
        text.remove_prefix(length);
    }
    return to_valid_utf8(line);
}

std::string_view trimmed(std::string_view text) noexcept {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (a[i] != b[i] && lower(a[i]) != lower(b[i])) return false;
    return true;
}

std::string to_lower(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), lower);
    return result;
}

std::optional<Millis> parse_duration(std::string_view text) noexcept {
    const auto millis = parse_quantity(text, duration_units, 0);
    if (!millis || *millis > hundred_years_ms) return std::nullopt;
    return Millis{static_cast<Millis::rep>(std::llround(*millis))};
}

std::string format_duration(Millis duration) {
    const auto ms = duration.count();
    if (ms == 0) return "0s";
    if (ms % 86'400'000 == 0 && ms >= 2 * 86'400'000) return fmt::format("{}d", ms / 86'400'000);
    if (ms % 3'600'000 == 0) return fmt::format("{}h", ms / 3'600'000);
    if (ms % 60'000 == 0) return fmt::format("{}m", ms / 60'000);
    if (ms % 1'000 == 0) return fmt::format("{}s", ms / 1'000);
    if (ms % 100 == 0 && ms > 1'000) return fmt::format("{}.{}s", ms / 1'000, ms % 1'000 / 100);
    return fmt::format("{}ms", ms);
}

std::string spoken_duration(Millis duration) {
    const auto ms = duration.count();
    const auto s = (ms + 500) / 1000;
    const auto two = [](auto big, std::string_view big_unit, auto small, std::string_view small_unit) {
        return small == 0 ? fmt::format("{} {}", big, big_unit)
                          : fmt::format("{} {} {} {}", big, big_unit, small, small_unit);
    };
    if (ms < 1000) return fmt::format("{} ms", ms);
    if (ms < 59'950) return fmt::format("{:.1f} s", static_cast<double>(ms) / 1000);
    if (s < 3600) return two(s / 60, "min", s % 60, "s");
    if (s < 86'400) return two(s / 3600, "h", s % 3600 / 60, "min");
    return two(s / 86'400, "d", s % 86'400 / 3600, "h");
}

std::optional<std::size_t> parse_size(std::string_view text) noexcept {
    const auto bytes = parse_quantity(text, size_units, 1);
    if (!bytes || *bytes > 0x1p50) return std::nullopt;
    return static_cast<std::size_t>(*bytes);
}

std::string format_size(std::size_t bytes) {
    for (std::size_t i = size_units.size() - 1; i > 0; --i) {
        const auto factor = static_cast<std::size_t>(size_units[i].factor);
        if (bytes >= factor && bytes % factor == 0) return fmt::format("{}{}", bytes / factor, size_units[i].name);
    }
    return fmt::format("{}B", bytes);
}

std::string format_wall(WallTime time) {
    const auto whole = std::chrono::floor<Seconds>(time);
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(whole)),
                       (time - whole).count());
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
    // Optimal string alignment; three rows suffice. Words here are commands and flags: short.
    std::vector<std::size_t> before(b.size() + 1), previous(b.size() + 1), row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) previous[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            row[j] = std::min({previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before[j - 2] + 1);
        }
        std::swap(before, previous);
        std::swap(previous, row);
    }
    return previous[b.size()];
}

}  // namespace evenkeel
