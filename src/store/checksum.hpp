#pragma once
#include <cstdint>
#include <string_view>

namespace evenkeel::sqlite {

/// FNV-1a, 64 bits (Fowler, Noll, Vo; RFC 9923): finds damage, not forgery. As a signed number, which is what a column
/// holds. `kind` and `number` go in too, so that a body found under the wrong row does not pass.
inline std::int64_t checksum(char kind, std::int64_t number, std::string_view body) noexcept {
    std::uint64_t hash = 0xcbf29ce484222325;
    const auto add = [&hash](std::uint8_t byte) {
        hash ^= byte;
        hash *= 0x100000001b3;
    };
    add(static_cast<std::uint8_t>(kind));
    for (int shift = 0; shift < 64; shift += 8) add(static_cast<std::uint8_t>(number >> shift));
    for (const char c : body) add(static_cast<std::uint8_t>(c));
    return static_cast<std::int64_t>(hash);
}

}  // namespace evenkeel::sqlite
