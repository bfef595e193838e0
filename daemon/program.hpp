#pragma once
#include <string>
#include <vector>

namespace evenkeel {

/// The whole program: reads the command line and the settings, runs the command, gives the exit code.
int run_program(const std::vector<std::string>& arguments);

}  // namespace evenkeel
