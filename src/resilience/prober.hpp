#pragma once
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "core/async.hpp"
#include "core/env.hpp"
#include "resilience/lane.hpp"

namespace evenkeel {

/// Looks after the lanes that are open, one coroutine each: the free check (the models list) tells early that somebody
/// is back, a one-token request proves it. No live call is ever used while another lane can answer. Where none can, a
/// waiting call goes first: the prober steps back for a moment when the time comes, then asks itself.
/// Destroying it stops all probes. One loop.
class Prober {
public:
    /// Gets the tries of each probe, marked as such; for the ledger. Must not re-enter the route.
    using Report = std::function<void(std::span<const Attempt>)>;
    /// The lanes and `changed`, their common bell, outlive it.
    Prober(Env env, std::vector<std::shared_ptr<Lane>> lanes, Event& changed, Report report);

private:
    Task<void> look_after(Lane& lane);
    Task<void> check(Lane& lane);
    Task<void> probe(Lane& lane);
    Task<void> ask_one_token(Lane& lane);
    bool another_can_answer(const Lane& lane) const;

    Env env_;
    std::vector<std::shared_ptr<Lane>> lanes_;
    Event& changed_;
    Report report_;
    TaskGroup tasks_;
};

}  // namespace evenkeel
