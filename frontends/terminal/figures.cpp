#include "frontends/terminal/figures.hpp"

#include <fmt/format.h>

#include "core/text.hpp"

namespace evenkeel::terminal {

std::string spoken_cost(std::optional<double> usd) {
    constexpr double smallest_shown = 0.0001;
    if (!usd) return "cost unknown";
    if (*usd == 0) return "free";
    if (*usd < smallest_shown) return "< $0.0001";
    return *usd < 0.01 ? fmt::format("${:.4f}", *usd) : fmt::format("${:.2f}", *usd);
}

std::string figures_line(const Answer& answer, bool practice) {
    std::string line = practice ? "practice · " + answer.provider : answer.provider;
    line += " · " + answer.model + " · " + spoken_duration(answer.latency);
    if (answer.first_token) line += " (first " + spoken_duration(*answer.first_token) + ")";
    line +=
        fmt::format(" · {}{}+{} tokens", answer.usage.estimated ? "≈" : "", answer.usage.input, answer.usage.output);
    line += " · " + spoken_cost(answer.cost_usd);
    if (answer.degraded) line += " · fallback";
    if (answer.finish == FinishReason::length) line += " · cut at the token limit";
    if (answer.turns_left_out == 1) line += " · 1 earlier turn left out";
    if (answer.turns_left_out > 1) line += fmt::format(" · {} earlier turns left out", answer.turns_left_out);
    return line;
}

}  // namespace evenkeel::terminal
