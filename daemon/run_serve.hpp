#pragma once
#include "daemon/application.hpp"

namespace evenkeel {

/// `evenkeel serve`: owns the data and works the queue until it is told to stop; then it lets running answers go in
/// order.
Task<int> run_serve(Application& application);

}  // namespace evenkeel
