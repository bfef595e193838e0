#include <array>
#include <utility>

#include "core/json.hpp"
#include "core/json_writer.hpp"
#include "llm/translate.hpp"

namespace evenkeel {
namespace {

/// What the bytes are, by how base64 of such a file begins.
std::string_view media_type(std::string_view base64) noexcept {
    if (base64.starts_with("/9j/")) return "image/jpeg";
    if (base64.starts_with("R0lGOD")) return "image/gif";
    if (base64.starts_with("UklGR")) return "image/webp";
    return "image/png";
}

/// Messages of Ollama's dialect, one by one, in OpenAI's.
class MessageTranslator {
public:
    explicit MessageTranslator(JsonWriter& json) noexcept : json_(json) {}

    Result<void> translate(Json message) {
        const auto role = message["role"].string();
        if (!role) return caller_fault("each of 'messages' must be an object with a role", "invalid_value");
        if (const Json content = message["content"]; !content.is_nothing() && !content.string())
            return caller_fault("the 'content' of each message must be a string; images stand in 'images'",
                                "invalid_value");
        json_.object().member("role", *role);
        write_content(message);
        if (message["tool_calls"].size() > 0) write_calls(message["tool_calls"]);
        if (*role == "tool") write_answered(message);
        json_.end_object();
        return {};
    }

private:
    void write_content(Json message) {
        const std::string_view text = message["content"].string_or("");
        if (message["images"].size() == 0) {
            json_.member("content", text);
            return;
        }
        json_.name("content").array();
        json_.object().member("type", "text").member("text", text).end_object();
        for (const Json& image : message["images"].elements()) {
            const std::string_view bytes = image.string_or("");
            const std::string url = "data:" + std::string(media_type(bytes)) + ";base64," + std::string(bytes);
            json_.object().member("type", "image_url").name("image_url").object();
            json_.member("url", std::string_view(url)).end_object().end_object();
        }
        json_.end_array();
    }

    /// Ollama's callers need not name their calls, OpenAI's protocol joins call and result by name: the n-th result
    /// without one answers the n-th call without one.
    void write_calls(Json calls) {
        json_.name("tool_calls").array();
        for (const Json& call : calls.elements()) {
            const Json function = call["function"];
            std::string made;
            if (!call["id"].string()) made = "call_" + std::to_string(calls_named_++);
            json_.object().member("id", call["id"].string_or(made)).member("type", "function");
            json_.name("function").object().member("name", function["name"].string_or(""));
            const std::string arguments = function["arguments"].is_nothing() ? "{}" : function["arguments"].to_text();
            json_.member("arguments", std::string_view(arguments)).end_object().end_object();
        }
        json_.end_array();
    }

    void write_answered(Json message) {
        std::string made;
        if (!message["tool_call_id"].string()) made = "call_" + std::to_string(results_named_++);
        json_.member("tool_call_id", message["tool_call_id"].string_or(made));
    }

    JsonWriter& json_;
    std::size_t calls_named_ = 0, results_named_ = 0;
};

Result<void> write_format(JsonWriter& json, Json format) {
    if (format.string() == "json") {
        json.name("response_format").object().member("type", "json_object").end_object();
    } else if (format.is_object()) {
        json.name("response_format").object().member("type", "json_schema").name("json_schema").object();
        json.member("name", "answer").name("schema").raw(format.to_text()).end_object().end_object();
    } else if (!format.is_nothing() && format.string() != "") {
        return caller_fault("'format' must be \"json\" or a JSON schema", "invalid_value");
    }
    return {};
}

/// Those that mean the same there. A negative num_predict is "no limit", which is said by saying nothing.
void write_options(JsonWriter& json, Json options) {
    if (const auto limit = options["num_predict"].integer(); limit && *limit > 0) json.member("max_tokens", *limit);
    constexpr std::array same{"temperature", "top_p", "presence_penalty", "frequency_penalty", "stop"};
    for (const char* name : same)
        if (!options[name].is_nothing()) json.name(name).raw(options[name].to_text());
    if (const auto seed = options["seed"].integer(); seed && *seed >= 0) json.member("seed", *seed);
}

void write_think(JsonWriter& json, Json think) {
    if (const auto effort = think.string()) json.member("reasoning_effort", *effort == "max" ? "high" : *effort);
}

}  // namespace

Result<std::string> openai_body_of(const CallerBody& body, std::string_view model_json, bool stream) {
    JsonDoc document;
    const auto parsed = document.parse(body.json);
    if (!parsed) return cannot_translate();
    const Json root = *parsed;
    std::string out;
    JsonWriter json(out);
    json.object().name("model").raw(model_json).member("stream", stream);
    if (stream) json.name("stream_options").object().member("include_usage", true).end_object();
    json.name("messages").array();
    MessageTranslator translator(json);
    for (const Json& message : root["messages"].elements())
        if (auto translated = translator.translate(message); !translated) return fail(translated.error());
    json.end_array();
    if (root["tools"].size() > 0) json.name("tools").raw(root["tools"].to_text());
    if (auto written = write_format(json, root["format"]); !written) return fail(written.error());
    write_think(json, root["think"]);
    write_options(json, root["options"]);
    for (const char* name : {"logprobs", "top_logprobs"})
        if (!root[name].is_nothing()) json.name(name).raw(root[name].to_text());
    json.end_object();
    return out;
}

}  // namespace evenkeel
