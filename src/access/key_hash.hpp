#pragma once
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "core/secret.hpp"
#include "store/key_records.hpp"

namespace evenkeel {

/// What the hashes of keys are keyed with; kept in the store beside them, so that a backup holds both. Whoever reads
/// only a list of hashes learns not even whether a key that he found belongs to it.
using HashingKey = std::array<std::byte, 32>;

/// A key as it is handed out, once. "sk-evk-" and 43 letters and digits (256 bits): some clients insist on "sk-", and a
/// scanner for leaked secrets finds the rest.
struct FreshKey {
    Secret text;
    std::string prefix;  ///< "sk-evk-" and the first four of them.
};
/// `chance` must come from the kernel (os::secure_bytes).
FreshKey make_key_text(std::span<const std::byte, 32> chance);

/// Hashes what a caller presents: keyed BLAKE2b-256 (libsodium). Allocates nothing.
class KeyHasher {
public:
    explicit KeyHasher(const HashingKey& key) noexcept;
    KeyHash operator()(std::string_view presented) const noexcept;

private:
    HashingKey key_;
};

/// In a time that does not depend on where they differ.
bool equal_hashes(const KeyHash& a, const KeyHash& b) noexcept;

}  // namespace evenkeel
