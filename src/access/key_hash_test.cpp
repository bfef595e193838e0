#include "access/key_hash.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <string>

namespace evenkeel {
namespace {

std::array<std::byte, 32> filled(unsigned value) {
    std::array<std::byte, 32> bytes{};
    bytes.fill(static_cast<std::byte>(value));
    return bytes;
}

std::string hex(const KeyHash& hash) {
    std::string text;
    for (const std::byte byte : hash) {
        text += "0123456789abcdef"[std::to_integer<unsigned>(byte) >> 4u];
        text += "0123456789abcdef"[std::to_integer<unsigned>(byte) & 15u];
    }
    return text;
}

TEST(KeyText, is_sk_evk_and_43_letters_and_digits) {
    for (const unsigned value : {0u, 1u, 0x7fu, 0xffu}) {
        const FreshKey key = make_key_text(filled(value));
        const std::string text(key.text.reveal());
        EXPECT_EQ(text.size(), 50u);
        EXPECT_TRUE(text.starts_with("sk-evk-"));
        EXPECT_EQ(key.prefix, text.substr(0, 11));
        EXPECT_TRUE(std::ranges::all_of(text.substr(7), [](unsigned char c) { return std::isalnum(c) != 0; })) << text;
    }
}

TEST(KeyText, every_bit_of_chance_changes_it) {
    std::set<std::string, std::less<>> seen;
    for (std::size_t bit = 0; bit < 256; ++bit) {
        auto chance = filled(0x5a);
        chance[bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));
        seen.emplace(make_key_text(chance).text.reveal());
    }
    EXPECT_EQ(seen.size(), 256u);
}

TEST(KeyHasher, is_keyed_blake2b_with_256_bits) {
    // Python: hashlib.blake2b(b"abc", digest_size=32, key=bytes(32)).hexdigest(), and of b"".
    EXPECT_EQ(hex(KeyHasher(filled(0))("abc")), "bad705ff155af631f38dc6cafdda827a31595c802f3ff585c10691c58944d89b");
    EXPECT_EQ(hex(KeyHasher(filled(0))("")), "fd7b3e075ab7e245506323f1d1b55330ccd606fb3301f4caba25022a1de50b47");
}

TEST(KeyHasher, another_key_gives_another_hash) {
    const KeyHasher one(filled(1)), two(filled(2));
    EXPECT_TRUE(equal_hashes(one("sk-evk-a"), one("sk-evk-a")));
    EXPECT_FALSE(equal_hashes(one("sk-evk-a"), one("sk-evk-b")));
    EXPECT_FALSE(equal_hashes(one("sk-evk-a"), two("sk-evk-a")));
}

}  // namespace
}  // namespace evenkeel
