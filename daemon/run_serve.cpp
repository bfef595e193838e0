#include "daemon/run_serve.hpp"

#include "core/exit_code.hpp"
#include "daemon/http_settings.hpp"
#include "os/process.hpp"
#include "os/service_manager.hpp"
#include "os/terminal.hpp"

namespace evenkeel {
namespace {

Task<Result<bool>> interrupted(Event& event) {
    co_await event.wait();
    co_return true;
}

/// A service that cannot tell goes on all the same: its manager will say that it heard nothing.
void tell_manager(Application& application, std::string_view state) {
    const std::string socket(application.process().environment().get("NOTIFY_SOCKET").value_or(""));
    if (const Result<void> told = os::tell_service_manager(socket, state); !told)
        application.env().notes.note(
            {.severity = Severity::warning, .name = "serve.manager_not_told", .detail = told.error().detail});
}

}  // namespace

Task<int> run_serve(Application& application, command::Serve options) {
    Output output = application.output();
    if (options.practice)
        if (const Result<void> practice = application.use_practice(); !practice)
            co_return report(practice.error(), output);
    const Settings& settings = application.settings();
    application.process().log_to(
        {.level = settings.log.level, .file = settings.log.file, .colours = application.err().colours()});
    std::uint16_t port = 0;
    auto session = co_await application.open_session(std::string(serve_kind), true, &port);
    if (!session) co_return report(session.error(), output);
    if (!output.quiet) {
        output.err.write("Evenkeel listens at " + shown_place(settings.server.listen, port) +
                         " (OpenAI's API below /v1).\nIt works the queue in " + settings.storage.dir + " (pid " +
                         std::to_string(os::process_id()) + "). Ctrl-C ends it; nothing is lost.\n");
        if (options.practice) output.err.write("Practice providers answer; nothing is kept.\n");
        for (const std::string& line : application.left_out()) output.err.write("Not asked: " + line + "\n");
    }
    tell_manager(application, "READY=1");
    (void)co_await unless(application.process().stop(), interrupted(application.process().interrupt()));
    application.env().notes.note(
        {.name = "serve.stopping", .detail = "running answers are let go, the rest stays queued"});
    tell_manager(application, "STOPPING=1");
    co_await application.close_session();
    co_return to_int(ExitCode::answered);
}

}  // namespace evenkeel
