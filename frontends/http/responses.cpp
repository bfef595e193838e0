// POST /v1/responses and what may be done with a response by its id.
#include <algorithm>
#include <charconv>
#include <utility>

#include "core/async.hpp"
#include "core/json_writer.hpp"
#include "core/text.hpp"
#include "frontends/http/durable.hpp"
#include "frontends/http/endpoints.hpp"
#include "frontends/http/responses_events.hpp"
#include "frontends/http/responses_live.hpp"
#include "frontends/http/responses_request.hpp"
#include "net/url.hpp"

namespace evenkeel {
namespace {

constexpr std::string_view id_prefix = "resp_";
constexpr std::size_t items_page = 20, items_page_max = 100;  // OpenAI's own.

Error not_found(std::string_view id) {
    Error error = caller_fault("Response with id '" + one_line(id, 80) + "' not found.", "not_found").error();
    error.http_status = 404;
    return error;
}

/// A response of this caller's, with what its surface kept.
struct Kept {
    JobView view;
    CallRecord call;
    DurableRecord record;
    ResponseView response() const { return response_view(view, record.echo, record.background); }
};

Task<Result<Kept>> find(Gateway& gateway, Exchange& exchange, std::string text) {
    const auto id = id_behind(id_prefix, text);
    if (!id || gateway.calls() == nullptr) co_return fail(not_found(text));
    const std::string principal = principal_of(exchange);
    auto view = co_await gateway.calls()->show(principal, *id);
    if (!view) co_return fail(view.error().code == "not_found" ? not_found(text) : view.error());
    auto call = co_await gateway.calls()->record(principal, *id);
    if (!call) co_return fail(call.error().code == "not_found" ? not_found(text) : call.error());
    Kept kept{.view = std::move(*view), .call = std::move(*call), .record = {}};
    kept.record = durable_record(kept.call.record);
    if (kept.record.surface != "responses") co_return fail(not_found(text));
    co_return kept;
}

/// What was said before, where the request goes on from an earlier response.
Task<Result<std::string>> earlier(Gateway& gateway, Exchange& exchange, const ResponsesRequest& request) {
    if (request.previous_response_id.empty()) co_return std::string();
    const auto before = co_await find(gateway, exchange, request.previous_response_id);
    if (!before) {
        if (before.error().http_status != 404) co_return fail(before.error());
        co_return caller_fault(
            "Previous response with id '" + one_line(request.previous_response_id, 80) + "' not found.",
            "previous_response_not_found");
    }
    if (!before->view.answer)
        co_return caller_fault("The response named by 'previous_response_id' has no answer: it is " +
                                   std::string(to_string(before->response().status)) + ".",
                               "previous_response_not_completed");
    co_return earlier_messages(before->call.body, before->record.echo, before->view.id, *before->view.answer);
}

/// Follows a response to its end, telling what comes behind `behind`.
class Following {
public:
    Following(Gateway& gateway, Exchange& exchange, ResponseView head, bool background, std::int64_t behind)
        : gateway_(gateway), exchange_(exchange), head_(head), events_(head, background, behind) {}

    Task<void> run(TurnStream& stream, const DurableRecord& record) {
        events_.begin(out_);
        for (;;) {
            if (sink_.has_begun() || record.background)
                if (!co_await sink_.send(out_)) co_return;
            auto event = co_await next_until(gateway_, stream, gateway_.env().now() + keep_alive_every);
            if (!event) co_return co_await broken(std::move(event.error()));
            if (!*event) {
                if (sink_.has_begun()) out_ += keep_alive_comment;
                continue;
            }
            if (!co_await take(**event, record)) break;
        }
        if (co_await sink_.send(out_)) co_await sink_.finish();
    }

private:
    using Kind = TurnEvent::Kind;

    /// False: that was the last.
    Task<bool> take(const TurnEvent& event, const DurableRecord& record) {
        switch (event.kind) {
            case Kind::accepted:
            case Kind::queued: co_return true;
            case Kind::progress: events_.in_progress(out_); co_return true;
            case Kind::restarted:
                if (!events_.has_spoken()) co_return true;
                events_.lost(out_);
                co_return false;
            case Kind::delta:
                if (!sink_.has_begun()) tell_winner(exchange_, event);
                if (events_.pieces(event.beginning, event.pieces, out_)) {
                    co_return co_await sink_.send(out_);
                }
                co_return co_await lost();
            default: co_return co_await end(event, record);
        }
    }

