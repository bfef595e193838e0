#pragma once
#include <span>

#include "core/message.hpp"

namespace evenkeel {

/// What everybody paid together; empty as soon as one try used tokens at an unknown price.
std::optional<double> cost_of(std::span<const Attempt> tries);

/// An answer as read from the store lists the tries of all claims: makes its cost theirs.
void sum_up(Answer& answer);

}  // namespace evenkeel
