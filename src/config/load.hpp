#pragma once
#include <functional>
#include <string>
#include <vector>

#include "config/names.hpp"
#include "config/problem.hpp"
#include "config/settings.hpp"
#include "core/result.hpp"
#include "os/environment.hpp"

namespace evenkeel {

/// The outside world of load_settings, so that it is a pure function.
struct LoadInputs {
    Variables environment;
    /// os::read_file. A file that is not there has the code "not_found"; every other error stops the start.
    std::function<Result<std::string>(const std::string& path)> read_file;
    /// os::read_secret_file, which also refuses a file that others may read.
    std::function<Result<Secret>(const std::string& path)> read_secret_file;
    std::string state_directory;   ///< os::state_directory: where the data goes by default; empty: unknown.
    std::string config_directory;  ///< os::config_directory: the last place to look for evenkeel.toml; empty: unknown.
    std::string config_flag;       ///< --config; empty: not given.
    std::string data_flag;         ///< --data; empty: not given.
};

struct Loaded {
    Settings settings;              ///< Usable only if there are no errors.
    std::vector<Problem> errors;    ///< All of them, in the order in which they stand. With any, nothing starts (78).
    std::vector<Problem> warnings;  ///< For stderr, unless --quiet.
};

/// Flag > environment > .env in the working directory > settings file > default. The file is --config, else
/// $EVENKEEL_CONFIG (both must exist), else ./evenkeel.toml, else evenkeel.toml in
/// config_directory.
Loaded load_settings(const LoadInputs& inputs);

/// The inputs of this process: its files and what `environment` says.
LoadInputs inputs_of_process(const os::Environment& environment, std::string config_flag, std::string data_flag);

}  // namespace evenkeel
