#include "chat/figures.hpp"

namespace evenkeel {

std::optional<double> cost_of(std::span<const Attempt> tries) {
    double sum = 0;
    for (const Attempt& attempt : tries) {
        if (attempt.usage && !attempt.cost_usd) return std::nullopt;
        sum += attempt.cost_usd.value_or(0);
    }
    return sum;
}

void sum_up(Answer& answer) {
    if (!answer.attempts.empty()) answer.cost_usd = cost_of(answer.attempts);
}

}  // namespace evenkeel
