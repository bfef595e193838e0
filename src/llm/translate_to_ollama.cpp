#include <array>
#include <map>

#include "core/json.hpp"
#include "core/json_writer.hpp"
#include "llm/translate.hpp"

namespace evenkeel {
namespace {

std::unexpected<Error> cannot(std::string what) {
    return caller_fault(std::move(what), "unsupported_content", ErrorClass::capacity);
}

/// "data:image/png;base64,AAAA" without what stands before the comma; empty for anything else.
std::string_view base64_of(std::string_view url) noexcept {
    const std::size_t comma = url.find(',');
    if (!url.starts_with("data:") || comma == std::string_view::npos) return {};
    return url.substr(0, comma).contains(";base64") ? url.substr(comma + 1) : std::string_view();
}

/// Messages of OpenAI's dialect, one by one, in Ollama's.
class MessageTranslator {
public:
    explicit MessageTranslator(JsonWriter& json) noexcept : json_(json) {}

    Result<void> translate(Json message) {
        const auto role = message["role"].string();
        if (!role) return caller_fault("each of 'messages' must be an object with a role", "invalid_value");
        std::string text;
        std::vector<std::string_view> images;
        if (auto read = read_content(message["content"], text, images); !read) return read;
        json_.object().member("role", *role == "developer" ? std::string_view("system") : *role);
        json_.member("content", std::string_view(text));
        if (!images.empty()) {
            json_.name("images").array();
            for (const std::string_view image : images) json_.value(image);
            json_.end_array();
        }
        if (auto written = write_calls(message["tool_calls"]); !written) return written;
        if (const auto id = message["tool_call_id"].string()) {
            json_.member("tool_call_id", *id);
            if (const auto known = tool_names_.find(std::string(*id)); known != tool_names_.end())
                json_.member("tool_name", std::string_view(known->second));
        }
        json_.end_object();
        return {};
    }

private:
    static Result<void> read_content(Json content, std::string& text, std::vector<std::string_view>& images) {
        if (const auto plain = content.string()) {
            text = *plain;
            return {};
        }
        for (const Json& part : content.elements()) {
            const std::string_view type = part["type"].string_or("text");
            if (type == "text" || type == "refusal") {
                text += part[type == "text" ? "text" : "refusal"].string_or(part.string_or(""));
            } else if (type == "image_url") {
                const Json url = part["image_url"]["url"].is_missing() ? part["image_url"] : part["image_url"]["url"];
                const std::string_view bytes = base64_of(url.string_or(""));
                if (bytes.empty()) return cannot("it takes images only inside the request (data: URLs), not by link");
                images.push_back(bytes);
            } else {
                return cannot("it cannot read a message part of type '" + std::string(type) + "'");
            }
        }
        return {};
    }

    Result<void> write_calls(Json calls) {
        if (calls.size() == 0) return {};
        json_.name("tool_calls").array();
        for (const Json& call : calls.elements()) {
            const Json function = call["function"];
            const std::string_view name = function["name"].string_or("");
            const std::string_view arguments = function["arguments"].string_or("{}");
            if (!arguments_.parse(arguments.empty() ? "{}" : arguments))
                return caller_fault("the arguments of the call to '" + std::string(name) + "' are no JSON",
                                    "invalid_value");
            if (const auto id = call["id"].string()) tool_names_[std::string(*id)] = name;
            json_.object();
            if (const auto id = call["id"].string()) json_.member("id", *id);
            json_.name("function").object().member("name", name);
            json_.name("arguments").raw(arguments.empty() ? "{}" : arguments).end_object().end_object();
        }
        json_.end_array();
        return {};
    }

    JsonWriter& json_;
    JsonDoc arguments_;
    std::map<std::string, std::string> tool_names_;  ///< By the id under which they were called.
};

void write_format(JsonWriter& json, Json format) {
    const std::string_view type = format["type"].string_or("text");
    if (type == "json_object") json.member("format", "json");
    if (type == "json_schema") {
        const Json schema = format["json_schema"]["schema"];
        if (schema.is_object())
            json.name("format").raw(schema.to_text());
        else
            json.member("format", "json");
    }
}

void write_options(JsonWriter& json, Json root, std::int64_t context_tokens) {
    json.name("options").object().member("num_ctx", context_tokens);
    for (const char* name : {"max_completion_tokens", "max_tokens"})
        if (const auto limit = root[name].integer(); limit && *limit > 0) {
            json.member("num_predict", *limit);
            break;
        }
    constexpr std::array same{"seed", "temperature", "top_p", "presence_penalty", "frequency_penalty"};
    for (const char* name : same)
        if (root[name].kind() == Json::Kind::number) json.name(name).raw(root[name].to_text());
    const Json stop = root["stop"];
    if (stop.string())
        json.name("stop").array().value(*stop.string()).end_array();
    else if (stop.size() > 0)
        json.name("stop").raw(stop.to_text());
    json.end_object();
}

/// Only where the caller asks for it: a model that cannot think refuses `think: true`.
void write_think(JsonWriter& json, Json effort) {
    if (effort.string() == "none") json.member("think", false);
}

void write_lane(JsonWriter& json, const OllamaLane& lane) {
    json.member("model", lane.model).member("stream", lane.stream);
    // Ollama would cut the prompt, and shift the window under a running answer, without a word.
    json.member("truncate", false).member("shift", false);
}

Result<std::string> from_openai(Json root, const CallerBody& body, const OllamaLane& lane) {
    if (body.choices > 1) return cannot("it gives one answer to a question, not " + std::to_string(body.choices));
    std::string out;
    JsonWriter json(out);
    json.object();
    write_lane(json, lane);
    write_keep_alive(json, lane.keep_alive);
    json.name("messages").array();
    MessageTranslator translator(json);
    for (const Json& message : root["messages"].elements())
        if (auto translated = translator.translate(message); !translated) return fail(translated.error());
    json.end_array();
    // That a tool must be used cannot be said; that none may be is said by showing none.
    if (root["tools"].size() > 0 && root["tool_choice"].string() != "none")
        json.name("tools").raw(root["tools"].to_text());
    write_format(json, root["response_format"]);
    write_think(json, root["reasoning_effort"]);
    write_options(json, root, lane.context_tokens);
    json.end_object();
    return out;
}

/// The caller's own words, but for what the lane sets. num_ctx is the lane's: another would reload the model.
Result<std::string> from_ollama(Json root, const OllamaLane& lane) {
    std::string out;
    JsonWriter json(out);
    json.object();
    write_lane(json, lane);
    if (root["keep_alive"].is_nothing()) write_keep_alive(json, lane.keep_alive);
    json.name("options").object().member("num_ctx", lane.context_tokens);
    for (const auto& [name, value] : root["options"].members())
        if (name != "num_ctx") json.name(name).raw(value.to_text());
    json.end_object();
    constexpr std::array ours{"model", "stream", "truncate", "shift", "options"};
    for (const auto& [name, value] : root.members())
        if (std::ranges::find(ours, name) == ours.end() && !value.is_nothing()) json.name(name).raw(value.to_text());
    json.end_object();
    return out;
}

}  // namespace

Result<std::string> ollama_body_of(const CallerBody& body, const OllamaLane& lane) {
    JsonDoc document;
    const auto root = document.parse(body.json);
    if (!root) return cannot_translate();
    return body.dialect == Dialect::ollama ? from_ollama(*root, lane) : from_openai(*root, body, lane);
}

}  // namespace evenkeel
