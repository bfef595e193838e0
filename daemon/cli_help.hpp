#pragma once
#include <string>

namespace CLI {
class App;
}

namespace evenkeel {

/// What `--help` prints for that command: usage, meaning, commands, flags with their values, examples, exit codes.
std::string help_text(const CLI::App& app);

}  // namespace evenkeel
