#include "core/json_scan.hpp"

#include <simdjson.h>

#include <array>
#include <bit>
#include <cstdint>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "core/json.hpp"
#include "core/text.hpp"

namespace evenkeel {
namespace {

constexpr std::array<bool, 256> plain_bytes() {
    std::array<bool, 256> table{};
    for (std::size_t c = 0; c < table.size(); ++c) table[c] = c >= 0x20 && c != '"' && c != '\\';
    return table;
}
/// Bytes that stand for themselves in a string.
constexpr auto is_plain = plain_bytes();

/// What may stand behind a backslash, but for \u.
constexpr std::array<bool, 256> short_escapes() {
    std::array<bool, 256> table{};
    for (const char c : std::string_view("\"\\/bfnrt")) table[static_cast<std::uint8_t>(c)] = true;
    return table;
}
constexpr auto is_short_escape = short_escapes();

#if defined(__SSE2__)
/// A bit for each of sixteen bytes that is a quote, a backslash or a control character.
unsigned specials_in(const char* at) noexcept {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
    const __m128i text =
        _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
    return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(control, text)));
}

/// As many blocks of 64 bytes as hold nothing but text and short escapes: an escape costs a few instructions, the bytes
/// between two of them none.
const char* skip_blocks(const char* at, const char* end) noexcept {
    constexpr std::ptrdiff_t block = 64;
    while (end - at > block) {
        std::uint64_t special = 0;
        for (unsigned part = 0; part < 4; ++part)
            special |= static_cast<std::uint64_t>(specials_in(at + 16 * part)) << (16 * part);
        const char* next = at + block;
        while (special != 0) {
            const int bit = std::countr_zero(special);
            const char* const here = at + bit;
            if (*here != '\\' || !is_short_escape[static_cast<std::uint8_t>(here[1])]) return here;
            if (bit == block - 1) ++next;  // What is escaped stands in the next block.
            special &= ~(std::uint64_t{3} << bit);
        }
        at = next;
    }
    return at;
}
#endif

