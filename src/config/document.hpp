#pragma once
#include <string>
#include <string_view>

#include "config/settings.hpp"

namespace evenkeel {

/// docs/settings.md, from the table of fields.
std::string settings_markdown();
/// What `evenkeel config init` writes: every setting with its meaning, range and default, commented out, so that the
/// file changes nothing until somebody takes a # away. With a default route as [[provider]] tables to begin from.
std::string settings_file();
/// "Names in the environment and .env" for --help.
std::string environment_help();
/// Every setting as {"section", "name", "value", "source"}, with "file" and "dotenv" beside them: the JSON of
/// `config show`. Secrets are masked.
std::string settings_json(const Settings& settings);

}  // namespace evenkeel
