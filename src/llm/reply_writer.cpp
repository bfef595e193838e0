#include "llm/reply_writer.hpp"

#include "core/json.hpp"

namespace evenkeel {

void ToolCalls::take(std::string_view json) {
    JsonDoc document;
    const auto call = document.parse(json);
    if (!call) return;
    const Json function = (*call)["function"];
    const Json arguments = function["arguments"];
    // Ollama's own index lies inside `function` and its calls come whole; OpenAI's counts the calls of the reply.
    const bool whole = arguments.is_object();
    const auto index = (*call)["index"].integer();
    const bool continues = !whole && index && *index >= 0 && static_cast<std::size_t>(*index) < calls_.size();
    if (!continues) calls_.emplace_back();
    ToolCall& target = continues ? calls_[static_cast<std::size_t>(*index)] : calls_.back();
    if (const auto id = (*call)["id"].string(); id && target.id.empty()) target.id = *id;
    if (const auto name = function["name"].string(); name && target.name.empty()) target.name = *name;
    target.arguments += whole ? arguments.to_text() : std::string(arguments.string_or(""));
}

}  // namespace evenkeel
