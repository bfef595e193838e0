#include "frontends/terminal/screen.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace evenkeel::terminal {
namespace {

constexpr char escape_char = '\x1b';

char32_t decode(std::string_view sequence) noexcept {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(sequence[i]); };
    if (sequence.size() == 1) return byte(0);
    char32_t value = byte(0) & (0xffu >> (sequence.size() + 1));
    for (std::size_t i = 1; i < sequence.size(); ++i) value = (value << 6) | (byte(i) & 0x3fu);
    return value;
}

/// Columns of one code point. The ranges are those that terminals agree on (UAX #11 wide and fullwidth, emoji).
std::size_t width_of(char32_t c) noexcept {
    if (c < 0x20 || (c >= 0x300 && c <= 0x36f) || c == 0x200d || (c >= 0xfe00 && c <= 0xfe0f)) return 0;
    const bool wide = (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) || (c >= 0xac00 && c <= 0xd7a3) ||
                      (c >= 0xf900 && c <= 0xfaff) || (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
                      (c >= 0xffe0 && c <= 0xffe6) || (c >= 0x1f300 && c <= 0x1faff) || (c >= 0x20000 && c <= 0x3fffd);
    return wide ? 2 : 1;
}

/// Takes one code point or one escape sequence off the front and gives its columns.
std::size_t take_width(std::string_view& text) noexcept {
    if (text.front() == escape_char) {
        const std::size_t end = text.find_first_of("mKJHABCDGsu", 1);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        return 0;
    }
    const std::size_t length = std::max<std::size_t>(utf8_sequence_length(text), 1);
    const std::size_t width = width_of(decode(text.substr(0, length)));
    text.remove_prefix(length);
    return width;
}

}  // namespace

std::string_view escape(Style style, bool colours) noexcept {
    if (!colours) return {};
    switch (style) {
        case Style::plain: return "\x1b[0m";
        case Style::dim: return "\x1b[2m";
        case Style::bold: return "\x1b[1m";
        case Style::italic: return "\x1b[3m";
        case Style::code: return "\x1b[36m";
        case Style::heading: return "\x1b[1;4m";
        case Style::prompt: return "\x1b[1;32m";
        case Style::warning: return "\x1b[33m";
        case Style::error: return "\x1b[1;31m";
        case Style::struck: return "\x1b[2;9m";
    }
    return {};
}

std::string styled(std::string_view text, Style style, bool colours) {
    if (style == Style::plain) return std::string(text);
    std::string result(escape(style, colours));
    result += text;
    result += escape(Style::plain, colours);
    return result;
}

std::size_t display_width(std::string_view text) noexcept {
    std::size_t width = 0;
    while (!text.empty()) width += take_width(text);
    return width;
}

std::size_t display_rows(std::string_view text, std::size_t columns) noexcept {
    std::size_t rows = 1, column = 0;
    while (!text.empty()) {
        if (text.front() == '\n') {
            ++rows;
            column = 0;
            text.remove_prefix(1);
            continue;
        }
        const std::size_t width = take_width(text);
        if (column + width > columns) {
            ++rows;
            column = 0;
        }
        column += width;
    }
    return rows;
}

}  // namespace evenkeel::terminal
