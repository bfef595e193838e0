#include "access/key_hash.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <sodium.h>

namespace evenkeel {
namespace {

constexpr std::string_view key_start = "sk-evk-";
constexpr std::string_view digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::size_t key_digits = 43;  ///< 62^43 > 2^256.
constexpr std::size_t prefix_digits = 4;

const unsigned char* bytes_of(const auto* data) noexcept { return reinterpret_cast<const unsigned char*>(data); }

}  // namespace

FreshKey make_key_text(std::span<const std::byte, 32> chance) {
    std::array<std::byte, 32> number{};
    std::ranges::copy(chance, number.begin());
    std::string text(key_start);
    for (std::size_t i = 0; i < key_digits; ++i) {
        // One long division of the whole number by 62; the remainder is a digit.
        unsigned rest = 0;
        for (std::byte& byte : number) {
            const unsigned part = rest << 8u | std::to_integer<unsigned>(byte);
            byte = static_cast<std::byte>(part / digits.size());
            rest = part % static_cast<unsigned>(digits.size());
        }
        text += digits[rest];
    }
    sodium_memzero(number.data(), number.size());
    std::string prefix = text.substr(0, key_start.size() + prefix_digits);
    return {.text = Secret(std::move(text)), .prefix = std::move(prefix)};
}

KeyHasher::KeyHasher(const HashingKey& key) noexcept : key_(key) {
    // Chooses the fastest code for this processor. It fails only where the kernel has no entropy; hashing works anyway.
    static_cast<void>(sodium_init());
}

KeyHash KeyHasher::operator()(std::string_view presented) const noexcept {
    KeyHash hash{};
    crypto_generichash(reinterpret_cast<unsigned char*>(hash.data()), hash.size(), bytes_of(presented.data()),
                       presented.size(), bytes_of(key_.data()), key_.size());
    return hash;
}

bool equal_hashes(const KeyHash& a, const KeyHash& b) noexcept {
    return sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace evenkeel
