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
/// waiting call goes first: the prober steps back for a moment when the time comes, then asks itself. Where several
/// lanes cannot be reached for want of a network or of names, that is one condition of ours: only the first of them is
/// probed, and the others follow when it is back. A model that must be loaded is loaded ahead, by one token, when
/// another lane fails or is slower than usual.
/// Destroying it stops all probes. One loop.
class Prober {
public:
    /// Gets the tries of each probe, marked as such; for the ledger. Must not re-enter the route.
    using Report = std::function<void(std::span<const Attempt>)>;
    /// The lanes, `changed`, their common bell, and `slow`, rung when a question waits longer than usual, outlive it.
    Prober(Env env, std::vector<std::shared_ptr<Lane>> lanes, Event& changed, Event& slow, Report report);

private:
    Task<void> look_after(Lane& lane);
    Task<void> keep_ready(Lane& lane);
    bool is_prepared_for(const Lane& lane) const;
    bool waits_for_another(const Lane& lane) const;
    Task<void> check(Lane& lane);
    Task<void> probe(Lane& lane);
    Task<void> ask_one_token(Lane& lane);
    bool another_can_answer(const Lane& lane) const;

    Env env_;
    std::vector<std::shared_ptr<Lane>> lanes_;
    Event& changed_;
    Event& slow_;
    Report report_;
    TaskGroup tasks_;
};

}  // namespace evenkeel
