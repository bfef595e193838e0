#include "telemetry/request_record.hpp"

#include "core/json_writer.hpp"
#include "core/text.hpp"

namespace evenkeel {
namespace {

/// Callers choose the name of a model; a log line is no place for a letter.
constexpr std::size_t model_bytes_max = 128;

template <class T>
void write_known(JsonWriter& json, std::string_view name, const std::optional<T>& value) {
    json.name(name);
    if (value)
        json.value(*value);
    else
        json.null();
}

void write_millis(JsonWriter& json, std::string_view name, const std::optional<Millis>& span) {
    write_known(json, name, span ? std::optional(static_cast<std::int64_t>(span->count())) : std::nullopt);
}

void write_usage(JsonWriter& json, const std::optional<Usage>& usage) {
    json.name("tokens");
    if (!usage) {
        json.null();
        return;
    }
    json.object().member("input", usage->input).member("output", usage->output);
    json.member("estimated", usage->estimated).end_object();
}

void write_text(JsonWriter& json, std::string_view name, std::string_view text) {
    json.name(name);
    if (text.empty())
        json.null();
    else
        json.value(utf8_prefix(text, model_bytes_max));
}

void write_attempt(JsonWriter& json, const Attempt& attempt) {
    json.object();
    json.member("provider", std::string_view(attempt.provider)).member("model", std::string_view(attempt.model));
    json.member("outcome", to_string(attempt.outcome));
    if (attempt.error) {
        json.member("class", to_string(attempt.error->cls));
        write_text(json, "code", attempt.error->code);
        json.member("http_status", attempt.error->http_status);
        write_millis(json, "retry_after_ms", attempt.error->retry_after);
    }
    json.member("ms", static_cast<std::int64_t>(attempt.took.count()));
    write_millis(json, "first_content_ms", attempt.first_content_after);
    write_usage(json, attempt.usage);
    write_known(json, "cost_usd", attempt.cost_usd);
    if (attempt.probe) json.member("probe", true);
    json.end_object();
}

/// Of all tries together; empty where that of one which used tokens is unknown.
std::optional<double> cost_of(std::span<const Attempt> attempts) {
    double sum = 0;
    for (const Attempt& attempt : attempts) {
        if (!attempt.usage) continue;
        if (!attempt.cost_usd) return std::nullopt;
        sum += *attempt.cost_usd;
    }
    return sum;
}

}  // namespace

std::optional<Millis> first_content_after(const RequestRecord& record) noexcept {
    const Attempt* won = record.winner();
    if (won == nullptr || !won->first_content_after) return std::nullopt;
    // The tries before it came one after the other; what they took, this one waited.
    Millis waited{0};
    for (const Attempt& attempt : record.attempts.first(*record.won)) waited += attempt.took;
    return waited + *won->first_content_after;
}

void append_record(std::string& out, const RequestRecord& record) {
    JsonWriter json(out);
    json.object().member("time", std::string_view(format_wall(record.ended)));
    json.member("id", std::string_view(to_string(record.id))).member("method", record.method);
    write_text(json, "route", record.route);
    json.member("status", record.status);
    write_text(json, "key", record.key);
    write_text(json, "model", record.model_asked);
    json.member("stream", record.streamed);
    const Attempt* won = record.winner();
    write_text(json, "provider", won != nullptr ? std::string_view(won->provider) : std::string_view());
    write_text(json, "answered_model", won != nullptr ? std::string_view(won->model) : std::string_view());
    json.member("degraded", record.degraded).member("ms", static_cast<std::int64_t>(record.took.count()));
    write_millis(json, "first_content_ms", first_content_after(record));
    write_usage(json, won != nullptr ? won->usage : std::nullopt);
    write_known(json, "cost_usd", cost_of(record.attempts));
    json.member("bytes_in", record.bytes_in).member("bytes_out", record.bytes_out);
    json.name("error");
    if (record.error != nullptr) {
        json.object().member("class", to_string(record.error->cls));
        write_text(json, "code", record.error->code);
        json.end_object();
    } else {
        json.null();
    }
    json.name("attempts").array();
    for (const Attempt& attempt : record.attempts) write_attempt(json, attempt);
    json.end_array().end_object();
}

}  // namespace evenkeel
