#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

#include "core/exit_code.hpp"
#include "core/text.hpp"
#include "frontends/terminal/figures.hpp"
#include "frontends/terminal/talk.hpp"
#include "frontends/terminal/turn_view.hpp"

namespace evenkeel::terminal {
namespace {

constexpr std::string_view frontend = "terminal";
constexpr std::string_view help_text =
    "Write a question and press Enter. Ctrl-C stops an answer; /quit or Ctrl-D ends the chat.\n"
    "  /status           providers, queue and who works it\n"
    "  /queue            questions that still wait for an answer\n"
    "  /model NAME       ask for that model from now on; /model alone: each provider's own\n"
    "  /private          from now on this conversation never leaves the machine\n"
    "  /reset            begin a new conversation; the old one is kept\n"
    "  /quit             end the chat\n";
constexpr std::string_view practice_help =
    "  /outage cloud|local on|off   break a practice provider, or mend it, and watch what happens\n";

/// A chat on a terminal or a pipe. Late answers come through a task of their own and are shown between turns, or above
/// the line being typed.
class Chat {
public:
    Chat(TalkContext& context, LineSource& lines, ChatOptions& options)
        : context_(context),
          lines_(lines),
          options_(options),
          at_prompt_(context.env.scheduler),
          tasks_(context.env.scheduler) {}

    Task<int> run() {
        if (interactive()) tasks_.spawn(receive_late());
        while (true) {
            auto read = co_await read_line();
            if (!read) continue;  // Ctrl-C at the prompt: a fresh line.
            if (!*read) {
                say((*read).error().detail, Style::error);
                co_return to_int(exit_code_for((*read).error()));
            }
            if (!**read) break;
            const std::string line(trimmed(***read));
            if (line.empty()) continue;
            if (line.starts_with('/') && interactive()) {
                if (!co_await command(line)) break;
                continue;
            }
            // Of several, what still waits (75) weighs more than what was refused (65).
            if (const int code = co_await question(line); !interactive()) worst_ = std::max(worst_, code);
        }
        co_return worst_;
    }

private:
    using Line = Result<std::optional<std::string>>;

    bool interactive() const noexcept { return context_.out.interactive(); }
    std::size_t columns() const noexcept {
        return interactive() ? static_cast<std::size_t>(context_.out.columns()) : 0;
    }

    Task<std::optional<Line>> read_line() {
        at_prompt_.set();
        const std::string prompt = options_.is_private ? "you (private) › " : "you › ";
        auto line = co_await unless(context_.interrupt, lines_.read(prompt));
        at_prompt_.clear();
        if (!line && interactive()) context_.out.write("\n");
        co_return line;
    }

    Task<int> question(std::string text) {
        Inbound message;
        message.text = std::move(text);
        message.conversation = options_.conversation;
        message.model = options_.model;
        message.is_private = options_.is_private;
        message.ttl = options_.ttl;
        auto opened = co_await context_.desk.submit(std::move(message));
        if (!opened) {
            say(opened.error().detail, Style::error);
            co_return to_int(exit_code_for(opened.error()));
        }
        std::unique_ptr<TurnStream> stream = std::move(*opened);
        co_return co_await follow(*stream);
    }

    Task<int> follow(TurnStream& stream) {
        TurnView view(context_.out);
        Id id{};
        while (true) {
            auto next = co_await unless(context_.interrupt, stream.next());
            if (!next) {
                if (!id.is_nil()) (void)co_await context_.desk.cancel(id);
                view.interrupted();
                co_return to_int(ExitCode::answered);
            }
            if (!*next) {
                say(describe((*next).error()), Style::error);
                co_return to_int(exit_code_for((*next).error()));
            }
            if (!**next) co_return to_int(ExitCode::answered);
            const TurnEvent& event = ***next;
            id = event.id;
            if (interactive())
                view.show(event);
            else
                plain(event);
            if (event.kind == TurnEvent::Kind::answered) {
                (void)co_await context_.desk.shown(id);
                co_return to_int(ExitCode::answered);
            }
            if (event.kind == TurnEvent::Kind::queued) {
                if (interactive()) say(when_to_expect(), Style::dim);
                co_return to_int(ExitCode::queued);
            }
            if (event.kind > TurnEvent::Kind::answered) {
                (void)co_await context_.desk.shown(id);
                co_return to_int(event.kind == TurnEvent::Kind::cancelled ? ExitCode::answered : ExitCode::refused);
            }
        }
    }

    std::string when_to_expect() const {
        const std::string here = "The answer will appear here when it comes.";
        return options_.practice ? here : here + " If you close this window first: " + context_.who_answers();
    }

