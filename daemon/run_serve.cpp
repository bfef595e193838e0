#include "daemon/run_serve.hpp"

#include "core/exit_code.hpp"
#include "os/process.hpp"
#include "os/terminal.hpp"

namespace evenkeel {
namespace {

Task<Result<bool>> interrupted(Event& event) {
    co_await event.wait();
    co_return true;
}

}  // namespace

Task<int> run_serve(Application& application) {
    const Settings& settings = application.settings();
    Output output = application.output();
    application.process().log_to(
        {.level = settings.log.level, .file = settings.log.file, .colours = application.err().colours()});
    auto session = co_await application.open_session(std::string(serve_kind));
    if (!session) co_return report(session.error(), output);
    if (!output.quiet) {
        output.err.write("Evenkeel works the queue in " + settings.storage.dir + " (pid " +
                         std::to_string(os::process_id()) + "). Ctrl-C ends it; nothing is lost.\n");
        for (const std::string& line : application.left_out()) output.err.write("Not asked: " + line + "\n");
    }
    (void)co_await unless(application.process().stop(), interrupted(application.process().interrupt()));
    application.env().notes.note(
        {.name = "serve.stopping", .detail = "running answers are let go, the rest stays queued"});
    co_await application.close_session();
    co_return to_int(ExitCode::answered);
}

}  // namespace evenkeel
