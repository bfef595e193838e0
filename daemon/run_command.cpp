#include "daemon/run_command.hpp"

#include <filesystem>

#include "core/exit_code.hpp"
#include "daemon/command_config.hpp"
#include "daemon/command_conversation.hpp"
#include "daemon/command_key.hpp"
#include "daemon/command_queue.hpp"
#include "daemon/command_status.hpp"
#include "daemon/run_doctor.hpp"
#include "daemon/run_rehearse.hpp"
#include "daemon/run_serve.hpp"
#include "daemon/run_talk.hpp"
#include "os/terminal.hpp"

namespace evenkeel {
namespace {

/// Asks a person yes or no on the terminal.
Task<bool> confirm(Application& application, std::string question) {
    application.err().write(question + " [y/N] ");
    FdWatch watch(application.process().loop(), os::standard_input);
    const Result<std::string> line = co_await read_standard_input(watch);
    co_return line && (line->starts_with('y') || line->starts_with('Y'));
}

KeyTalk key_talk(const Settings& settings) {
    KeyTalk talk{.listen = settings.server.listen};
    for (const ProviderSettings& provider : settings.providers)
        if (provider.left_out.empty() && !provider.local && !provider.price_input)
            talk.unpriced.push_back(provider.name);
    return talk;
}

/// The commands that look at the data or change them: each needs the desk of whoever owns them.
Task<int> run_on_desk(Application& application, Desk& desk, Command command) {
    Output output = application.output();
    if (auto* c = std::get_if<command::QueueList>(&command)) co_return co_await run_queue_list(desk, *c, output);
    if (auto* c = std::get_if<command::QueueShow>(&command)) co_return co_await run_queue_show(desk, *c, output);
    if (auto* c = std::get_if<command::QueueRetry>(&command)) co_return co_await run_queue_retry(desk, *c, output);
    if (auto* c = std::get_if<command::QueueCancel>(&command)) co_return co_await run_queue_cancel(desk, *c, output);
    if (auto* c = std::get_if<command::QueueExport>(&command)) co_return co_await run_queue_export(desk, *c, output);
    if (auto* c = std::get_if<command::QueueRun>(&command)) {
        auto worked = co_await unless(application.process().stop(), run_queue_run(desk, application.env(), *c, output));
        co_return worked.value_or(to_int(ExitCode::interrupted));
    }
    if (auto* c = std::get_if<command::ConversationList>(&command))
        co_return co_await run_conversation_list(desk, *c, output);
    if (auto* c = std::get_if<command::ConversationShow>(&command))
        co_return co_await run_conversation_show(desk, *c, output);
    if (auto* c = std::get_if<command::ConversationExport>(&command))
        co_return co_await run_conversation_export(desk, *c, output);
    if (auto* c = std::get_if<command::ConversationDelete>(&command)) {
        std::function<Task<bool>(std::string)> ask;
        if (os::is_terminal(os::standard_input))
            ask = [&application](std::string question) { return confirm(application, std::move(question)); };
        co_return co_await run_conversation_delete(desk, *c, std::move(ask), output);
    }
    if (auto* c = std::get_if<command::KeyCreate>(&command))
        co_return co_await run_key_create(desk, application.env(), *c, key_talk(application.settings()), output);
    if (auto* c = std::get_if<command::KeyList>(&command)) co_return co_await run_key_list(desk, *c, output);
    if (auto* c = std::get_if<command::KeyRevoke>(&command)) co_return co_await run_key_revoke(desk, *c, output);
    if (std::holds_alternative<command::Status>(command))
        co_return co_await run_status(desk, application.left_out(), output);
    if (auto* c = std::get_if<command::Cost>(&command)) co_return co_await run_cost(desk, *c, output);
    if (auto* c = std::get_if<command::Backup>(&command))
        co_return co_await run_backup(desk, *c, std::filesystem::current_path().string(), output);
    co_return to_int(ExitCode::internal);
}

Task<int> run_with_session(Application& application, Command command) {
    const bool works_queue = std::holds_alternative<command::QueueRun>(command);
    auto session = co_await application.open_session(works_queue ? "queue run" : "looking at the data", works_queue);
    Output output = application.output();
    if (!session) co_return report(session.error(), output);
    auto done =
        co_await unless(application.process().interrupt(), run_on_desk(application, **session, std::move(command)));
    co_await application.close_session();
    co_return done.value_or(to_int(ExitCode::interrupted));
}

}  // namespace

Task<int> run_command(Application& application, Command command) {
    if (std::holds_alternative<command::None>(command)) co_return co_await run_default(application);
    if (auto* c = std::get_if<command::Rehearse>(&command)) co_return co_await run_rehearse(application, *c);
    if (auto* c = std::get_if<command::Practice>(&command)) co_return co_await run_practice(application, *c);
    Output output = application.output();
    if (auto* c = std::get_if<command::ConfigInit>(&command)) co_return run_config_init(*c, output);
    application.read_settings();
    if (std::holds_alternative<command::ConfigCheck>(command)) co_return run_config_check(application.loaded(), output);
    if (std::holds_alternative<command::ConfigShow>(command)) co_return run_config_show(application.loaded(), output);
    if (std::holds_alternative<command::Doctor>(command)) co_return co_await run_doctor(application);
    if (!report_problems(application.loaded(), output)) co_return to_int(ExitCode::configuration);
    if (auto* c = std::get_if<command::Chat>(&command)) co_return co_await run_chat(application, std::move(*c));
    if (auto* c = std::get_if<command::Ask>(&command)) co_return co_await run_ask(application, std::move(*c));
    if (auto* c = std::get_if<command::Serve>(&command)) co_return co_await run_serve(application, *c);
    co_return co_await run_with_session(application, std::move(command));
}

}  // namespace evenkeel
