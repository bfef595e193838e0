#pragma once
#include <memory>

#include "core/env.hpp"
#include "llm/provider.hpp"
#include "resilience/breaker.hpp"
#include "resilience/budget.hpp"

namespace evenkeel {

/// Asks `inner` a second time, after a short wait, where nobody else is left to ask (`Call::others_left` is false):
/// a transient failure or a bad answer after at most 200 ms, an overload after a stated Retry-After of at most 3 s.
/// Never within a probe, beyond the call's deadline or attempts, over the budget, or while the gate stays closed.
ProviderPtr retry(ProviderPtr inner, std::shared_ptr<const Breaker> gate, std::shared_ptr<Budget> budget, Env env);

/// The tries of a call that reached for the network: all but the skipped, and but the probes that others made of it.
std::size_t tries_made(const Call& call) noexcept;

}  // namespace evenkeel