/// Most of a body is text, with a short escape now and then. Gives the place of the quote that ends the string, or of
/// what needs a closer look.
const char* skip_text(const char* at, const char* end) noexcept {
#if defined(__SSE2__)
    if (end - at >= 16) {  // Names and short values end here.
        const unsigned special = specials_in(at);
        if (special != 0) return at + std::countr_zero(special);
        at = skip_blocks(at + 16, end);
    }
#endif
    while (at < end && is_plain[static_cast<std::uint8_t>(*at)]) ++at;
    return at;
}

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_hex(char c) noexcept { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

class Scanner {
public:
    Scanner(std::string_view text, JsonMemberSink sink, void* context) noexcept
        : begin_(text.data()), at_(begin_), end_(begin_ + text.size()), sink_(sink), context_(context) {}

    std::optional<JsonFlaw> run(bool is_utf8) {
        skip_blanks();
        if (at_ == end_) return flaw_here("there is nothing but blanks");
        if (*at_ != '{') return flaw_here("a JSON object must begin with {");
        if (!object(1)) return flaw_;
        skip_blanks();
        if (at_ != end_) return flaw_here("something follows the object's end");
        const std::string_view text(begin_, static_cast<std::size_t>(end_ - begin_));
        if (!is_utf8 && !simdjson::validate_utf8(text)) return broken_utf8(text);
        return std::nullopt;
    }

private:
    bool stop(std::string_view what) noexcept {
        flaw_ = JsonFlaw{static_cast<std::size_t>(at_ - begin_), what};
        return false;
    }
    JsonFlaw flaw_here(std::string_view what) noexcept {
        stop(what);
        return flaw_;
    }
    static JsonFlaw broken_utf8(std::string_view text) noexcept {
        std::size_t at = 0;
        while (at < text.size()) {
            const std::size_t length = utf8_sequence_length(text.substr(at));
            if (length == 0) break;
            at += length;
        }
        return {at, "these bytes are not UTF-8"};
    }
    void skip_blanks() noexcept {
        while (at_ < end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
    }

    bool value(std::size_t depth) {
        if (at_ == end_) return stop("a value is missing: the text ends here");
        switch (*at_) {
            case '{': return object(depth + 1);
            case '[': return array(depth + 1);
            case '"': return string();
            case 't': return word("true");
            case 'f': return word("false");
            case 'n': return word("null");
            default: return number();
        }
    }

    bool object(std::size_t depth) {
        if (depth > json_depth_max) return stop("it nests more than 64 levels deep");
        ++at_;
        skip_blanks();
        if (at_ < end_ && *at_ == '}') return ++at_, true;
        for (;;) {
            if (at_ == end_) return stop("the object is not closed: the text ends here");
            if (*at_ != '"') return stop("a member's name must be a string in double quotes");
            const char* const name = at_ + 1;
            if (!string()) return false;
            const char* const name_end = at_ - 1;
            skip_blanks();
            if (at_ == end_ || *at_ != ':') return stop("a colon is missing after the member's name");
            ++at_;
            skip_blanks();
            const char* const begin = at_;
            if (!value(depth)) return false;
            if (depth == 1) sink_(context_, {name, name_end}, {begin, at_});
            skip_blanks();
            if (at_ < end_ && *at_ == '}') return ++at_, true;
            if (at_ == end_) return stop("the object is not closed: the text ends here");
            if (*at_ != ',') return stop("a comma or } is missing");
            ++at_;
            skip_blanks();
        }
    }

    bool array(std::size_t depth) {
        if (depth > json_depth_max) return stop("it nests more than 64 levels deep");
        ++at_;
        skip_blanks();
        if (at_ < end_ && *at_ == ']') return ++at_, true;
        for (;;) {
            if (!value(depth)) return false;
            skip_blanks();
            if (at_ < end_ && *at_ == ']') return ++at_, true;
            if (at_ == end_) return stop("the array is not closed: the text ends here");
            if (*at_ != ',') return stop("a comma or ] is missing");
            ++at_;
            skip_blanks();
        }
    }

    bool string() {
        ++at_;
        for (;;) {
            at_ = skip_text(at_, end_);
            if (at_ == end_) return stop("the string is not closed: the text ends here");
            if (*at_ == '"') return ++at_, true;
            if (*at_ != '\\') return stop("a control character stands in a string: write it as \\n, \\t or \\u00XX");
            if (!escape()) return false;
        }
    }

    bool escape() {
        if (end_ - at_ < 2) return stop("the string is not closed: the text ends here");
        if (is_short_escape[static_cast<std::uint8_t>(at_[1])]) return at_ += 2, true;
        if (at_[1] != 'u') return stop("this escape does not exist in JSON");
        for (std::ptrdiff_t i = 2; i < 6; ++i)
            if (at_ + i >= end_ || !is_hex(at_[i])) return stop("\\u needs four hexadecimal digits");
        return at_ += 6, true;
    }

    bool word(std::string_view expected) {
        if (!std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(expected))
            return stop("this is no value: true, false and null are the only words");
        return at_ += expected.size(), true;
    }

    bool digits() noexcept {
        const char* const first = at_;
        while (at_ < end_ && is_digit(*at_)) ++at_;
        return at_ > first;
    }

    bool number() {
        const char* const first = at_;
        if (*at_ == '-') ++at_;
        if (at_ == end_ || !is_digit(*at_)) return at_ = first, stop("this is no value");
        if (*at_ == '0' && end_ - at_ > 1 && is_digit(at_[1])) return stop("a number must not begin with 0");
        digits();
        if (at_ < end_ && *at_ == '.' && (++at_, !digits())) return stop("a digit is missing after the point");
        if (at_ < end_ && (*at_ == 'e' || *at_ == 'E')) {
            ++at_;
            if (at_ < end_ && (*at_ == '+' || *at_ == '-')) ++at_;
            if (!digits()) return stop("a digit is missing in the exponent");
        }
        return true;
    }

    const char* begin_;
    const char* at_;
    const char* end_;
    JsonMemberSink sink_;
    void* context_;
    JsonFlaw flaw_;
};

}  // namespace

std::string describe(const JsonFlaw& flaw, std::string_view text) {
    const std::string_view before = text.substr(0, flaw.at);
    std::size_t line = 1, line_at = 0;
    for (std::size_t i = 0; i < before.size(); ++i)
        if (before[i] == '\n') {
            ++line;
            line_at = i + 1;
        }
    return "line " + std::to_string(line) + ", column " + std::to_string(before.size() - line_at + 1) + ": " +
           std::string(flaw.what);
}

std::optional<JsonFlaw> scan_json_object(std::string_view text, JsonMemberSink sink, void* context, bool is_utf8) {
    return Scanner(text, sink, context).run(is_utf8);
}

}  // namespace evenkeel
