#include <fmt/format.h>

#include "chat/turn_json.hpp"
#include "core/exit_code.hpp"
#include "core/text.hpp"
#include "frontends/terminal/figures.hpp"
#include "frontends/terminal/talk.hpp"
#include "frontends/terminal/turn_view.hpp"

namespace evenkeel::terminal {
namespace {

using Next = Result<std::optional<TurnEvent>>;

std::string failure_json(const Error& error) {
    std::string text;
    JsonWriter json(text);
    json.object().name("error").object();
    write_error(json, error);
    json.end_object().end_object();
    return text;
}

/// One question from a shell: follows its events and says how the process
/// should end.
class Asking {
public:
    Asking(TalkContext& context, const AskOptions& options)
        : context_(context),
          options_(options),
          view_(context.out),
          live_((context.out.interactive() || options.stream) && !options.json) {}

    Task<int> run() {
        Inbound message = inbound();
        auto opened = co_await context_.desk.submit(std::move(message));
        if (!opened) co_return failed(opened.error());
        std::unique_ptr<TurnStream> stream = std::move(*opened);
        Instant deadline = forever;
        while (true) {
            auto step = co_await until(context_.env.scheduler, deadline, next_or_interrupt(*stream));
            if (!step) co_return still_queued();
            if (!step->has_value()) co_return co_await take_back();
            Next& next = **step;
            if (!next) co_return failed(next.error());
            if (!*next) co_return still_queued();
            const TurnEvent& event = **next;
            id_ = event.id;
            if (const auto code = take(event)) {
                if (event.kind >= TurnEvent::Kind::answered) co_await mark_shown();
                co_return *code;
            }
            if (event.kind == TurnEvent::Kind::queued) {
                queued_ = event;
                if (options_.wait <= Millis{0}) co_return still_queued();
                if (deadline == forever) deadline = context_.env.now() + options_.wait;
            }
        }
    }

private:
    Inbound inbound() const {
        Inbound message;
        message.text = options_.question;
        message.conversation = options_.conversation;
        message.model = options_.model;
        message.is_private = options_.is_private;
        message.ttl = options_.ttl;
        return message;
    }

    /// Empty: Ctrl-C was pressed.
    Task<std::optional<Next>> next_or_interrupt(TurnStream& stream) {
        co_return co_await unless(context_.interrupt, stream.next());
    }

    /// The exit code once the question has ended, or once no more of it may be
    /// shown.
    std::optional<int> take(const TurnEvent& event) {
        using Kind = TurnEvent::Kind;
        switch (event.kind) {
            case Kind::accepted:
            case Kind::queued: return std::nullopt;
            case Kind::progress:
                if (context_.out.interactive() && live_) view_.show(event);
                return std::nullopt;
            case Kind::delta:
                if (live_) show_delta(event);
                return std::nullopt;
            case Kind::restarted:
                if (!live_ || context_.out.interactive()) {
                    if (live_) view_.show(event);
                    return std::nullopt;
                }
                return broke_off(event);
            case Kind::answered: return answered(event);
            default:
                if (options_.json)
                    context_.out.write(to_json(event) + "\n");
                else
                    note(event.text);
                return event.kind == Kind::cancelled ? to_int(ExitCode::interrupted) : to_int(ExitCode::refused);
        }
    }

    void show_delta(const TurnEvent& event) {
        if (context_.out.interactive())
            view_.show(event);
        else
            context_.out.write(event.text);
        written_ = true;
    }

    int answered(const TurnEvent& event) {
        if (options_.json) {
            context_.out.write(answer_json(event.id, options_.conversation, *event.answer, event.practice) + "\n");
        } else if (context_.out.interactive()) {
            view_.show(event);
        } else {
            if (!written_) context_.out.write(event.answer->text);
            context_.out.write("\n");
            if (!options_.quiet && event.practice)
                note("practice: no provider is configured; this is a made-up answer");
        }
        return to_int(ExitCode::answered);
    }

    /// A pipe cannot take text back: the whole answer is kept instead.
    int broke_off(const TurnEvent& event) {
        context_.out.write("\n");
        note(
            fmt::format("The answer broke off ({}). The whole one is kept: "
                        "evenkeel queue show {}",
                        event.text, short_id(event.id)));
        return to_int(ExitCode::queued);
    }

    int still_queued() {
        if (options_.json) {
            TurnEvent event = queued_;
            event.kind = TurnEvent::Kind::queued;
            event.id = id_;
            context_.out.write(to_json(event) + "\n");
        }
        if (!options_.quiet || !options_.json) {
            TurnEvent event = queued_;
            event.id = id_;
            note(queued_line(event) + ". " + context_.who_answers());
            note("Read the answer later with: evenkeel queue show " + short_id(id_));
        }
        return to_int(ExitCode::queued);
    }

    Task<int> take_back() {
        if (!id_.is_nil()) {
            const Result<void> cancelled = co_await context_.desk.cancel(id_);
            if (!cancelled && cancelled.error().code != "already_ended") note(describe(cancelled.error()));
        }
        if (live_) view_.interrupted();
        co_return to_int(ExitCode::interrupted);
    }

    /// A failure to say so leaves the answer or notice in the outbox, where the next chat shows it: no harm.
    Task<void> mark_shown() { (void)co_await context_.desk.shown(id_); }

    int failed(const Error& error) {
        if (options_.json) context_.out.write(failure_json(error) + "\n");
        note(error.detail.empty() ? describe(error) : error.detail);
        return to_int(exit_code_for(error));
    }

    void note(std::string_view text) { context_.err.write(styled(text, Style::dim, context_.err.colours()) + "\n"); }

    TalkContext& context_;
    const AskOptions& options_;
    TurnView view_;
    const bool live_;
    bool written_ = false;
    Id id_{};
    TurnEvent queued_;
};

}  // namespace

Task<int> ask(TalkContext context, AskOptions options) {
    IdMaker ids(context.env);
    if (options.conversation.empty()) options.conversation = "ask-" + to_string(ids.next());
    Asking asking(context, options);
    co_return co_await asking.run();
}

}  // namespace evenkeel::terminal