    Task<bool> end(const TurnEvent& event, const DurableRecord& record) {
        auto view = co_await gateway_.calls()->show(principal_of(exchange_), head_.id);
        if (!view) {
            co_await broken(std::move(view.error()));
            co_return false;
        }
        if (view->answer) tell_winner(exchange_, *view->answer);
        if (event.kind != Kind::answered) exchange_.error = error_of(event);
        if (!events_.end(response_view(*view, record.echo, record.background), out_)) co_return co_await lost();
        const bool read = co_await sink_.send(out_);
        if (read && view->answer) (void)co_await gateway_.calls()->shown(head_.id);
        co_return false;
    }

    Task<bool> lost() {
        if (sink_.has_begun()) {
            events_.lost(out_);
            co_return false;
        }
        out_.clear();
        Error error =
            caller_fault("The answer was begun anew since you read it; fetch the whole by GET /v1/responses/" +
                             std::string(id_prefix) + hex_of(head_.id) + ".",
                         "stream_position_lost")
                .error();
        error.http_status = 410;
        (void)co_await exchange_.refuse(std::move(error));
        co_return false;
    }

    Task<void> broken(Error error) {
        if (!sink_.has_begun()) {
            (void)co_await exchange_.refuse(std::move(error));
            co_return;
        }
        exchange_.error = error;
        events_.error(error.code, error.detail, out_);
        if (co_await sink_.send(out_)) co_await sink_.finish();
    }

    Gateway& gateway_;
    Exchange& exchange_;
    ResponseView head_;
    ResponseEvents events_;
    EventSink sink_{exchange_, sse_type};
    std::string out_;
};

/// One that just came in, up to its first words or its end: until then an error keeps its status.
class Creating {
public:
    Creating(Gateway& gateway, Exchange& exchange, const ResponsesRequest& request)
        : gateway_(gateway), exchange_(exchange), request_(request) {}

    Task<void> run(ModelChoice choice) {
        auto before = co_await earlier(gateway_, exchange_, request_);
        if (!before) co_return co_await refuse(std::move(before.error()));
        std::string body = chat_body_of(request_, *before);
        if (!request_.store && idempotency_key(exchange_.request).empty())
            co_return co_await relay_response(gateway_, exchange_, request_, std::move(choice), std::move(body));
        auto message = durable_message(gateway_, exchange_);
        if (!message) co_return co_await refuse(std::move(message.error()));
        record_ = {.surface = "responses",
                   .background = request_.background,
                   .asked = request_.model,
                   .echo = request_.echo,
                   .webhook = std::string(exchange_.request.header("x-evenkeel-webhook"))};
        message->user = request_.user;
        message->text = request_.question;
        message->model = std::move(choice.model);
        message->provider = std::move(choice.only);
        message->body = std::move(body);
        message->dialect = "openai";
        message->record = to_json(record_);
        auto stream = co_await gateway_.calls()->submit(std::move(*message));
        if (!stream) co_return co_await refuse(std::move(stream.error()));
        co_await answer(**stream);
    }

private:
    using Kind = TurnEvent::Kind;

    Task<void> refuse(Error error) {
        if (error.code == "conflict") error.http_status = 422;
        (void)co_await exchange_.refuse(std::move(error));
    }

    Task<Result<JobView>> view() { return gateway_.calls()->show(principal_of(exchange_), id_); }

    Task<void> answer(TurnStream& stream) {
        auto first = co_await stream.next();
        if (!first || !*first) co_return co_await refuse(first ? gone() : std::move(first.error()));
        id_ = (*first)->id;
        if (request_.background && !request_.stream) co_return co_await show();
        if (request_.background) co_return co_await follow(stream);
        co_await wait(stream);
    }

    Task<void> follow(TurnStream& stream) {
        auto now = co_await view();
        if (!now) co_return co_await refuse(std::move(now.error()));
        Following following(gateway_, exchange_, response_view(*now, record_.echo, record_.background),
                            record_.background, -1);
        co_await following.run(stream, record_);
    }

    Task<void> show() {
        auto now = co_await view();
        if (!now) co_return co_await refuse(std::move(now.error()));
        if (now->answer) tell_winner(exchange_, *now->answer);
        const auto told =
            co_await exchange_.answer_json(200, response_json(response_view(*now, record_.echo, record_.background)));
        if (told && now->answer) (void)co_await gateway_.calls()->shown(id_);
    }