    /// A pipe never sees partial text: only whole answers, a paragraph each.
    void plain(const TurnEvent& event) {
        using Kind = TurnEvent::Kind;
        if (event.kind == Kind::answered)
            context_.out.write(event.answer->text + "\n\n");
        else if (event.kind == Kind::queued)
            context_.err.write(queued_line(event) + ". " + context_.who_answers() + "\n");
        else if (event.kind > Kind::answered)
            context_.err.write(event.text + "\n");
    }

    /// False ends the chat.
    Task<bool> command(std::string line) {
        const std::size_t blank = line.find(' ');
        const std::string name = line.substr(0, blank);
        const std::string rest = blank == std::string::npos ? "" : std::string(trimmed(line.substr(blank)));
        if (name == "/quit" || name == "/exit" || name == "/q") co_return false;
        if (name == "/help") {
            say(help_text, Style::plain);
            if (options_.outage) say(practice_help, Style::plain);
        } else if (name == "/status" || name == "/queue") {
            say(co_await options_.show(name.substr(1)), Style::plain);
        } else if (name == "/model") {
            options_.model = rest;
            say(rest.empty() ? "Each provider answers with its own model." : "Asking for " + rest + " from now on.",
                Style::dim);
        } else if (name == "/private") {
            options_.is_private = true;
            say("Private from now on: only providers on this machine will see this conversation.", Style::dim);
        } else if (name == "/reset") {
            IdMaker ids(context_.env);
            options_.conversation = "terminal-" + to_string(ids.next());
            options_.is_private = false;
            say("A new conversation: " + options_.conversation, Style::dim);
        } else if (name == "/outage" && options_.outage) {
            say(options_.outage(rest), Style::dim);
        } else {
            say("There is no " + name + ". " + nearest(name), Style::error);
        }
        co_return true;
    }

    std::string nearest(const std::string& name) const {
        for (const std::string_view known :
             {"/help", "/status", "/queue", "/model", "/private", "/reset", "/quit", "/outage"})
            if (edit_distance(name, known) <= 2) return "Did you mean " + std::string(known) + "?";
        return "/help lists what there is.";
    }

    Task<void> receive_late() {
        auto opened = co_await context_.desk.deliveries(std::string(frontend), "");
        if (!opened) {
            say("Late answers cannot be shown: " + opened.error().detail, Style::warning);
            co_return;
        }
        const std::unique_ptr<DeliveryStream> stream = std::move(*opened);
        while (true) {
            Result<Delivery> delivery = co_await stream->next();
            if (!delivery) {
                say("Late answers are no longer shown here: " + delivery.error().detail, Style::warning);
                co_return;
            }
            co_await at_prompt_.wait();  // Never into the middle of another answer.
            lines_.interject(late_text(*delivery));
            (void)co_await context_.desk.shown(delivery->id);
        }
    }

    std::string late_text(const Delivery& delivery) const {
        const bool colours = context_.out.colours();
        std::string text = styled(late_heading(delivery, context_.env.wall()), Style::prompt, colours) + "\n";
        if (delivery.kind == Delivery::Kind::answer) {
            text += readable(delivery.text, colours, columns()) + "\n";
            if (delivery.answer)
                text += styled(figures_line(*delivery.answer, options_.practice), Style::dim, colours) + "\n";
        } else {
            text += styled(wrap_words(delivery.text, columns()), Style::error, colours) + "\n";
        }
        return text;
    }

    void say(std::string_view text, Style style) {
        Screen& screen = interactive() ? context_.out : context_.err;
        // What is plain comes in its own lines: tables, help.
        std::string whole =
            style == Style::plain ? std::string(text) : styled(wrap_words(text, columns()), style, screen.colours());
        if (!text.ends_with('\n')) whole += '\n';
        if (at_prompt_.is_set())
            lines_.interject(whole);
        else
            screen.write(whole);
    }

    TalkContext& context_;
    LineSource& lines_;
    ChatOptions& options_;
    Event at_prompt_;  ///< A line is being typed: late answers may be shown above it.
    int worst_ = to_int(ExitCode::answered);
    TaskGroup tasks_;
};

}  // namespace

std::string late_heading(const Delivery& delivery, WallTime now) {
    constexpr std::size_t question_columns_max = 60;
    const auto asked = std::chrono::floor<Seconds>(delivery.asked_at);
    const std::time_t when = std::chrono::system_clock::to_time_t(asked);
    const Millis ago = now > delivery.asked_at ? now - delivery.asked_at : Millis{0};
    return fmt::format("↳ {:%H:%M}, {} ago, you asked «{}»", fmt::localtime(when), spoken_duration(ago),
                       one_line(delivery.question, question_columns_max));
}

Task<int> chat(TalkContext context, LineSource& lines, ChatOptions options) {
    Chat talk(context, lines, options);
    co_return co_await talk.run();
}

}  // namespace evenkeel::terminal
