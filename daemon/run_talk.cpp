#include "daemon/run_talk.hpp"

#include "core/exit_code.hpp"
#include "core/text.hpp"
#include "daemon/command_queue.hpp"
#include "daemon/command_status.hpp"
#include "daemon/run_rehearse.hpp"
#include "frontends/terminal/talk.hpp"
#include "os/terminal.hpp"

namespace evenkeel {
namespace {

constexpr std::string_view practice_notice =
    "No provider is configured and no Ollama answers: practice providers reply instead.\n"
    "For real answers put NANOGPT_API_KEY=… into .env, or start Ollama.\n";
constexpr std::string_view nobody_configured =
    "No provider is configured, and no Ollama answers at 127.0.0.1:11434.\n"
    "Put NANOGPT_API_KEY=… into a file named .env here (a key: https://nano-gpt.com/api), or start Ollama.\n"
    "To see how Evenkeel behaves without either: evenkeel ask --practice \"…\", or evenkeel rehearse.\n";

terminal::TalkContext context_of(Application& application, Session& session) {
    return {application.env(),
            session,
            application.out(),
            application.err(),
            application.process().interrupt(),
            [&application] { return application.who_answers(); }};
}

/// All of standard input, as one question.
Task<Result<std::string>> read_question(Application& application) {
    FdWatch watch(application.process().loop(), os::standard_input);
    std::string text;
    while (true) {
        Result<std::string> more = co_await read_standard_input(watch);
        if (!more) co_return fail(more.error());
        if (more->empty()) co_return std::string(trimmed(text));
        text += *more;
        if (const auto most = application.settings().queue.question_bytes_max.bytes; text.size() > most)
            co_return caller_fault("the question on standard input is longer than " + format_size(most) +
                                       " ([queue] question_bytes_max); shorten it",
                                   "too_long");
    }
}

/// Standard input piece by piece, beginning with what was read of it before.
terminal::InputBytes input_bytes(std::shared_ptr<FdWatch> watch, std::string first) {
    auto rest = std::make_shared<std::string>(std::move(first));
    const auto read = [](std::shared_ptr<FdWatch> from,
                         std::shared_ptr<std::string> before) -> Task<Result<std::string>> {
        if (!before->empty()) co_return std::exchange(*before, {});
        co_return co_await read_standard_input(*from);
    };
    return [watch = std::move(watch), rest, read] { return read(watch, rest); };
}

Task<Result<void>> wait_readable(std::shared_ptr<FdWatch> watch) {
    co_await watch->readable();
    co_return Result<void>();
}

std::unique_ptr<terminal::LineSource> line_source(Application& application, std::string first) {
    auto watch = std::make_shared<FdWatch>(application.process().loop(), os::standard_input);
    if (os::is_terminal(os::standard_input) && application.out().interactive()) {
        const std::string history = application.practice() ? "" : application.settings().storage.dir + "/history";
        return terminal::make_line_editor([watch] { return wait_readable(watch); }, history);
    }
    return terminal::make_plain_lines(input_bytes(watch, std::move(first)),
                                      [&application](std::string_view text) { application.err().write(text); });
}

/// Keeps what a command writes, for a screen of the same width and colours.
class KeptScreen final : public terminal::Screen {
public:
    explicit KeptScreen(const Screen& like) noexcept : like_(like) {}
    void write(std::string_view text) override { text_ += text; }
    bool interactive() const noexcept override { return like_.interactive(); }
    bool colours() const noexcept override { return like_.colours(); }
    int columns() const noexcept override { return like_.columns(); }
    int rows() const noexcept override { return like_.rows(); }
    const std::string& text() const noexcept { return text_; }

private:
    const Screen& like_;
    std::string text_;
};

/// `/status` and `/queue` show what the commands of that name show.
Task<std::string> show_in_chat(Application& application, Session& session, std::string what) {
    KeptScreen screen(application.out());
    Output output{.out = screen, .err = screen, .now = application.env().wall()};
    if (what == "status")
        (void)co_await run_status(session, application.left_out(), output);
    else
        (void)co_await run_queue_list(session, {}, output);
    co_return screen.text();
}

/// The answer of a chat goes on to its end unless the terminal closes.
Task<int> stopped_by_signal(Application& application, Task<int> work) {
    auto done = co_await unless(application.process().stop(), std::move(work));
    co_return done.value_or(to_int(ExitCode::interrupted));
}

}  // namespace

Task<int> run_chat(Application& application, command::Chat options, std::string first) {
    if (options.practice || co_await application.lacks_providers()) {
        const Result<void> practice = application.use_practice();
        Output output = application.output();
        if (!practice) co_return report(practice.error(), output);
        (application.out().interactive() ? application.out() : application.err()).write(practice_notice);
    }
    application.process().log_to({.level = application.settings().log.level == "debug" ? "debug" : "alarm",
                                  .file = application.settings().log.file});
    auto session = co_await application.open_session("chat");
    Output output = application.output();
    if (!session) co_return report(session.error(), output);

    terminal::ChatOptions chat;
    if (!options.conversation.empty()) chat.conversation = options.conversation;
    chat.model = options.model;
    chat.is_private = options.is_private;
    chat.practice = application.practice() != nullptr;
    chat.ttl = application.settings().queue.ttl;
    Session& desk = **session;
    chat.show = [&application, &desk](std::string what) { return show_in_chat(application, desk, std::move(what)); };
    if (PracticeMode* practice = application.practice())
        chat.outage = [practice](std::string_view arguments) { return practice->outage(arguments); };
    if (application.out().interactive() && !application.flags().quiet)
        application.out().write("Evenkeel: /help lists the commands, Ctrl-D ends the chat.\n");
    const auto lines = line_source(application, std::move(first));
    const int code =
        co_await stopped_by_signal(application, terminal::chat(context_of(application, desk), *lines, std::move(chat)));
    co_await application.close_session();
    co_return code;
}

Task<int> run_ask(Application& application, command::Ask options) {
    Output output = application.output();
    if (options.question.empty()) {
        Result<std::string> question = co_await read_question(application);
        if (!question) co_return report(question.error(), output);
        options.question = std::move(*question);
    }
    if (options.practice) {
        const Result<void> practice = application.use_practice();
        if (!practice) co_return report(practice.error(), output);
    } else if (co_await application.lacks_providers()) {
        application.err().write(nobody_configured);
        co_return to_int(ExitCode::configuration);
    }
    auto session = co_await application.open_session("ask");
    if (!session) co_return report(session.error(), output);
    terminal::AskOptions ask;
    ask.question = std::move(options.question);
    ask.conversation = std::move(options.conversation);
    ask.model = std::move(options.model);
    ask.is_private = options.is_private;
    ask.practice = application.practice() != nullptr;
    ask.stream = options.stream;
    ask.json = application.flags().json;
    ask.quiet = application.flags().quiet;
    ask.wait = options.wait.value_or(Millis{0});
    ask.ttl = application.settings().queue.ttl;
    const int code =
        co_await stopped_by_signal(application, terminal::ask(context_of(application, **session), std::move(ask)));
    co_await application.close_session();
    co_return code;
}

Task<int> run_default(Application& application) {
    if (os::is_terminal(os::standard_input)) {
        if (!application.load()) co_return to_int(ExitCode::configuration);
        co_return co_await run_chat(application, {});
    }
    FdWatch watch(application.process().loop(), os::standard_input);
    Result<std::string> first = co_await read_standard_input(watch);
    const auto input = !first || first->empty() ? StandardInput::empty : StandardInput::lines;
    const Command chosen = default_command(input);
    if (const auto* drill = std::get_if<command::Rehearse>(&chosen))
        co_return co_await run_rehearse(application, *drill);
    if (!application.load()) co_return to_int(ExitCode::configuration);
    co_return co_await run_chat(application, {}, std::move(*first));
}

}  // namespace evenkeel
