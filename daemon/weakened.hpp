#pragma once
#include <vector>

#include "daemon/rehearsal.hpp"
#include "resilience/lane.hpp"

namespace evenkeel {

/// Takes one of the mechanisms out of the lanes of a rehearsal, so that it can be seen to notice. Never used otherwise.
void weaken(std::vector<LaneSpec>& lanes, RehearsalWithout without);

}  // namespace evenkeel
