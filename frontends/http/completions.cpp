#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "core/json.hpp"
#include "core/json_writer.hpp"
#include "frontends/http/endpoints.hpp"
#include "frontends/http/relay.hpp"

namespace evenkeel {
namespace {

std::unexpected<Error> not_here(std::string_view field, std::string_view why) {
    return caller_fault("'" + std::string(field) + "' cannot be used here: " + std::string(why),
                        "unsupported_parameter");
}

/// The one prompt: a string, or an array of one. Tokens mean nothing to another model than the one they were made for.
Result<std::string> prompt_of(Json prompt) {
    if (prompt.is_nothing()) return caller_fault("'prompt' is missing", "missing_field");
    if (prompt.size() > 1 && !prompt.at(0).string()) return not_here("prompt", "send text instead of tokens");
    if (prompt.size() > 1) return not_here("prompt", "one prompt a request is answered");
    const auto text = prompt.is_array() ? prompt.at(0).string() : prompt.string();
    if (!text) return caller_fault("'prompt' must be a string, or an array of one string", "invalid_value");
    return std::string(*text);
}

/// What only a model that continues raw text can do.
Result<void> check(Json root) {
    if (const Json echo = root["echo"]; !echo.is_nothing() && echo.boolean() != false)
        return not_here("echo", "the prompt is not part of a chat's answer");
    if (!root["logprobs"].is_nothing() && root["logprobs"].boolean() != false)
        return not_here("logprobs", "ask /v1/chat/completions for them");
    for (const char* name : {"best_of", "n"})
        if (!root[name].is_nothing() && root[name].integer() != 1)
            return not_here(name, "a prompt has one answer; ask /v1/chat/completions");
    if (const Json suffix = root["suffix"]; !suffix.is_nothing() && suffix.string() != "")
        return not_here("suffix", "providers of chat cannot fill in the middle of a text");
    return {};
}

/// The same question for `/v1/chat/completions`.
Result<std::string> chat_of(std::string_view body) {
    JsonDoc document;
    const auto parsed = document.parse(body);
    if (!parsed) return caller_fault("the body is no JSON: " + parsed.error().detail, "invalid_json");
    if (!parsed->is_object()) return caller_fault("the body must be a JSON object", "invalid_json");
    if (auto fit = check(*parsed); !fit) return fail(std::move(fit.error()));
    const auto prompt = prompt_of((*parsed)["prompt"]);
    if (!prompt) return fail(prompt.error());
    std::string out;
    JsonWriter json(out);
    json.object().name("messages").array().object().member("role", "user");
    json.member("content", std::string_view(*prompt)).end_object().end_array();
    constexpr std::array replaced =
        std::to_array<std::string_view>({"prompt", "echo", "logprobs", "best_of", "n", "suffix", "messages"});
    for (const auto& [name, value] : parsed->members())
        if (std::ranges::find(replaced, name) == replaced.end()) json.name(name).raw(value.to_text());
    json.end_object();
    return out;
}

}  // namespace

Task<void> serve_completions(Gateway& gateway, Exchange& exchange) {
    auto chat = chat_of(exchange.request.body);
    if (!chat) {
        (void)co_await exchange.refuse(std::move(chat.error()));
        co_return;
    }
    exchange.rewritten = std::move(*chat);
    auto body = parse_caller_body(exchange.dialect, exchange.rewritten);
    if (!body) {
        (void)co_await exchange.refuse(std::move(body.error()));
        co_return;
    }
    exchange.body = std::move(*body);
    exchange.model_asked = exchange.body->model;
    auto choice = gateway.models().choose(exchange.model_asked);
    if (!choice) {
        (void)co_await exchange.refuse(std::move(choice.error()));
        co_return;
    }
    ChatRequest request;
    request.model = std::move(choice->model);
    request.body = &*exchange.body;
    request.stream = exchange.body->stream;
    exchange.call.only = std::move(choice->only);
    co_await relay_as(gateway, exchange, request, make_text_completion_writer);
}

}  // namespace evenkeel
