#pragma once
#include "daemon/application.hpp"
#include "daemon/cli.hpp"

namespace evenkeel {

/// `evenkeel rehearse`: the drill, its table, exit 1 if a promise broke.
Task<int> run_rehearse(Application& application, command::Rehearse options);
/// `evenkeel practice`: practice providers for tests and curious people, until it is ended. Prints where they are.
Task<int> run_practice(Application& application, command::Practice options);

}  // namespace evenkeel
