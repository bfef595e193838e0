#include "llm/token_estimator.hpp"

#include <algorithm>
#include <cmath>

namespace evenkeel {
namespace {

constexpr double bytes_per_token = 3;  // The design's start value: safe for Western text, right for most others.
constexpr std::int64_t per_turn = 4;   // Role and separators of common chat templates.
constexpr std::size_t telling_bytes = 600;
constexpr double weight = 0.2;          // Of one report; about ten of them settle the figure.
constexpr double correction_min = 0.5;  // No tokenizer in use takes six bytes a token of mixed text …
constexpr double correction_max = 3.0;  // … and none more than one token a byte.

}  // namespace

std::size_t bytes_of(std::span<const Turn> turns) noexcept {
    std::size_t bytes = 0;
    for (const Turn& turn : turns) bytes += turn.text.size();
    return bytes;
}

std::int64_t TokenEstimator::tokens(std::size_t bytes) const noexcept {
    return static_cast<std::int64_t>(std::ceil(static_cast<double>(bytes) / bytes_per_token * correction_));
}

std::int64_t TokenEstimator::tokens(std::span<const Turn> turns) const noexcept {
    return tokens(bytes_of(turns)) + per_turn * static_cast<std::int64_t>(turns.size());
}

void TokenEstimator::learn(std::size_t bytes, std::size_t turns, std::int64_t input_tokens) noexcept {
    const auto in_text = input_tokens - per_turn * static_cast<std::int64_t>(turns);
    if (bytes < telling_bytes || in_text <= 0) return;
    const double seen = static_cast<double>(in_text) * bytes_per_token / static_cast<double>(bytes);
    correction_ += weight * (std::clamp(seen, correction_min, correction_max) - correction_);
}

std::optional<double> price_of(const Usage& usage, std::optional<double> input, std::optional<double> output) noexcept {
    if (!input || !output) return std::nullopt;
    return (static_cast<double>(usage.input) * *input + static_cast<double>(usage.output) * *output) / 1e6;
}

}  // namespace evenkeel
