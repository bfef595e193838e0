// Chat calls that are kept: taken into the queue, polled, cancelled, removed.
#include "frontends/http/async_calls.hpp"

#include <algorithm>
#include <utility>

#include "core/json_writer.hpp"
#include "core/text.hpp"
#include "frontends/http/durable.hpp"
#include "frontends/http/endpoints.hpp"
#include "frontends/http/error_reply.hpp"
#include "frontends/http/responses_request.hpp"
#include "llm/reply_writer.hpp"
#include "llm/translate.hpp"

namespace evenkeel {
namespace {

using Kind = TurnEvent::Kind;

constexpr std::string_view id_prefix = "chatcmpl-";
constexpr std::string_view folder = "/v1/chat/completions/";
constexpr std::size_t question_bytes_max = 4096;
constexpr std::string_view poll_after = "Retry-After: 1\r\n";

std::string_view surface_of(Dialect dialect) noexcept { return dialect == Dialect::ollama ? "ollama" : "chat"; }

/// The members that only durable calls look at.
struct ChatWishes {
    bool store = false, logprobs = false, audio = false;
    std::string user;
};

ChatWishes wishes_of(std::string_view body) {
    JsonDoc document;
    const auto root = document.parse(body);
    if (!root) return {};
    ChatWishes wishes{.store = (*root)["store"].boolean().value_or(false),
                      .logprobs = (*root)["logprobs"].boolean().value_or(false),
                      .user = std::string((*root)["safety_identifier"].string_or((*root)["user"].string_or("")))};
    for (const Json& modality : (*root)["modalities"].elements())
        if (modality.string_or("") == "audio") wishes.audio = true;
    return wishes;
}

/// A piece of an answer as the providers' adapters would have told it.
class PieceEvents {
public:
    explicit PieceEvents(Id id) : id_(id) {}

    ReplyEvent of(const AnswerPiece& piece) {
        if (piece.kind != AnswerPiece::Kind::tool_call) {
            text_ = piece.text;
            const bool content = piece.kind == AnswerPiece::Kind::content;
            return {.kind = content ? ReplyEvent::Kind::content : ReplyEvent::Kind::reasoning, .text = text_};
        }
        text_.clear();
        JsonWriter json(text_);
        json.object().member("index", piece.call);
        const bool first = piece.call >= calls_;
        if (first) {
            ++calls_;
            json.member("id", call_id_of(piece.id, id_, piece.call)).member("type", "function");
        }
        json.name("function").object();
        if (first) json.member("name", piece.name);
        json.member("arguments", piece.text).end_object().end_object();
        return {.kind = ReplyEvent::Kind::tool_call, .text = text_};
    }

private:
    Id id_;
    std::string text_;
    std::uint32_t calls_ = 0;
};

std::string public_id(const Id& id) { return std::string(id_prefix) + hex_of(id); }

ReplyHead head_of(const JobView& view, Instant asked, std::string model, bool wants_usage) {
    return {.id = public_id(view.id),
            .model = std::move(model),
            .created = view.accepted_at,
            .asked = asked,
            .wants_usage = wants_usage};
}

std::unique_ptr<ReplyWriter> writer_for(Env env, Dialect dialect, ReplyHead head) {
    return dialect == Dialect::ollama ? make_ollama_writer(env, std::move(head)) : make_openai_writer(std::move(head));
}

void add_end(const Answer& answer, std::vector<ReplyEvent>& events) {
    events.push_back({.kind = ReplyEvent::Kind::usage, .usage = answer.usage});
    events.push_back({.kind = ReplyEvent::Kind::finish, .finish = answer.finish});
}

/// The whole of it, as if it had not been kept.
std::string document_of(Env env, Dialect dialect, const JobView& view) {
    const Answer& answer = *view.answer;
    auto writer = writer_for(env, dialect, head_of(view, env.now() - answer.latency, answer.model, false));
    const Transcript transcript = Transcript::of(answer);
    PieceEvents pieces(view.id);
    for (std::size_t i = 0; i < transcript.size(); ++i) {
        const ReplyEvent event = pieces.of(transcript.at(i));
        writer->collect({&event, 1});
    }
    std::vector<ReplyEvent> end;
    add_end(answer, end);
    writer->collect(end);
    return writer->document();
}

/// What is told of a call that still owes its answer, or will never give it.
std::string pending_json(const JobView& view, std::string_view asked) {
    std::string out;
    JsonWriter json(out);
    const std::string id = public_id(view.id);
    json.object().member("id", id).member("object", "chat.completion");
    json.member("created", std::chrono::duration_cast<Seconds>(view.accepted_at.time_since_epoch()).count());
    json.member("model", asked.empty() ? std::string_view("evenkeel") : asked).name("choices").array().end_array();
    json.member("status", view.state == JobState::working ? "in_progress" : to_string(view.state));
    json.member("position", view.position).member("poll", std::string(folder) + id).end_object();
    return out;
}

/// A caller who waits for the answer to a kept call.
class Waiting {
public:
    Waiting(Gateway& gateway, Exchange& exchange, const CallerBody& body)
        : gateway_(gateway), exchange_(exchange), body_(body) {}

