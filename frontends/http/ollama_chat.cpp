#include "frontends/http/ollama_chat.hpp"

#include <string>
#include <utility>

#include "core/json.hpp"
#include "core/json_writer.hpp"
#include "core/text.hpp"
#include "frontends/http/endpoints.hpp"
#include "frontends/http/ollama_models.hpp"

namespace evenkeel {
namespace {

/// `keep_alive` of nothing, as a number or a duration: the model shall leave the memory.
bool unloads(std::string_view body) {
    JsonDoc document;
    const auto root = document.parse(body);
    if (!root) return false;
    const Json keep = (*root)["keep_alive"];
    return keep.number() == 0.0 || keep.string() == "0" || keep.string() == "0s" || keep.string() == "0m";
}

/// One object, even where a stream was asked; so does Ollama.
std::string loaded(const Exchange& exchange, WallTime now, bool generates) {
    std::string out;
    JsonWriter json(out);
    json.object().member("model", exchange.model_asked.empty() ? any_model : exchange.model_asked);
    json.member("created_at", std::string_view(format_wall(now)));
    if (generates)
        json.member("response", "");
    else
        json.name("message").object().member("role", "assistant").member("content", "").end_object();
    json.member("done", true).member("done_reason", unloads(exchange.body->json) ? "unload" : "load").end_object();
    return out;
}

bool has_messages(const CallerBody& body) noexcept {
    return !trimmed(body.slices.messages.substr(1, body.slices.messages.size() - 2)).empty();
}

}  // namespace

Task<void> answer_ollama(Gateway& gateway, Exchange& exchange, MakeReplyWriter make_writer) {
    exchange.model_asked = exchange.body->model;
    auto choice = choose_ollama_model(gateway.models(), exchange.model_asked);
    if (!choice) {
        (void)co_await exchange.refuse(std::move(choice.error()));
        co_return;
    }
    if (!has_messages(*exchange.body)) {
        (void)co_await exchange.answer_json(200, loaded(exchange, gateway.env().wall(), make_writer != nullptr));
        co_return;
    }
    ChatRequest request;
    request.model = std::move(choice->model);
    request.body = &*exchange.body;
    request.stream = exchange.body->stream;
    exchange.call.only = std::move(choice->only);
    co_await relay_as(gateway, exchange, request, make_writer);
}

Task<void> serve_ollama_chat(Gateway& gateway, Exchange& exchange) {
    auto body = parse_caller_body(exchange.dialect, exchange.request.body);
    if (!body) {
        (void)co_await exchange.refuse(std::move(body.error()));
        co_return;
    }
    exchange.body = std::move(*body);
    co_await answer_ollama(gateway, exchange, nullptr);
}

}  // namespace evenkeel
