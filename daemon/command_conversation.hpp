#pragma once
#include <functional>
#include <string>

#include "chat/desk.hpp"
#include "daemon/cli.hpp"
#include "daemon/render.hpp"

namespace evenkeel {

// The commands of `evenkeel conversation`. As command_queue.hpp.

Task<int> run_conversation_list(Desk& desk, command::ConversationList options, Output& output);
Task<int> run_conversation_show(Desk& desk, command::ConversationShow options, Output& output);
Task<int> run_conversation_export(Desk& desk, command::ConversationExport options, Output& output);
/// `confirm` asks a person yes or no; empty where none is there: then --yes is required (64).
Task<int> run_conversation_delete(Desk& desk, command::ConversationDelete options,
                                  std::function<Task<bool>(std::string question)> confirm, Output& output);

}  // namespace evenkeel