    Task<void> run(TurnStream& stream) {
        for (;;) {
            const Instant deadline = exchange_.call.deadline;
            auto event = co_await next_until(gateway_, stream, deadline);
            if (!event) co_return co_await give_up(std::move(event.error()));
            if (!*event) co_return co_await give_up(late());
            if (!co_await take(**event)) co_return;
        }
    }

private:
    /// False: that was the last.
    Task<bool> take(const TurnEvent& event) {
        switch (event.kind) {
            case Kind::accepted: co_return co_await begin(event.id);
            case Kind::progress: co_return true;
            case Kind::queued:
                if (!event.error) co_return true;  // It waits its turn, and somebody can answer.
                co_await give_up(error_of(event));
                co_return false;
            case Kind::delta:
                if (!body_.stream) co_return true;
                co_return co_await tell(event);
            case Kind::answered: co_await end(*event.answer); co_return false;
            case Kind::restarted:
                if (!sink_.has_begun()) co_return true;
                co_await give_up(begun_anew());
                co_return false;
            default: co_await give_up(error_of(event)); co_return false;
        }
    }

    Task<bool> begin(Id id) {
        auto view = co_await gateway_.calls()->show(principal_of(exchange_), id);
        if (!view) {
            (void)co_await exchange_.refuse(std::move(view.error()));
            co_return false;
        }
        view_ = std::move(*view);
        pieces_.emplace(id);
        co_return true;
    }

    ReplyWriter& writer(const std::string& model) {
        if (!writer_)
            writer_ = writer_for(gateway_.env(), exchange_.dialect,
                                 head_of(view_, exchange_.began, model, body_.wants_usage));
        return *writer_;
    }

    Task<bool> tell(const TurnEvent& delta) {
        if (!sink_.has_begun()) tell_winner(exchange_, delta);
        for (const AnswerPiece& piece : delta.pieces) {
            const ReplyEvent event = pieces_->of(piece);
            writer(delta.model).write({&event, 1}, out_);
        }
        co_return co_await sink_.send(out_);
    }

    Task<void> end(const Answer& answer) {
        tell_winner(exchange_, answer);
        bool read = false;
        if (body_.stream) {
            std::vector<ReplyEvent> events;
            add_end(answer, events);
            writer(answer.model).write(events, out_);
            writer(answer.model).finish(out_);
            read = co_await sink_.send(out_);
            if (read) co_await sink_.finish();
        } else {
            view_.answer = answer;
            const auto told =
                co_await exchange_.answer_json(200, document_of(gateway_.env(), exchange_.dialect, view_));
            read = told.has_value();
        }
        if (read) (void)co_await gateway_.calls()->shown(view_.id);
    }

    /// The call itself goes on: the same key, or its id, gives the answer later.
    Task<void> give_up(Error error) {
        if (!sink_.has_begun()) {
            if (error.code != "cancelled")
                exchange_.more_fields = "Location: " + std::string(folder) + public_id(view_.id) + "\r\n";
            (void)co_await exchange_.refuse(std::move(error));
            co_return;
        }
        exchange_.error = std::move(error);
        out_ += error_in_stream(exchange_.dialect, *exchange_.error);
        if (co_await sink_.send(out_)) co_await sink_.finish();
    }

