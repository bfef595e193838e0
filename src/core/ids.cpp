#include "core/ids.hpp"

#include <cstring>

namespace evenkeel {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::size_t digits_in_id = 32;
constexpr std::uint16_t counter_max =
    0x0fff;  // The 12 bits of rand_a, used as a counter (RFC 9562 section 6.2, method 1).

std::optional<std::uint8_t> nibble(char digit) noexcept {
    if (digit >= '0' && digit <= '9') return static_cast<std::uint8_t>(digit - '0');
    if (digit >= 'a' && digit <= 'f') return static_cast<std::uint8_t>(digit - 'a' + 10);
    if (digit >= 'A' && digit <= 'F') return static_cast<std::uint8_t>(digit - 'A' + 10);
    return std::nullopt;
}

/// Fills `id` from the front; the number of digits read, or nothing if it is not hexadecimal or too long.
std::optional<std::size_t> read_digits(std::string_view text, Id& id) noexcept {
    std::size_t digits = 0;
    for (const char c : text) {
        if (c == '-') continue;
        const auto value = nibble(c);
        if (!value || digits == digits_in_id) return std::nullopt;
        id.bytes[digits / 2] |= static_cast<std::uint8_t>(digits % 2 == 0 ? *value << 4 : *value);
        ++digits;
    }
    return digits;
}

}  // namespace

void append(std::string& out, const Id& id) {
    std::array<char, 36> text;
    char* at = text.data();
    for (std::size_t i = 0; i < id.bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) *at++ = '-';
        *at++ = hex_digits[id.bytes[i] >> 4];
        *at++ = hex_digits[id.bytes[i] & 15];
    }
    out.append(text.data(), text.size());
}

std::string to_string(const Id& id) {
    std::string text;
    text.reserve(36);
    append(text, id);
    return text;
}

std::optional<Id> parse_id(std::string_view text) noexcept {
    Id id;
    return read_digits(text, id) == digits_in_id ? std::optional(id) : std::nullopt;
}

std::optional<IdPrefix> parse_id_prefix(std::string_view text) noexcept {
    IdPrefix prefix;
    const auto digits = read_digits(text, prefix.low);
    if (!digits || *digits < id_prefix_digits_min) return std::nullopt;
    prefix.high = prefix.low;
    for (std::size_t i = *digits; i < digits_in_id; ++i)
        prefix.high.bytes[i / 2] |= static_cast<std::uint8_t>(i % 2 == 0 ? 0xf0 : 0x0f);
    return prefix;
}

Id IdMaker::next() {
    const auto wall = static_cast<std::uint64_t>(env_.wall().time_since_epoch().count());
    if (wall > last_millis_) {
        last_millis_ = wall;
        counter_ = static_cast<std::uint16_t>(env_.random.bits() & 0x07ff);  // Upper half stays free to count in.
    } else if (counter_ < counter_max) {
        ++counter_;
    } else {
        ++last_millis_;
        counter_ = 0;
    }
    const std::uint64_t chance = env_.random.bits();
    Id id;
    for (std::size_t i = 0; i < 6; ++i) id.bytes[i] = static_cast<std::uint8_t>(last_millis_ >> (40 - 8 * i));
    id.bytes[6] = static_cast<std::uint8_t>(0x70 | (counter_ >> 8));
    id.bytes[7] = static_cast<std::uint8_t>(counter_);
    std::memcpy(&id.bytes[8], &chance, sizeof chance);
    id.bytes[8] = static_cast<std::uint8_t>(0x80 | (id.bytes[8] & 0x3f));
    return id;
}

}  // namespace evenkeel

std::size_t std::hash<evenkeel::Id>::operator()(const evenkeel::Id& id) const noexcept {
    std::uint64_t high = 0, low = 0;
    std::memcpy(&high, id.bytes.data(), sizeof high);
    std::memcpy(&low, id.bytes.data() + sizeof high, sizeof low);
    return static_cast<std::size_t>(high * 0x9e3779b97f4a7c15ULL ^ low);
}
