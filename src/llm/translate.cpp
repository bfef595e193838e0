#include "llm/translate.hpp"

#include <charconv>
#include <system_error>

#include "core/json.hpp"

namespace evenkeel {
namespace {

void append_texts(Json content, std::string& text) {
    if (const auto plain = content.string()) text += *plain;
    for (const Json& part : content.elements()) text += part["text"].string_or("");
}

Role role_of(std::string_view word) noexcept {
    if (word == "system" || word == "developer") return Role::system;
    return word == "assistant" ? Role::assistant : Role::user;
}

}  // namespace

std::unexpected<Error> cannot_translate() {
    return caller_fault("its dialect is another, and a number of the body is too large to be translated",
                        "unsupported_content", ErrorClass::capacity);
}

std::vector<Turn> turns_of(const CallerBody& body) {
    std::vector<Turn> turns;
    JsonDoc document;
    const auto messages = document.parse(body.slices.messages);
    if (!messages) return turns;
    for (const Json& message : messages->elements()) {
        Turn turn{.role = role_of(message["role"].string_or("")), .text = {}};
        append_texts(message["content"], turn.text);
        for (const Json& call : message["tool_calls"].elements()) {
            const Json arguments = call["function"]["arguments"];
            turn.text += arguments.string() ? std::string(*arguments.string()) : arguments.to_text();
        }
        turns.push_back(std::move(turn));
    }
    return turns;
}

void write_keep_alive(JsonWriter& json, std::string_view keep_alive) {
    if (keep_alive.empty()) return;
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(keep_alive.data(), keep_alive.data() + keep_alive.size(), seconds);
    json.name("keep_alive");
    if (error == std::errc{} && end == keep_alive.data() + keep_alive.size())
        json.value(seconds);
    else
        json.value(keep_alive);
}

}  // namespace evenkeel
