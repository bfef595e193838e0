#include "llm/lone_surrogates.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace evenkeel {
namespace {

constexpr std::uint32_t plane = 0x100000;  // Stand-in = this + the surrogate.
constexpr std::string_view replacement = "\xEF\xBF\xBD";
constexpr std::size_t stand_in_bytes = 4;

constexpr bool is_first(std::uint32_t unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
constexpr bool is_second(std::uint32_t unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

/// A code point above U+FFFF.
void append_utf8(std::string& out, std::uint32_t point) {
    out += static_cast<char>(0xF0 | (point >> 18));
    out += static_cast<char>(0x80 | ((point >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((point >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (point & 0x3F));
}

/// The unit of the escape "\uXXXX" that `text` begins with; 0 if it begins with none.
std::uint32_t escaped_unit(std::string_view text) {
    constexpr std::size_t length = 6;
    if (text.size() < length || !text.starts_with("\\u")) return 0;
    std::uint32_t unit = 0;
    const char* const end = text.data() + length;
    return std::from_chars(text.data() + 2, end, unit, 16).ptr == end ? unit : 0;
}

/// The surrogate whose stand-in `text` begins with; 0 if it begins with none.
std::uint32_t stood_for(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    if (text.size() < stand_in_bytes || byte(0) != 0xF4 || byte(1) != 0x8D || byte(2) < 0xA0) return 0;
    return 0xD000u | ((byte(2) & 0x3Fu) << 6) | (byte(3) & 0x3Fu);
}

}  // namespace

std::optional<std::string> with_stand_ins(std::string_view json) {
    std::string out;
    bool any = false;
    for (std::size_t i = 0; i < json.size();) {
        const std::string_view rest = json.substr(i);
        const std::uint32_t unit = escaped_unit(rest);
        std::size_t length = rest.front() == '\\' ? std::min<std::size_t>(2, rest.size()) : 1;
        if (is_first(unit) && is_second(escaped_unit(rest.substr(6)))) {
            length = 12;
        } else if (is_first(unit) || is_second(unit)) {
            append_utf8(out, plane + unit);
            any = true;
            i += 6;
            continue;
        }
        out += rest.substr(0, length);
        i += length;
    }
    return any ? std::optional(std::move(out)) : std::nullopt;
}

std::string SurrogateJoiner::feed(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::uint32_t half = stood_for(text);
        if (half == 0) {
            if (std::exchange(held_, 0) != 0) out += replacement;
            const std::size_t plain = std::min(text.find('\xF4', 1), text.size());
            out += text.substr(0, plain);
            text.remove_prefix(plain);
        } else {
            take(out, half);
            text.remove_prefix(stand_in_bytes);
        }
    }
    return out;
}

void SurrogateJoiner::take(std::string& out, std::uint32_t half) {
    const std::uint32_t first = std::exchange(held_, 0);
    if (first != 0 && is_second(half)) return append_utf8(out, 0x10000 + ((first - 0xD800) << 10) + (half - 0xDC00));
    if (first != 0) out += replacement;
    if (is_first(half))
        held_ = half;
    else
        out += replacement;
}

std::string SurrogateJoiner::finish() {
    return std::exchange(held_, 0) != 0 ? std::string(replacement) : std::string();
}

}  // namespace evenkeel