    /// Somebody waits for the answer itself.
    Task<void> wait(TurnStream& stream) {
        for (;;) {
            auto event = co_await next_until(gateway_, stream, exchange_.call.deadline);
            if (!event) co_return co_await refuse(std::move(event.error()));
            if (!*event) co_return co_await give_up(gone());
            switch ((*event)->kind) {
                case Kind::delta:
                    if (!request_.stream) continue;
                    co_return co_await replay();
                case Kind::answered: co_return co_await (request_.stream ? replay() : show());
                case Kind::queued:
                    if (!(*event)->error) continue;  // It waits its turn, and somebody can answer.
                    co_return co_await give_up(error_of(**event));
                case Kind::cancelled:
                case Kind::refused:
                case Kind::expired:
                case Kind::dead: co_return co_await refuse(error_of(**event));
                default: continue;
            }
        }
    }

    /// From the start: the stream that waited has told its first words already.
    Task<void> replay() {
        auto again = co_await gateway_.calls()->follow(principal_of(exchange_), id_);
        if (!again) co_return co_await refuse(std::move(again.error()));
        co_await follow(**again);
    }

    /// Nobody can answer now. Who named no key could not fetch a late answer, so none is made.
    Task<void> give_up(Error error) {
        if (idempotency_key(exchange_.request).empty())
            (void)co_await gateway_.calls()->cancel(principal_of(exchange_), id_);
        co_await refuse(std::move(error));
    }

    static Error gone() {
        return provider_fault(ErrorClass::silent, Scope::provider, "no answer came in time", "timeout").error();
    }

    Gateway& gateway_;
    Exchange& exchange_;
    const ResponsesRequest& request_;
    DurableRecord record_;
    Id id_;
};

struct Wanted {
    bool stream = false;
    std::int64_t behind = -1;
    std::string order = "desc", after;
    std::size_t limit = items_page;
};

Result<Wanted> wanted_of(std::string_view query) {
    Wanted wanted;
    const auto pairs = parse_query(query);
    if (!pairs) return caller_fault("the query holds a broken escape", "invalid_value");
    for (const auto& [name, value] : *pairs) {
        const auto number = [&value]() -> std::optional<std::int64_t> {
            std::int64_t read = 0;
            const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), read);
            if (error != std::errc{} || end != value.data() + value.size() || read < 0) return std::nullopt;
            return read;
        };
        if (name == "stream") wanted.stream = value == "true" || value == "1";
        if (name == "order" && (value == "asc" || value == "desc")) wanted.order = value;
        if (name == "after") wanted.after = value;
        if (name == "starting_after") {
            if (!number()) return caller_fault("'starting_after' is a whole number from 0", "invalid_value");
            wanted.behind = *number();
        }
        if (name == "limit") {
            if (!number() || *number() < 1 || *number() > static_cast<std::int64_t>(items_page_max))
                return caller_fault("'limit' is a number from 1 to 100", "invalid_value");
            wanted.limit = static_cast<std::size_t>(*number());
        }
    }
    return wanted;
}

Task<void> show(Gateway& gateway, Exchange& exchange, const Kept& kept, const Wanted& wanted) {
    if (!wanted.stream) {
        if (kept.view.answer) tell_winner(exchange, *kept.view.answer);
        const auto told = co_await exchange.answer_json(200, response_json(kept.response()));
        if (told && kept.view.answer) (void)co_await gateway.calls()->shown(kept.view.id);
        co_return;
    }
    auto stream = co_await gateway.calls()->follow(principal_of(exchange), kept.view.id);
    if (!stream) {
        (void)co_await exchange.refuse(std::move(stream.error()));
        co_return;
    }
    Following following(gateway, exchange, kept.response(), kept.record.background, wanted.behind);
    co_await following.run(**stream, kept.record);
}

Task<void> cancel(Gateway& gateway, Exchange& exchange, const Kept& kept) {
    if (is_open(kept.view.state)) {
        const auto done = co_await gateway.calls()->cancel(principal_of(exchange), kept.view.id);
        if (!done && done.error().code != "already_ended") {
            (void)co_await exchange.refuse(done.error());
            co_return;
        }
    }
    const auto now = co_await gateway.calls()->show(principal_of(exchange), kept.view.id);
    if (!now) {
        (void)co_await exchange.refuse(now.error());
        co_return;
    }
    (void)co_await exchange.answer_json(200,
                                        response_json(response_view(*now, kept.record.echo, kept.record.background)));
}

