#pragma once
#include "daemon/application.hpp"

namespace evenkeel {

/// `evenkeel serve`: owns the data, serves the HTTP API and works the queue until it is told to stop; then it lets
/// running answers go in order.
Task<int> run_serve(Application& application, command::Serve options);

}  // namespace evenkeel
