#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "core/message.hpp"

namespace evenkeel {

/// Guesses tokens from bytes: bytes / 3, corrected by what the provider reported before, plus what every message costs
/// in a chat template. One per provider, since each has its own tokenizer. Meant to be a little high, so that a context
/// which was fitted by it fits.
class TokenEstimator {
public:
    /// Of text alone.
    std::int64_t tokens(std::size_t bytes) const noexcept;
    /// Of messages in a request.
    std::int64_t tokens(std::span<const Turn> turns) const noexcept;
    /// A request of so many messages was counted by the provider. Small requests teach nothing: there the template
    /// weighs more than the text.
    void learn(std::size_t bytes, std::size_t turns, std::int64_t input_tokens) noexcept;
    double correction() const noexcept { return correction_; }

private:
    double correction_ = 1.0;
};

/// Bytes of text in these messages.
std::size_t bytes_of(std::span<const Turn> turns) noexcept;

/// What so many tokens cost in USD; prices per million. Empty where a price is unknown.
std::optional<double> price_of(const Usage& usage, std::optional<double> input, std::optional<double> output) noexcept;

}  // namespace evenkeel