/// One page of the items, as the SDKs' cursors want it.
std::string page_of(std::string_view items_json, const Wanted& wanted) {
    JsonDoc document;
    std::vector<Json> items;
    if (const auto root = document.parse(items_json)) items = root->elements();
    if (wanted.order == "desc") std::ranges::reverse(items);
    auto from = items.begin();
    if (!wanted.after.empty()) {
        from = std::ranges::find_if(items, [&](Json item) { return item["id"].string_or("") == wanted.after; });
        if (from != items.end()) ++from;
    }
    const auto rest = static_cast<std::size_t>(items.end() - from);
    const auto to = from + static_cast<std::ptrdiff_t>(std::min(rest, wanted.limit));
    std::string out;
    JsonWriter json(out);
    json.object().member("object", "list").name("data").array();
    for (auto item = from; item != to; ++item) json.raw(item->to_text());
    json.end_array().name("first_id");
    from == to ? json.null() : json.value((*from)["id"].string_or(""));
    json.name("last_id");
    from == to ? json.null() : json.value((*std::prev(to))["id"].string_or(""));
    json.member("has_more", rest > wanted.limit).end_object();
    return out;
}

Task<void> show_items(Exchange& exchange, const Kept& kept, const Wanted& wanted) {
    const auto items = input_items_of(kept.call.body, kept.record.echo, kept.view.id);
    if (!items) {
        (void)co_await exchange.refuse(items.error());
        co_return;
    }
    (void)co_await exchange.answer_json(200, page_of(*items, wanted));
}

}  // namespace

Task<void> serve_responses(Gateway& gateway, Exchange& exchange) {
    auto request = read_responses_request(exchange.request.body);
    if (!request) {
        (void)co_await exchange.refuse(std::move(request.error()));
        co_return;
    }
    exchange.model_asked = request->model;
    exchange.streamed = request->stream;
    auto choice = gateway.models().choose(request->model);
    if (!choice) {
        (void)co_await exchange.refuse(std::move(choice.error()));
        co_return;
    }
    Creating creating(gateway, exchange, *request);
    co_await creating.run(std::move(*choice));
}

Task<void> serve_response(Gateway& gateway, Exchange& exchange) {
    constexpr std::string_view folder = "/v1/responses/", items = "/input_items";
    std::string_view rest = std::string_view(exchange.request.path).substr(folder.size());
    const bool wants_items = rest.ends_with(items);
    if (wants_items) rest.remove_suffix(items.size());
    const auto wanted = wanted_of(exchange.request.query);
    const auto kept = co_await find(gateway, exchange, std::string(rest));
    if (!kept || !wanted) {
        (void)co_await exchange.refuse(kept ? wanted.error() : kept.error());
        co_return;
    }
    if (wants_items) co_return co_await show_items(exchange, *kept, *wanted);
    co_await show(gateway, exchange, *kept, *wanted);
}

Task<void> serve_response_cancel(Gateway& gateway, Exchange& exchange) {
    constexpr std::string_view folder = "/v1/responses/", ending = "/cancel";
    std::string_view rest = std::string_view(exchange.request.path).substr(folder.size());
    if (!rest.ends_with(ending)) {
        Error error =
            caller_fault("Invalid URL (POST " + one_line(exchange.request.path, 80) + ")", "unknown_url").error();
        error.http_status = 404;
        (void)co_await exchange.refuse(std::move(error));
        co_return;
    }
    rest.remove_suffix(ending.size());
    const auto kept = co_await find(gateway, exchange, std::string(rest));
    if (!kept) {
        (void)co_await exchange.refuse(kept.error());
        co_return;
    }
    co_await cancel(gateway, exchange, *kept);
}

Task<void> serve_response_delete(Gateway& gateway, Exchange& exchange) {
    constexpr std::string_view folder = "/v1/responses/";
    const std::string text(std::string_view(exchange.request.path).substr(folder.size()));
    const auto kept = co_await find(gateway, exchange, text);
    if (!kept) {
        (void)co_await exchange.refuse(kept.error());
        co_return;
    }
    const auto removed = co_await gateway.calls()->remove(principal_of(exchange), kept->view.id);
    if (!removed) {
        (void)co_await exchange.refuse(removed.error());
        co_return;
    }
    std::string out;
    JsonWriter(out).object().member("id", text).member("object", "response").member("deleted", true).end_object();
    (void)co_await exchange.answer_json(200, out);
}

}  // namespace evenkeel
