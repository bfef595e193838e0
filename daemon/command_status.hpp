#pragma once
#include <string>

#include "chat/desk.hpp"
#include "daemon/cli.hpp"
#include "daemon/render.hpp"

namespace evenkeel {

/// Providers with their breakers, the queue, the owner of the data, the storage. `left_out`: providers of the settings
/// that are not part of the route, as "nanogpt: NANOGPT_API_KEY is not set".
Task<int> run_status(Desk& desk, std::vector<std::string> left_out, Output& output);
/// Spend per provider and day, and what the same tokens would have cost at the reference price.
Task<int> run_cost(Desk& desk, command::Cost options, Output& output);
/// A consistent copy. The file is taken from `working_directory` where it is not absolute: the owner has its own.
Task<int> run_backup(Desk& desk, command::Backup options, std::string working_directory, Output& output);

/// The text of `status`, also for `/status` in the chat.
std::string status_text(Json status, const std::vector<std::string>& left_out, const Output& output);
std::string cost_text(Json cost, const Output& output);

}  // namespace evenkeel
