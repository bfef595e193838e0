#include "frontends/http/webhook_signature.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>

namespace evenkeel {
namespace {

std::string base64(std::span<const unsigned char> bytes) {
    std::string text(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
    sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), sodium_base64_VARIANT_ORIGINAL);
    text.pop_back();  // Its terminator.
    return text;
}

const unsigned char* octets(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

}  // namespace

std::string webhook_secret_text(WebhookKey key) {
    return "whsec_" + base64({reinterpret_cast<const unsigned char*>(key.data()), key.size()});
}

std::string webhook_signature(WebhookKey key, std::string_view id, std::int64_t timestamp, std::string_view body) {
    const std::string head = std::string(id) + "." + std::to_string(timestamp) + ".";
    crypto_auth_hmacsha256_state state;
    std::array<unsigned char, crypto_auth_hmacsha256_BYTES> mac{};
    crypto_auth_hmacsha256_init(&state, reinterpret_cast<const unsigned char*>(key.data()), key.size());
    crypto_auth_hmacsha256_update(&state, octets(head), head.size());
    crypto_auth_hmacsha256_update(&state, octets(body), body.size());
    crypto_auth_hmacsha256_final(&state, mac.data());
    return "v1," + base64(mac);
}

std::string fingerprint_of(std::string_view bytes) {
    std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
    crypto_hash_sha256(hash.data(), octets(bytes), bytes.size());
    std::string text(2 * hash.size() + 1, '\0');
    sodium_bin2hex(text.data(), text.size(), hash.data(), hash.size());
    text.pop_back();
    return text;
}

Millis webhook_backoff(std::size_t failures) noexcept {
    constexpr std::array<Millis, 6> waits{Seconds{5},   Seconds{30},    Seconds{120},
                                          Seconds{600}, Seconds{1'800}, Seconds{3'600}};
    return waits[std::min(std::max<std::size_t>(failures, 1), waits.size()) - 1];
}

}  // namespace evenkeel
