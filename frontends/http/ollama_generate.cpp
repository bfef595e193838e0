#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "core/json.hpp"
#include "core/json_writer.hpp"
#include "frontends/http/endpoints.hpp"
#include "frontends/http/ollama_chat.hpp"

namespace evenkeel {
namespace {

std::unexpected<Error> not_here(std::string_view field, std::string_view why) {
    return caller_fault("'" + std::string(field) + "' cannot be used here: " + std::string(why), "unsupported_value");
}

bool is_string(const Json& value) noexcept { return value.string().has_value(); }

/// What writes to the model below its chat template cannot be said to a provider that only chats.
Result<void> check(Json root) {
    for (const char* name : {"prompt", "system"})
        if (!root[name].is_nothing() && !root[name].string())
            return caller_fault("'" + std::string(name) + "' must be a string", "invalid_value");
    const Json images = root["images"];
    if (!images.is_nothing() && (!images.is_array() || !std::ranges::all_of(images.elements(), is_string)))
        return caller_fault("'images' must be an array of base64 texts", "invalid_value");
    if (const Json raw = root["raw"]; !raw.is_nothing() && raw.boolean() != false)
        return not_here("raw", "every prompt goes through the model's own template; ask /api/chat");
    if (const Json own = root["template"]; !own.is_nothing() && own.string() != "")
        return not_here("template", "the model's own is used");
    if (const Json suffix = root["suffix"]; !suffix.is_nothing() && suffix.string() != "")
        return not_here("suffix", "providers of chat cannot fill in the middle of a text");
    if (const Json context = root["context"]; !context.is_nothing() && !(context.is_array() && context.size() == 0))
        return not_here("context", "it belongs to one model in one server; send the earlier messages to /api/chat");
    return {};
}

void write_messages(JsonWriter& json, Json root) {
    json.name("messages").array();
    const std::string_view prompt = root["prompt"].string_or("");
    const bool asks = !prompt.empty() || root["images"].size() > 0;
    if (const std::string_view system = root["system"].string_or(""); asks && !system.empty())
        json.object().member("role", "system").member("content", system).end_object();
    if (asks) {
        json.object().member("role", "user").member("content", prompt);
        if (root["images"].size() > 0) json.name("images").raw(root["images"].to_text());
        json.end_object();
    }
    json.end_array();
}

/// The same question for `/api/chat`.
Result<std::string> chat_of(std::string_view body) {
    JsonDoc document;
    const auto parsed = document.parse(body);
    if (!parsed) return caller_fault("the body is no JSON: " + parsed.error().detail, "invalid_json");
    if (!parsed->is_object()) return caller_fault("the body must be a JSON object", "invalid_json");
    if (auto fit = check(*parsed); !fit) return fail(std::move(fit.error()));
    std::string out;
    JsonWriter json(out);
    json.object();
    write_messages(json, *parsed);
    constexpr std::array replaced = std::to_array<std::string_view>(
        {"prompt", "system", "images", "raw", "template", "suffix", "context", "messages"});
    for (const auto& [name, value] : parsed->members())
        if (std::ranges::find(replaced, name) == replaced.end()) json.name(name).raw(value.to_text());
    json.end_object();
    return out;
}

}  // namespace

Task<void> serve_ollama_generate(Gateway& gateway, Exchange& exchange) {
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
    co_await answer_ollama(gateway, exchange, make_ollama_generate_writer);
}

}  // namespace evenkeel
