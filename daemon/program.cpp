#include "daemon/program.hpp"

#include "core/exit_code.hpp"
#include "core/failpoint.hpp"
#include "daemon/application.hpp"
#include "daemon/cli.hpp"
#include "daemon/run_command.hpp"
#include "os/process.hpp"
#include "os/terminal.hpp"

namespace evenkeel {
namespace {

int usage_error(const Error& error) {
    Console err(os::standard_error, true);
    err.write(error.detail + "\n");
    return to_int(ExitCode::usage);
}

/// Tests end the process at named places: EVENKEEL_FAILPOINTS="store.accept.after_commit:3".
Result<void> arm_for_kill_tests(const os::Environment& environment) {
    const auto text = environment.get_filled("EVENKEEL_FAILPOINTS");
    if (!text) return {};
    return arm_failpoints(*text, [](std::string_view) noexcept { os::kill_this_process(); });
}

}  // namespace

int run_program(const std::vector<std::string>& arguments) {
    Result<Invocation> invocation = parse_command_line(arguments);
    if (!invocation) return usage_error(invocation.error());
    if (const auto* text = std::get_if<command::ShowText>(&invocation->command)) {
        Console(os::standard_output, true).write(text->text);
        return to_int(ExitCode::answered);
    }
    (void)os::forbid_core_dumps();  // Keys live in memory. Where it cannot be had, nothing else is worse for it.
    (void)os::raise_open_files_limit();
    auto process = Process::start(os::Environment::of_process());
    if (!process) {
        Console(os::standard_error, true).write(describe(process.error()) + "\n");
        return to_int(ExitCode::internal);
    }
    if (const Result<void> armed = arm_for_kill_tests((*process)->environment()); !armed)
        return usage_error(armed.error());
    Application application(**process, std::move(invocation->flags));
    return (*process)->loop().run(run_command(application, std::move(invocation->command)));
}

}  // namespace evenkeel
