#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/time.hpp"

namespace evenkeel {

/// What signs a key's call-backs: 32 bytes that its holder knows too.
using WebhookKey = std::span<const std::byte, 32>;

/// "whsec_" and base64, as Standard Webhooks (standardwebhooks.com) and the official SDKs take it.
std::string webhook_secret_text(WebhookKey key);

/// The value of `webhook-signature`: "v1," and base64 of HMAC-SHA256 over "id.timestamp.body"; the timestamp in
/// seconds.
std::string webhook_signature(WebhookKey key, std::string_view id, std::int64_t timestamp, std::string_view body);

/// 64 hexadecimal digits of SHA-256: what tells two bodies of one idempotency key apart.
std::string fingerprint_of(std::string_view bytes);

/// When a call-back that failed `failures` times is tried again: about 5 s, 30 s, 2 min, 10 min, 30 min, then hourly.
Millis webhook_backoff(std::size_t failures) noexcept;

}  // namespace evenkeel
