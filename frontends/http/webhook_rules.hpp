#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

namespace evenkeel {

/// What the holder of a key may have called back, and how it is signed. Asked anew for each try, so that a key that was
/// revoked meanwhile is told nothing more.
struct WebhookRules {
    enum class Verdict : std::uint8_t {
        refused,
        public_only,  ///< Allowed, but never to an address of our own networks.
        anywhere,     ///< This very URL is on the list.
    };
    std::function<Verdict(std::string_view principal, std::string_view url)> verdict;
    std::function<std::array<std::byte, 32>(std::string_view principal)> key;
};

}  // namespace evenkeel