    Error begun_anew() const {
        return provider_fault(ErrorClass::transient, Scope::provider,
                              "the answer broke off and is begun anew; fetch the whole by GET " + std::string(folder) +
                                  public_id(view_.id),
                              "begun_anew")
            .error();
    }
    static Error late() {
        return provider_fault(ErrorClass::silent, Scope::provider, "no answer came in time", "timeout").error();
    }

    Gateway& gateway_;
    Exchange& exchange_;
    const CallerBody& body_;
    JobView view_;
    std::optional<PieceEvents> pieces_;
    std::unique_ptr<ReplyWriter> writer_;
    EventSink sink_{exchange_, exchange_.dialect == Dialect::ollama ? ndjson_type : sse_type};
    std::string out_;
};

std::optional<Error> unfit(const CallerBody& body, const ChatWishes& wishes) {
    const auto refuse = [](std::string_view what) {
        return caller_fault(std::string(what) +
                                " cannot be kept with a durable call; leave it out, or leave out "
                                "'store', Idempotency-Key and 'Prefer: respond-async'",
                            "unsupported_parameter")
            .error();
    };
    if (body.choices > 1) return refuse("'n' above 1");
    if (wishes.logprobs) return refuse("'logprobs'");
    if (wishes.audio) return refuse("audio");
    return std::nullopt;
}

std::string question_of(const CallerBody& body) {
    std::string question;
    for (const Turn& turn : turns_of(body))
        if (turn.role == Role::user && !trimmed(turn.text).empty()) question = turn.text;
    question = std::string(utf8_prefix(trimmed(question), question_bytes_max));
    return question.empty() ? "(no text)" : question;
}

Task<void> accepted(Gateway& gateway, Exchange& exchange, const Id& id, std::string_view asked) {
    const auto view = co_await gateway.calls()->show(principal_of(exchange), id);
    if (!view) {
        (void)co_await exchange.refuse(view.error());
        co_return;
    }
    exchange.more_fields = "Location: " + std::string(folder) + public_id(id) +
                           "\r\nPreference-Applied: respond-async\r\n" + std::string(poll_after);
    (void)co_await exchange.answer_json(202, pending_json(*view, asked));
}

struct KeptChat {
    JobView view;
    DurableRecord record;
};

Task<Result<KeptChat>> find(Gateway& gateway, Exchange& exchange, std::string text) {
    Error missing =
        caller_fault("No chat completion with id '" + one_line(text, 80) + "' was kept.", "not_found").error();
    missing.http_status = 404;
    const auto id = id_behind(id_prefix, text);
    if (!id || gateway.calls() == nullptr) co_return fail(missing);
    auto view = co_await gateway.calls()->show(principal_of(exchange), *id);
    if (!view) co_return fail(view.error().code == "not_found" ? missing : view.error());
    const auto call = co_await gateway.calls()->record(principal_of(exchange), *id);
    if (!call) co_return fail(call.error().code == "not_found" ? missing : call.error());
    KeptChat kept{.view = std::move(*view), .record = durable_record(call->record)};
    if (kept.record.surface == "responses") co_return fail(missing);
    co_return kept;
}

/// An end without an answer, as the error that its caller would have read.
Error ended(const JobView& view) {
    TurnEvent event{.kind = Kind::dead, .text = view.reason};
    if (view.state == JobState::cancelled) event.kind = Kind::cancelled;
    if (view.state == JobState::expired) event.kind = Kind::expired;
    if (view.state == JobState::refused) {
        event.kind = Kind::refused;
        event.error = caller_fault(view.reason, "refused").error();
    }
    return error_of(event);
}

}  // namespace

bool is_durable_chat(const Exchange& exchange, const CallerBody& body) {
    if (exchange.gateway.calls() == nullptr) return false;
    if (!idempotency_key(exchange.request).empty() || prefers_async(exchange.request)) return true;
    return exchange.dialect == Dialect::openai && body.json.find("\"store\"") != std::string_view::npos &&
           wishes_of(body.json).store;
}

Task<void> serve_durable_chat(Gateway& gateway, Exchange& exchange, const CallerBody& body, ModelChoice choice) {
    const ChatWishes wishes = wishes_of(body.json);
    if (auto error = unfit(body, wishes)) {
        (void)co_await exchange.refuse(std::move(*error));
        co_return;
    }
    auto message = durable_message(gateway, exchange);
    if (!message) {
        (void)co_await exchange.refuse(std::move(message.error()));
        co_return;
    }
    message->user = wishes.user;
    message->text = question_of(body);
    message->model = std::move(choice.model);
    message->provider = std::move(choice.only);
    message->body = std::string(body.json);
    message->dialect = body.dialect == Dialect::ollama ? "ollama" : "openai";
    message->record = to_json(DurableRecord{.surface = std::string(surface_of(body.dialect)),
                                            .background = prefers_async(exchange.request),
                                            .asked = body.model,
                                            .webhook = std::string(exchange.request.header("x-evenkeel-webhook"))});
    auto stream = co_await gateway.calls()->submit(std::move(*message));
    if (!stream) {
        if (stream.error().code == "conflict") stream.error().http_status = 422;
        (void)co_await exchange.refuse(std::move(stream.error()));
        co_return;
    }
    if (prefers_async(exchange.request)) {
        const auto first = co_await (*stream)->next();
        if (first && *first) co_return co_await accepted(gateway, exchange, (*first)->id, body.model);
    }
    Waiting waiting(gateway, exchange, body);
    co_await waiting.run(**stream);
}

Task<void> serve_chat_completion(Gateway& gateway, Exchange& exchange) {
    const std::string text(std::string_view(exchange.request.path).substr(folder.size()));
    auto kept = co_await find(gateway, exchange, text);
    if (!kept) {
        (void)co_await exchange.refuse(std::move(kept.error()));
        co_return;
    }
    if (kept->view.answer) {
        tell_winner(exchange, *kept->view.answer);
        const Dialect dialect = kept->record.surface == "ollama" ? Dialect::ollama : Dialect::openai;
        const auto told = co_await exchange.answer_json(200, document_of(gateway.env(), dialect, kept->view));
        if (told) (void)co_await gateway.calls()->shown(kept->view.id);
        co_return;
    }
    if (!is_open(kept->view.state)) {
        (void)co_await exchange.refuse(ended(kept->view));
        co_return;
    }
    exchange.more_fields = poll_after;
    (void)co_await exchange.answer_json(202, pending_json(kept->view, kept->record.asked));
}

Task<void> serve_chat_completion_cancel(Gateway& gateway, Exchange& exchange) {
    constexpr std::string_view ending = "/cancel";
    std::string_view rest = std::string_view(exchange.request.path).substr(folder.size());
    const bool cancels = rest.ends_with(ending);
    if (cancels) rest.remove_suffix(ending.size());
    auto kept = co_await find(gateway, exchange, cancels ? std::string(rest) : std::string());
    if (!kept) {
        (void)co_await exchange.refuse(std::move(kept.error()));
        co_return;
    }
    if (is_open(kept->view.state)) {
        const auto done = co_await gateway.calls()->cancel(principal_of(exchange), kept->view.id);
        if (!done && done.error().code != "already_ended") {
            (void)co_await exchange.refuse(done.error());
            co_return;
        }
    }
    const auto now = co_await gateway.calls()->show(principal_of(exchange), kept->view.id);
    if (!now) {
        (void)co_await exchange.refuse(now.error());
        co_return;
    }
    (void)co_await exchange.answer_json(200, pending_json(*now, kept->record.asked));
}

Task<void> serve_chat_completion_delete(Gateway& gateway, Exchange& exchange) {
    const std::string text(std::string_view(exchange.request.path).substr(folder.size()));
    auto kept = co_await find(gateway, exchange, text);
    if (!kept) {
        (void)co_await exchange.refuse(std::move(kept.error()));
        co_return;
    }
    const auto removed = co_await gateway.calls()->remove(principal_of(exchange), kept->view.id);
    if (!removed) {
        (void)co_await exchange.refuse(removed.error());
        co_return;
    }
    std::string out;
    JsonWriter json(out);
    json.object().member("id", text).member("object", "chat.completion.deleted").member("deleted", true).end_object();
    (void)co_await exchange.answer_json(200, out);
}

}  // namespace evenkeel
