#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "llm/token_estimator.hpp"

namespace evenkeel {

/// A conversation cut to a provider's window.
struct ContextFit {
    std::span<const Turn> system;      ///< What leads the conversation; always kept.
    std::span<const Turn> recent;      ///< The newest questions with their answers; the question to be answered last.
    std::uint32_t turns_left_out = 0;  ///< Questions, each with its answer, that were dropped.
    std::int64_t tokens = 0;           ///< The estimate of what is left.
};

/// Fits `turns` into context − max_tokens − 5 %: whole questions with their answers are dropped, oldest first, never
/// half of one. Views into `turns`. Errors: capacity (system prompt and question alone do not fit; the detail names the
/// numbers), request (nothing asked).
Result<ContextFit> fit_context(std::span<const Turn> turns, std::int64_t context_tokens, std::uint32_t max_tokens,
                               const TokenEstimator& estimator);

}  // namespace evenkeel
