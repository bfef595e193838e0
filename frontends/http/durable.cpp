#include "frontends/http/durable.hpp"

#include <algorithm>
#include <utility>

#include "core/async.hpp"
#include "core/json_writer.hpp"
#include "core/text.hpp"
#include "frontends/http/endpoints.hpp"
#include "frontends/http/webhook_courier.hpp"
#include "frontends/http/webhook_signature.hpp"

namespace evenkeel {
namespace {

constexpr std::size_t key_bytes_max = 255;
constexpr std::string_view without_keys = "local";  ///< Who asks where no key is set.

/// May an answer be sent to this URL? Never without a key.
bool may_call_back(const Exchange& exchange, std::string_view url) {
    const WebhookRules* const rules = exchange.gateway.webhooks();
    return rules != nullptr && !exchange.key.is_nil() && webhook_target(url) &&
           rules->verdict(principal_of(exchange), url) != WebhookRules::Verdict::refused;
}

}  // namespace

std::string to_json(const DurableRecord& record) {
    std::string out;
    JsonWriter json(out);
    json.object().member("surface", record.surface).member("background", record.background);
    json.member("asked", record.asked).member("webhook", record.webhook).name("echo");
    record.echo.empty() ? json.null() : json.raw(record.echo);
    json.end_object();
    return out;
}

DurableRecord durable_record(std::string_view json) {
    JsonDoc document;
    const auto root = document.parse(json);
    if (!root) return {};
    return {.surface = std::string((*root)["surface"].string_or("")),
            .background = (*root)["background"].boolean().value_or(false),
            .asked = std::string((*root)["asked"].string_or("")),
            .echo = (*root)["echo"].is_object() ? (*root)["echo"].to_text() : std::string(),
            .webhook = std::string((*root)["webhook"].string_or(""))};
}

std::string principal_of(const Exchange& exchange) {
    return exchange.key.is_nil() ? std::string(without_keys) : to_string(exchange.key);
}

bool prefers_async(const HttpIncoming& request) noexcept {
    std::string_view rest = request.header("prefer");
    while (!rest.empty()) {
        const std::size_t comma = rest.find(',');
        const std::string_view one = rest.substr(0, comma);
        if (equals_ignoring_case(trimmed(one.substr(0, one.find(';'))), "respond-async")) return true;
        rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    }
    return false;
}

std::string_view idempotency_key(const HttpIncoming& request) noexcept { return request.header("idempotency-key"); }

Result<Inbound> durable_message(Gateway& gateway, Exchange& exchange) {
    const std::string_view key = idempotency_key(exchange.request),
                           webhook = exchange.request.header("x-evenkeel-webhook");
    if (key.size() > key_bytes_max) return caller_fault("Idempotency-Key has more than 255 bytes", "invalid_value");
    if (!webhook.empty() && !may_call_back(exchange, webhook)) {
        Error error = caller_fault(
                          "this key does not allow call-backs to that address; "
                          "'evenkeel key create --webhook URL' makes one that does",
                          "webhook_not_allowed", ErrorClass::policy)
                          .error();
        error.http_status = 403;
        return fail(std::move(error));
    }
    Inbound message{.frontend = webhook.empty() ? std::string(pulled) : std::string(webhook_frontend),
                    .principal = principal_of(exchange),
                    .conversation = "call " + to_string(gateway.next_id()),
                    .idempotency_key = std::string(key),
                    .is_private = exchange.call.local_only,
                    .ttl = gateway.options().ttl};
    if (!key.empty())
        message.fingerprint =
            fingerprint_of(exchange.request.path + "\n" + std::string(webhook) + "\n" +
                           (prefers_async(exchange.request) ? "async\n" : "\n") + exchange.request.body);
    return message;
}

Task<Result<std::optional<TurnEvent>>> next_until(Gateway& gateway, TurnStream& stream, Instant deadline) {
    auto event = co_await until(gateway.env().scheduler, deadline, stream.next());
    if (!event) co_return std::nullopt;
    co_return std::move(*event);
}

Error error_of(const TurnEvent& event) {
    using Kind = TurnEvent::Kind;
    Error error = event.error.value_or(Error{.cls = ErrorClass::transient, .origin = Origin::provider});
    if (!event.text.empty()) error.detail = event.text;
    switch (event.kind) {
        case Kind::queued:
            error.retry_after = event.eta ? event.eta : error.retry_after;
            // Whatever it was that broke last: nobody can answer now, and later somebody will.
            if (error.cls == ErrorClass::request || error.cls == ErrorClass::account) error.cls = ErrorClass::transient;
            break;
        case Kind::cancelled:
            error = caller_fault("this call was cancelled", "cancelled").error();
            error.http_status = 409;
            break;
        case Kind::expired: error.cls = ErrorClass::transient; break;
        default: break;
    }
    return error;
}

void tell_winner(Exchange& exchange, const Answer& answer) {
    exchange.kept = true;
    exchange.call.attempts = answer.attempts;
    exchange.won.reset();
    for (std::size_t i = 0; i < answer.attempts.size(); ++i)
        if (answer.attempts[i].outcome == Attempt::Outcome::answered) exchange.won = i;
}

void tell_winner(Exchange& exchange, const TurnEvent& delta) {
    exchange.kept = true;
    exchange.call.attempts.assign(std::max<std::size_t>(delta.tries, 1), Attempt{.outcome = Attempt::Outcome::failed});
    exchange.call.attempts.back() = {
        .provider = delta.provider, .model = delta.model, .outcome = Attempt::Outcome::running};
    exchange.won = exchange.call.attempts.size() - 1;
}

Task<void> serve_webhook_secret(Gateway& gateway, Exchange& exchange) {
    if (gateway.webhooks() == nullptr || exchange.key.is_nil()) {
        Error error = caller_fault("there are no call-backs without a key", "not_found").error();
        error.http_status = 404;
        (void)co_await exchange.refuse(std::move(error));
        co_return;
    }
    std::string out;
    JsonWriter(out)
        .object()
        .member("secret", webhook_secret_text(gateway.webhooks()->key(principal_of(exchange))))
        .end_object();
    (void)co_await exchange.answer_json(200, out);
}

Task<bool> EventSink::send(std::string& out) {
    if (out.empty()) co_return true;
    exchange_.bytes_out += out.size();
    const std::string bytes = std::exchange(out, {});
    if (begun_) {
        const auto written = co_await exchange_.responder.write(bytes);
        co_return written.has_value();
    }
    begun_ = true;
    exchange_.status = 200;
    exchange_.streamed = true;
    const FieldLines lines = exchange_.fields("Content-Type: " + std::string(type_) +
                                              "\r\nCache-Control: no-cache\r\nX-Accel-Buffering: no\r\n");
    const auto started = co_await exchange_.responder.begin(200, lines, bytes);
    co_return started.has_value();
}

Task<void> EventSink::finish() {
    if (begun_) (void)co_await exchange_.responder.finish();
}

}  // namespace evenkeel
