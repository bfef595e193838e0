#include "chat/turn_json.hpp"

#include <array>

namespace evenkeel {
namespace {

template <class T>
void optional_member(JsonWriter& json, std::string_view name, const std::optional<T>& value) {
    json.name(name);
    if (value)
        json.value(*value);
    else
        json.null();
}
void optional_millis(JsonWriter& json, std::string_view name, std::optional<Millis> span) {
    optional_member(json, name, span ? std::optional<std::int64_t>(span->count()) : std::nullopt);
}
std::optional<Millis> millis(Json json) {
    const auto number = json.integer();
    return number ? std::optional(Millis{*number}) : std::nullopt;
}
std::int64_t at(WallTime time) { return time.time_since_epoch().count(); }
WallTime wall(Json json) { return WallTime{Millis{json.integer_or(0)}}; }
std::string text_of(Json json) { return std::string(json.string_or("")); }
bool truth(Json json) { return json.boolean().value_or(false); }

void write_tokens(JsonWriter& json, const Usage& usage) {
    json.name("tokens").object();
    json.member("input", usage.input).member("output", usage.output).member("estimated", usage.estimated);
    json.end_object();
}
Usage read_tokens(Json json) {
    return {.input = json["input"].integer_or(0),
            .output = json["output"].integer_or(0),
            .estimated = truth(json["estimated"])};
}

void write_attempt(JsonWriter& json, const Attempt& attempt) {
    json.object().member("provider", attempt.provider).member("model", attempt.model);
    json.member("outcome", to_string(attempt.outcome)).name("class");
    if (attempt.error)
        json.value(to_string(attempt.error->cls));
    else
        json.null();
    json.member("ms", static_cast<std::int64_t>(attempt.took.count()));
    if (attempt.error) {
        json.name("error").object();
        write_error(json, *attempt.error);
        json.end_object();
    }
    if (attempt.first_content_after) optional_millis(json, "first_token_ms", attempt.first_content_after);
    if (attempt.usage) write_tokens(json, *attempt.usage);
    if (attempt.cost_usd) json.member("cost_usd", *attempt.cost_usd);
    if (attempt.turns_left_out > 0) json.member("turns_left_out", attempt.turns_left_out);
    if (attempt.probe) json.member("probe", true);
    json.end_object();
}
Attempt read_attempt(Json json) {
    Attempt attempt{.provider = text_of(json["provider"]),
                    .model = text_of(json["model"]),
                    .outcome = outcome_from(json["outcome"].string_or("")).value_or(Attempt::Outcome::failed),
                    .took = Millis{json["ms"].integer_or(0)},
                    .first_content_after = millis(json["first_token_ms"]),
                    .cost_usd = json["cost_usd"].number(),
                    .turns_left_out = static_cast<std::uint32_t>(json["turns_left_out"].integer_or(0)),
                    .probe = truth(json["probe"])};
    if (json["error"].is_object()) attempt.error = read_error(json["error"]);
    if (json["tokens"].is_object()) attempt.usage = read_tokens(json["tokens"]);
    return attempt;
}

constexpr std::array delivery_kinds{Delivery::Kind::answer, Delivery::Kind::expired, Delivery::Kind::refused,
                                    Delivery::Kind::dead};
std::optional<Delivery::Kind> delivery_kind_from(std::string_view word) {
    for (const auto kind : delivery_kinds)
        if (to_string(kind) == word) return kind;
    return std::nullopt;
}

std::unexpected<Error> invalid(std::string detail) { return caller_fault(std::move(detail), "invalid_json"); }

/// Parses `text` into `doc`; an object, or an error.
Result<Json> object_in(JsonDoc& doc, std::string_view text) {
    auto json = doc.parse(text);
    if (!json) return invalid(json.error().detail);
    if (!json->is_object()) return invalid("an object was expected");
    return json;
}

}  // namespace

void write_answer(JsonWriter& json, const Answer& answer) {
    json.member("content", answer.text).member("provider", answer.provider).member("model", answer.model);
    json.member("degraded", answer.degraded).member("finish_reason", to_string(answer.finish));
    write_tokens(json, answer.usage);
    json.member("latency_ms", static_cast<std::int64_t>(answer.latency.count()));
    optional_millis(json, "first_token_ms", answer.first_token);
    optional_member(json, "cost_usd", answer.cost_usd);
    json.member("turns_left_out", answer.turns_left_out).name("attempts").array();
    for (const Attempt& attempt : answer.attempts) write_attempt(json, attempt);
    json.end_array();
}

Answer read_answer(Json json) {
    Answer answer{.text = text_of(json["content"]),
                  .provider = text_of(json["provider"]),
                  .model = text_of(json["model"]),
                  .finish = finish_reason_from(json["finish_reason"].string_or("")).value_or(FinishReason::stop),
                  .degraded = truth(json["degraded"]),
                  .usage = read_tokens(json["tokens"]),
                  .cost_usd = json["cost_usd"].number(),
                  .latency = Millis{json["latency_ms"].integer_or(0)},
                  .first_token = millis(json["first_token_ms"]),
                  .turns_left_out = static_cast<std::uint32_t>(json["turns_left_out"].integer_or(0))};
    for (const Json attempt : json["attempts"].elements()) answer.attempts.push_back(read_attempt(attempt));
    return answer;
}

void write_error(JsonWriter& json, const Error& error) {
    json.member("class", to_string(error.cls)).member("origin", to_string(error.origin));
    json.member("scope", to_string(error.scope)).member("status", error.http_status).member("code", error.code);
    optional_millis(json, "retry_after_ms", error.retry_after);
    json.member("detail", error.detail);
}

Error read_error(Json json) {
    return {.cls = error_class_from(json["class"].string_or("")).value_or(ErrorClass::internal),
            .origin = origin_from(json["origin"].string_or("")).value_or(Origin::self),
            .scope = scope_from(json["scope"].string_or("")).value_or(Scope::none),
            .http_status = static_cast<int>(json["status"].integer_or(0)),
            .code = text_of(json["code"]),
            .retry_after = millis(json["retry_after_ms"]),
            .detail = text_of(json["detail"])};
}

std::string to_json(const TurnEvent& event) {
    std::string out;
    JsonWriter json(out);
    json.object().member("event", to_string(event.kind)).member("id", to_string(event.id)).member("text", event.text);
    json.member("position", event.position);
    optional_millis(json, "eta_ms", event.eta);
    json.member("practice", event.practice);
    if (event.answer) {
        json.name("answer").object();
        write_answer(json, *event.answer);
        json.end_object();
    }
    if (event.error) {
        json.name("error").object();
        write_error(json, *event.error);
        json.end_object();
    }
    json.end_object();
    return out;
}

Result<TurnEvent> turn_event_from_json(std::string_view text) {
    JsonDoc doc;
    const auto json = object_in(doc, text);
    if (!json) return fail(json.error());
    const Json root = *json;
    const auto kind = turn_event_from(root["event"].string_or(""));
    const auto id = parse_id(root["id"].string_or(""));
    if (!kind || !id) return invalid("an event without its kind or id");
    TurnEvent event{.kind = *kind,
                    .id = *id,
                    .text = text_of(root["text"]),
                    .position = root["position"].integer_or(0),
                    .eta = millis(root["eta_ms"]),
                    .practice = truth(root["practice"])};
    if (root["answer"].is_object()) event.answer = read_answer(root["answer"]);
    if (root["error"].is_object()) event.error = read_error(root["error"]);
    return event;
}

std::string to_json(const Delivery& delivery) {
    std::string out;
    JsonWriter json(out);
    json.object().member("id", to_string(delivery.id)).member("kind", to_string(delivery.kind));
    json.member("frontend", delivery.frontend).member("principal", delivery.principal);
    json.member("conversation", delivery.conversation).member("question", delivery.question);
    json.member("asked_at", at(delivery.asked_at)).member("ended_at", at(delivery.ended_at));
    json.member("text", delivery.text);
    if (delivery.answer) {
        json.name("answer").object();
        write_answer(json, *delivery.answer);
        json.end_object();
    }
    json.end_object();
    return out;
}

Result<Delivery> delivery_from_json(std::string_view text) {
    JsonDoc doc;
    const auto json = object_in(doc, text);
    if (!json) return fail(json.error());
    const Json root = *json;
    const auto id = parse_id(root["id"].string_or(""));
    const auto kind = delivery_kind_from(root["kind"].string_or(""));
    if (!id || !kind) return invalid("a delivery without its kind or id");
    Delivery delivery{.id = *id,
                      .kind = *kind,
                      .frontend = text_of(root["frontend"]),
                      .principal = text_of(root["principal"]),
                      .conversation = text_of(root["conversation"]),
                      .question = text_of(root["question"]),
                      .asked_at = wall(root["asked_at"]),
                      .ended_at = wall(root["ended_at"]),
                      .text = text_of(root["text"])};
    if (root["answer"].is_object()) delivery.answer = read_answer(root["answer"]);
    return delivery;
}

std::string to_json(const Inbound& message) {
    std::string out;
    JsonWriter json(out);
    json.object().member("frontend", message.frontend).member("principal", message.principal);
    json.member("user", message.user).member("conversation", message.conversation);
    json.member("idempotency_key", message.idempotency_key).member("text", message.text);
    json.member("model", message.model).member("private", message.is_private);
    json.member("ttl_ms", static_cast<std::int64_t>(message.ttl.count())).end_object();
    return out;
}

Result<Inbound> inbound_from_json(std::string_view text) {
    JsonDoc doc;
    const auto json = object_in(doc, text);
    if (!json) return fail(json.error());
    const Json root = *json;
    Inbound message{.user = text_of(root["user"]),
                    .conversation = text_of(root["conversation"]),
                    .idempotency_key = text_of(root["idempotency_key"]),
                    .text = text_of(root["text"]),
                    .model = text_of(root["model"]),
                    .is_private = truth(root["private"])};
    message.frontend = root["frontend"].string_or(message.frontend);
    message.principal = root["principal"].string_or(message.principal);
    message.ttl = millis(root["ttl_ms"]).value_or(message.ttl);
    return message;
}

std::string answer_json(const Id& id, std::string_view conversation, const Answer& answer, bool practice) {
    std::string out;
    JsonWriter json(out);
    json.object().member("id", to_string(id)).member("conversation", conversation);
    write_answer(json, answer);
    json.member("practice", practice).end_object();
    return out;
}

}  // namespace evenkeel
