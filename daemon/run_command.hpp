#pragma once
#include "daemon/application.hpp"
#include "daemon/cli.hpp"

namespace evenkeel {

/// Runs one command to its end and gives its exit code. The application outlives it.
Task<int> run_command(Application& application, Command command);

}  // namespace evenkeel
