#pragma once
#include <string>

#include "core/message.hpp"

namespace evenkeel::terminal {

/// The one line under an answer: "nanogpt · gpt-4o-mini · 1.2 s (first 0.3 s) · 812+120 tokens · $0.0002 · fallback".
/// What is unknown is left out or says so; an estimate is marked with ≈.
std::string figures_line(const Answer& answer, bool practice);

/// "$0.0002", "$1.25", "< $0.0001"; "cost unknown" when empty, "free" for zero.
std::string spoken_cost(std::optional<double> usd);

}  // namespace evenkeel::terminal
