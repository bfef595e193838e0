#include "frontends/http/responses_object.hpp"

#include <array>
#include <utility>

#include "core/json.hpp"
#include "frontends/http/responses_request.hpp"

namespace evenkeel {
namespace {

std::int64_t seconds_of(WallTime when) { return std::chrono::duration_cast<Seconds>(when.time_since_epoch()).count(); }

void write_usage(JsonWriter& json, const Usage& usage) {
    json.object().member("input_tokens", usage.input);
    json.name("input_tokens_details").object().member("cached_tokens", 0).end_object();
    json.member("output_tokens", usage.output);
    json.name("output_tokens_details").object().member("reasoning_tokens", 0).end_object();
    json.member("total_tokens", usage.input + usage.output).end_object();
}

void write_error(JsonWriter& json, const ResponseView& view) {
    json.name("error");
    if (view.status != ResponseStatus::failed) {
        json.null();
        return;
    }
    json.object().member("code", view.refused ? "invalid_prompt" : "server_error").member("message", view.error);
    json.end_object();
}

void write_output(JsonWriter& json, const ResponseView& view) {
    json.name("output").array();
    if (view.answer) {
        const Transcript transcript = Transcript::of(*view.answer);
        OutputItems items(view.id);
        bool begun = false;
        for (std::size_t i = 0; i < transcript.size(); ++i) items.add(transcript.at(i), begun);
        for (const OutputItem& item : items.all()) write_output_item(json, item, true);
    }
    json.end_array();
}

}  // namespace

std::size_t OutputItems::add(const AnswerPiece& piece, bool& begun) {
    const bool is_call = piece.kind == AnswerPiece::Kind::tool_call;
    if (is_call && piece.call < calls_.size()) {
        begun = false;
        items_[calls_[piece.call]].text += piece.text;
        return calls_[piece.call];
    }
    begun = is_call || items_.empty() || items_.back().kind != piece.kind;
    if (begun) {
        const std::string number = items_.empty() ? "" : "_" + std::to_string(items_.size());
        const std::string_view prefix = is_call ? "fc_" : piece.kind == AnswerPiece::Kind::reasoning ? "rs_" : "msg_";
        items_.push_back({.kind = piece.kind, .id = std::string(prefix) + hex_of(response_) + number});
        if (is_call) {
            items_.back().call_id = call_id_of(piece.id, response_, calls_.size());
            items_.back().name = piece.name;
            calls_.push_back(items_.size() - 1);
        }
    }
    items_.back().text += piece.text;
    return items_.size() - 1;
}

void write_output_item(JsonWriter& json, const OutputItem& item, bool done) {
    json.object().member("id", item.id);
    const std::string_view text = done ? std::string_view(item.text) : std::string_view();
    switch (item.kind) {
        case AnswerPiece::Kind::content:
            json.member("type", "message").member("role", "assistant").name("content").array();
            if (done) {
                json.object().member("type", "output_text").member("text", text);
                json.name("annotations").array().end_array().name("logprobs").array().end_array().end_object();
            }
            json.end_array();
            break;
        case AnswerPiece::Kind::reasoning:
            json.member("type", "reasoning").name("summary").array().end_array().name("content").array();
            if (done) json.object().member("type", "reasoning_text").member("text", text).end_object();
            json.end_array();
            break;
        case AnswerPiece::Kind::tool_call:
            json.member("type", "function_call").member("call_id", item.call_id).member("name", item.name);
            json.member("arguments", text);
            break;
    }
    json.member("status", done ? "completed" : "in_progress").end_object();
}

std::string_view to_string(ResponseStatus status) noexcept {
    constexpr std::array<std::string_view, 6> words{"queued",     "in_progress", "completed",
                                                    "incomplete", "failed",      "cancelled"};
    return words[static_cast<std::size_t>(status)];
}

ResponseView response_view(const JobView& view, std::string_view echo, bool background) {
    ResponseView response{
        .id = view.id,
        .echo = echo,
        .created_at = view.accepted_at,
        .ended_at = view.ended_at,
        .model = view.message.model.empty() ? std::string_view("evenkeel") : std::string_view(view.message.model),
        .answer = view.answer ? &*view.answer : nullptr};
    switch (view.state) {
        case JobState::queued:
            response.status = background ? ResponseStatus::queued : ResponseStatus::in_progress;
            break;
        case JobState::working: response.status = ResponseStatus::in_progress; break;
        case JobState::cancelled: response.status = ResponseStatus::cancelled; break;
        case JobState::answered:
        case JobState::delivered: {
            const bool whole = view.answer && (view.answer->finish == FinishReason::stop ||
                                               view.answer->finish == FinishReason::tool_calls);
            response.status = !view.answer ? ResponseStatus::failed
                              : whole      ? ResponseStatus::completed
                                           : ResponseStatus::incomplete;
            if (view.answer) response.model = view.answer->model;
            break;
        }
        default: response.status = ResponseStatus::failed; break;
    }
    if (response.status == ResponseStatus::failed) {
        response.error = view.reason;
        response.refused = view.state == JobState::refused;
    }
    return response;
}

void write_response(JsonWriter& json, const ResponseView& view) {
    json.object().member("id", "resp_" + hex_of(view.id)).member("object", "response");
    json.member("created_at", seconds_of(view.created_at)).member("status", to_string(view.status));
    json.name("completed_at");
    view.status == ResponseStatus::completed&& view.ended_at ? json.value(seconds_of(*view.ended_at)) : json.null();
    write_error(json, view);
    json.name("incomplete_details");
    if (view.status == ResponseStatus::incomplete && view.answer)
        json.object()
            .member("reason", view.answer->finish == FinishReason::length ? "max_output_tokens" : "content_filter")
            .end_object();
    else
        json.null();
    json.member("model", view.model);
    write_output(json, view);
    json.name("usage");
    view.answer ? write_usage(json, view.answer->usage) : static_cast<void>(json.null());
    JsonDoc document;
    if (const auto echo = document.parse(view.echo))
        for (const auto& [name, value] : echo->members()) json.name(name).raw(value.to_text());
    json.end_object();
}

std::string response_json(const ResponseView& view) {
    std::string out;
    JsonWriter json(out);
    write_response(json, view);
    return out;
}

}  // namespace evenkeel
