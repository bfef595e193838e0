#pragma once
#include <memory>
#include <vector>

#include "core/env.hpp"
#include "llm/provider.hpp"
#include "resilience/lane.hpp"

namespace evenkeel {

/// Asks the lanes in order until one answers, without ever waiting in between. Passed over, and recorded as skipped:
/// lanes whose gate is closed, lanes a private call may not use; those in Call::avoid are asked last. A refusal of the
/// request itself or for its content goes back at once; capacity is tried only where the window is larger. A model the
/// caller named is asked for in the lane that has it as its own, else in the first; the others answer with theirs.
///
/// Where there is a `hedge`, one of the lanes, it is asked beside the first (hedged.hpp), and then not once more.
///
/// Errors: that of the request; else one that sums up all lanes: the class that helps most to mend it, all details,
/// and as retry_after the time until any lane may be asked again. "all_lanes_closed": nobody was asked, nothing was
/// waited for. request "no_local_provider", "no_provider": no lane may ever take this call. silent/caller "deadline",
/// transient/self "attempts_spent".
ProviderPtr failover(std::vector<std::shared_ptr<Lane>> lanes, Env env, std::shared_ptr<Lane> hedge = nullptr);

}  // namespace evenkeel
