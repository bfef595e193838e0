#pragma once
#include <string>

#include "chat/desk.hpp"
#include "core/env.hpp"
#include "daemon/cli.hpp"
#include "daemon/render.hpp"

namespace evenkeel {

// The commands of `evenkeel queue`: they ask the desk and show its JSON (chat/operations.hpp) for people. Each gives an
// exit code; the desk and the output outlive the task.

Task<int> run_queue_list(Desk& desk, command::QueueList options, Output& output);
Task<int> run_queue_show(Desk& desk, command::QueueShow options, Output& output);
/// With several ids the first that fails decides the code; the others are done all the same.
Task<int> run_queue_retry(Desk& desk, command::QueueRetry options, Output& output);
Task<int> run_queue_cancel(Desk& desk, command::QueueCancel options, Output& output);
/// One question a line.
Task<int> run_queue_export(Desk& desk, command::QueueExport options, Output& output);
/// Stays while the queue is worked (by this process or by the owner) and says how it goes; with until_empty it ends
/// when nothing is open any more. Else it ends when its task is dropped.
Task<int> run_queue_run(Desk& desk, Env env, command::QueueRun options, Output& output);

/// One question with all that is known of it; also what `conversation show` is made of.
std::string question_text(Json question, const terminal::Screen& screen);
/// How a state is set off: well, waiting, or bad.
terminal::Style style_of_state(std::string_view state) noexcept;
/// As many digits of the ids as tell them apart, at least the 13 characters that hold the time.
std::size_t id_characters(const std::vector<Json>& questions);

}  // namespace evenkeel
