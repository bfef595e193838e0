#pragma once
#include "config/load.hpp"
#include "core/result.hpp"
#include "daemon/cli.hpp"
#include "daemon/render.hpp"

namespace evenkeel {

/// Errors and warnings of the settings on `err`; true if there is no error. `quiet` keeps warnings back.
bool report_problems(const Loaded& loaded, Output& output);

/// Writes the commented file; one that is there is kept unless forced (65). Storage errors end with 74.
int run_config_init(const command::ConfigInit& options, Output& output);
/// 0, or 78 with every fault named.
int run_config_check(const Loaded& loaded, Output& output);
/// Every setting, its value and where it came from. Shown even where some are wrong; then 78.
int run_config_show(const Loaded& loaded, Output& output);

}  // namespace evenkeel
