#include "llm/context_fit.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace evenkeel {

Result<ContextFit> fit_context(std::span<const Turn> turns, std::int64_t context_tokens, std::uint32_t max_tokens,
                               const TokenEstimator& estimator) {
    const auto first = std::ranges::find_if(turns, [](const Turn& turn) { return turn.role != Role::system; });
    const auto head = static_cast<std::size_t>(first - turns.begin());
    ContextFit fit{.system = turns.first(head), .recent = turns.subspan(head)};
    if (fit.recent.empty()) return caller_fault("nothing was asked", "no_question");

    const std::int64_t budget = context_tokens - max_tokens - context_tokens / 20;
    const std::int64_t fixed = estimator.tokens(fit.system);
    for (;;) {
        fit.tokens = fixed + estimator.tokens(fit.recent);
        if (fit.tokens <= budget) return fit;
        // The next question begins the next exchange; an exchange goes as a whole.
        const auto next = std::find_if(fit.recent.begin() + 1, fit.recent.end(),
                                       [](const Turn& turn) { return turn.role == Role::user; });
        const auto dropped = static_cast<std::size_t>(next - fit.recent.begin());
        if (dropped == fit.recent.size()) break;
        fit.recent = fit.recent.subspan(dropped);
        ++fit.turns_left_out;
    }
    return caller_fault(fmt::format("the question needs about {} tokens with the system prompt, but {} of {} are left "
                                    "beside an answer of {}; shorten it, or raise context_tokens",
                                    fit.tokens, std::max<std::int64_t>(budget, 0), context_tokens, max_tokens),
                        "context_length_exceeded", ErrorClass::capacity);
}

}  // namespace evenkeel
