#include "frontends/http/webhook_signature.hpp"

#include <gtest/gtest.h>

#include <array>

namespace evenkeel {
namespace {

std::array<std::byte, 32> counting_key() {
    std::array<std::byte, 32> key{};
    for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::byte>(i);
    return key;
}

TEST(WebhookSignature, is_what_standard_webhooks_says) {
    const auto key = counting_key();
    EXPECT_EQ(webhook_secret_text(key), "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    // Worked out with Python's hmac: hmac.new(bytes(range(32)), b'msg_1.1700000000.{"a":1}', "sha256").
    EXPECT_EQ(webhook_signature(key, "msg_1", 1'700'000'000, "{\"a\":1}"),
              "v1,AMaOha7DUT/0J0JMycRuYOBSvbx3WtwLd2khXXbaVj4=");
}

TEST(WebhookSignature, changes_with_everything_it_covers) {
    const auto key = counting_key();
    auto other = key;
    other[31] = std::byte{0};
    const std::string signature = webhook_signature(key, "id", 1, "body");
    EXPECT_NE(signature, webhook_signature(other, "id", 1, "body"));
    EXPECT_NE(signature, webhook_signature(key, "ie", 1, "body"));
    EXPECT_NE(signature, webhook_signature(key, "id", 2, "body"));
    EXPECT_NE(signature, webhook_signature(key, "id", 1, "bodz"));
}

TEST(Fingerprint, is_sha256) {
    // FIPS 180-2, appendix B.1.
    EXPECT_EQ(fingerprint_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(WebhookBackoff, grows_to_an_hour_and_stays_there) {
    EXPECT_EQ(webhook_backoff(1), Millis{5'000});
    for (std::size_t failures = 1; failures < 10; ++failures)
        EXPECT_LE(webhook_backoff(failures), webhook_backoff(failures + 1));
    EXPECT_EQ(webhook_backoff(1'000), Millis{3'600'000});
}

}  // namespace
}  // namespace evenkeel
