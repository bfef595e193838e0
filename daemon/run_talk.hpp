#pragma once
#include "daemon/application.hpp"
#include "daemon/cli.hpp"

namespace evenkeel {

/// `evenkeel chat` on a terminal or a pipe. `first`: what was already read of standard input.
Task<int> run_chat(Application& application, command::Chat options, std::string first = {});
/// `evenkeel ask`.
Task<int> run_ask(Application& application, command::Ask options);
/// No command: chat on a terminal, questions line by line on a pipe, the short rehearsal where nothing comes in.
Task<int> run_default(Application& application);

}  // namespace evenkeel
