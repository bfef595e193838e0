#include "frontends/http/responses_request.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "chat/transcript.hpp"
#include "core/json_writer.hpp"
#include "core/text.hpp"
#include "frontends/http/responses_input.hpp"

namespace evenkeel {
namespace {

constexpr std::size_t question_bytes_max = 4096;
constexpr std::size_t metadata_pairs_max = 16;  // OpenAI's own limits.
constexpr std::size_t metadata_key_max = 64, metadata_value_max = 512;

std::unexpected<Error> wrong(std::string_view field, std::string_view why) {
    return caller_fault("'" + std::string(field) + "' " + std::string(why), "invalid_value");
}

std::unexpected<Error> unsupported(std::string_view what, std::string_view instead) {
    return caller_fault(std::string(what) + " is not supported here; " + std::string(instead), "unsupported_parameter");
}

/// One tool, told as chat completions do.
Result<void> write_tool(JsonWriter& json, Json tool) {
    const std::string_view type = tool["type"].string_or("");
    if (type != "function") return unsupported("the tool '" + one_line(type, 60) + "'", "tools of type 'function' are");
    if (tool["name"].string_or("").empty()) return wrong("tools[].name", "is missing");
    json.object().member("type", "function").name("function").object();
    for (const char* field : {"name", "description", "parameters", "strict"})
        if (!tool[field].is_nothing()) json.name(field).raw(tool[field].to_text());
    json.end_object().end_object();
    return {};
}

Result<void> write_tools(JsonWriter& json, Json tools) {
    if (tools.is_nothing() || tools.size() == 0) return {};
    if (!tools.is_array()) return wrong("tools", "must be an array");
    json.name("tools").array();
    for (const Json& tool : tools.elements())
        if (auto written = write_tool(json, tool); !written) return written;
    json.end_array();
    return {};
}

void write_function_choice(JsonWriter& json, Json choice) {
    json.object().member("type", "function").name("function").object();
    json.member("name", choice["name"].string_or("")).end_object().end_object();
}

Result<void> write_tool_choice(JsonWriter& json, Json choice) {
    if (choice.is_nothing()) return {};
    if (const auto word = choice.string()) {
        if (*word != "auto" && *word != "none" && *word != "required")
            return wrong("tool_choice", "is 'auto', 'none', 'required' or an object");
        json.member("tool_choice", *word);
        return {};
    }
    const std::string_view type = choice["type"].string_or("");
    if (type == "function") {
        json.name("tool_choice");
        write_function_choice(json, choice);
        return {};
    }
    if (type != "allowed_tools")
        return unsupported("the tool choice '" + one_line(type, 60) + "'", "'function' and 'allowed_tools' are");
    json.name("tool_choice").object().member("type", "allowed_tools").name("allowed_tools").object();
    json.member("mode", choice["mode"].string_or("auto")).name("tools").array();
    for (const Json& tool : choice["tools"].elements()) {
        if (tool["type"].string_or("") != "function")
            return unsupported("a tool other than a function in 'tool_choice'", "tools of type 'function' are");
        write_function_choice(json, tool);
    }
    json.end_array().end_object().end_object();
    return {};
}

Result<void> write_text(JsonWriter& json, Json text) {
    const Json format = text["format"];
    const std::string_view type = format["type"].string_or("text");
    if (type == "json_object") {
        json.name("response_format").object().member("type", "json_object").end_object();
    } else if (type == "json_schema") {
        if (!format["schema"].is_object()) return wrong("text.format.schema", "is missing");
        json.name("response_format").object().member("type", "json_schema").name("json_schema").object();
        for (const char* field : {"name", "description", "schema", "strict"})
            if (!format[field].is_nothing()) json.name(field).raw(format[field].to_text());
        json.end_object().end_object();
    } else if (type != "text") {
        return wrong("text.format.type", "is 'text', 'json_object' or 'json_schema'");
    }
    if (!text["verbosity"].is_nothing()) json.name("verbosity").raw(text["verbosity"].to_text());
    return {};
}

Result<void> write_numbers(JsonWriter& json, Json root) {
    const Json most = root["max_output_tokens"];
    if (!most.is_nothing()) {
        if (most.integer_or(0) < 1) return wrong("max_output_tokens", "is a whole number from 1");
        json.member("max_tokens", *most.integer());
    }
    for (const auto& [field, highest] : {std::pair("temperature", 2.0), std::pair("top_p", 1.0)}) {
        const Json value = root[field];
        if (value.is_nothing()) continue;
        if (!value.number() || *value.number() < 0 || *value.number() > highest)
            return wrong(field, "is a number from 0 to " + std::string(highest > 1 ? "2" : "1"));
        json.name(field).raw(value.to_text());
    }
    return {};
}

/// Members of the chat request beside the messages.
Result<std::string> options_of(Json root) {
    std::string out;
    JsonWriter json(out);
    json.object();
    if (auto done = write_numbers(json, root); !done) return fail(done.error());
    if (auto done = write_tools(json, root["tools"]); !done) return fail(done.error());
    if (auto done = write_tool_choice(json, root["tool_choice"]); !done) return fail(done.error());
    if (auto done = write_text(json, root["text"]); !done) return fail(done.error());
    if (const auto effort = root["reasoning"]["effort"].string()) json.member("reasoning_effort", *effort);
    for (const char* field : {"parallel_tool_calls", "user", "safety_identifier", "prompt_cache_key", "service_tier"})
        if (!root[field].is_nothing()) json.name(field).raw(root[field].to_text());
    if (out.size() == 1) return std::string();
    out.front() = ',';
    return out;
}

Result<void> check_metadata(Json metadata) {
    if (metadata.is_nothing()) return {};
    if (!metadata.is_object() || metadata.size() > metadata_pairs_max)
        return wrong("metadata", "is an object of at most 16 pairs");
    for (const auto& [name, value] : metadata.members())
        if (name.size() > metadata_key_max || !value.string() || value.string()->size() > metadata_value_max)
            return wrong("metadata", "has keys of at most 64 and texts of at most 512 bytes");
    return {};
}

/// What we cannot do, refused rather than passed over in silence.
Result<void> check_limits(Json root) {
    if (!root["conversation"].is_nothing())
        return unsupported("'conversation'", "'previous_response_id' joins responses");
    if (!root["prompt"].is_nothing()) return unsupported("'prompt'", "send 'instructions' and 'input'");
    if (root["top_logprobs"].integer_or(0) > 0)
        return unsupported("'top_logprobs'", "/v1/chat/completions gives 'logprobs'");
    const std::string_view truncation = root["truncation"].string_or("disabled");
    if (truncation != "disabled" && truncation != "auto") return wrong("truncation", "is 'disabled' or 'auto'");
    for (const char* field : {"stream", "background", "store", "parallel_tool_calls"})
        if (!root[field].is_nothing() && !root[field].boolean()) return wrong(field, "is true or false");
    for (const char* field : {"model", "previous_response_id", "instructions", "user", "safety_identifier"})
        if (!root[field].is_nothing() && !root[field].string()) return wrong(field, "is a string");
    if (root["background"].boolean() == true && root["store"].boolean() == false)
        return wrong("store", "must not be false where 'background' is true: nobody could fetch the answer");
    return check_metadata(root["metadata"]);
}

/// The members of a response object that say again what was asked, with the defaults that OpenAI fills in.
std::string echo_of(Json root) {
    constexpr std::array<std::pair<const char*, const char*>, 15> fields{{{"instructions", "null"},
                                                                          {"max_output_tokens", "null"},
                                                                          {"max_tool_calls", "null"},
                                                                          {"metadata", "{}"},
                                                                          {"parallel_tool_calls", "true"},
                                                                          {"previous_response_id", "null"},
                                                                          {"prompt_cache_key", "null"},
                                                                          {"safety_identifier", "null"},
                                                                          {"service_tier", "\"default\""},
                                                                          {"temperature", "1.0"},
                                                                          {"text", R"({"format":{"type":"text"}})"},
                                                                          {"tool_choice", "\"auto\""},
                                                                          {"tools", "[]"},
                                                                          {"top_p", "1.0"},
                                                                          {"user", "null"}}};
    std::string out;
    JsonWriter json(out);
    json.object();
    for (const auto& [name, otherwise] : fields)
        json.name(name).raw(root[name].is_nothing() ? std::string(otherwise) : root[name].to_text());
    json.member("background", root["background"].boolean().value_or(false));
    json.member("store", root["store"].boolean().value_or(true)).member("top_logprobs", 0);
    // Nothing is ever cut off here; who asked for it is told so.
    json.member("truncation", "disabled");
    json.name("reasoning").object();
    for (const char* field : {"effort", "summary"})
        json.name(field).raw(root["reasoning"][field].is_nothing() ? "null" : root["reasoning"][field].to_text());
    json.end_object().end_object();
    return out;
}

/// Elements of the messages of a chat body that are no instructions of its response.
Result<std::vector<Json>> messages_in(JsonDoc& body, std::string_view chat_body, std::string_view echo) {
    const auto root = body.parse(chat_body);
    JsonDoc asked;
    const auto before = asked.parse(echo);
    if (!root || !before || !(*root)["messages"].is_array())
        return own_fault(ErrorClass::internal, "the request kept for the earlier response cannot be read",
                         "bad_record");
    auto messages = (*root)["messages"].elements();
    if (!(*before)["instructions"].string_or("").empty() && !messages.empty()) messages.erase(messages.begin());
    return messages;
}

}  // namespace

Result<ResponsesRequest> read_responses_request(std::string_view body) {
    JsonDoc document;
    const auto parsed = document.parse(body);
    if (!parsed) return caller_fault("the body is no JSON: " + parsed.error().detail, "invalid_json");
    const Json root = *parsed;
    if (!root.is_object()) return caller_fault("the body must be a JSON object", "invalid_json");
    if (auto fine = check_limits(root); !fine) return fail(fine.error());
    ResponsesRequest request{.model = std::string(root["model"].string_or("")),
                             .previous_response_id = std::string(root["previous_response_id"].string_or("")),
                             .user = std::string(root["safety_identifier"].string_or(root["user"].string_or(""))),
                             .stream = root["stream"].boolean().value_or(false),
                             .background = root["background"].boolean().value_or(false),
                             .store = root["store"].boolean().value_or(true)};
    if (root["input"].is_nothing()) return caller_fault("'input' is missing", "missing_field");
    auto input = read_responses_input(root["input"]);
    if (!input) return fail(input.error());
    request.messages = std::move(input->messages);
    request.question = std::string(utf8_prefix(trimmed(input->question), question_bytes_max));
    if (trimmed(request.question).empty()) request.question = "(no text)";
    auto options = options_of(root);
    if (!options) return fail(options.error());
    request.options = std::move(*options);
    if (const std::string_view instructions = root["instructions"].string_or(""); !instructions.empty()) {
        JsonWriter json(request.instructions);
        json.object().member("role", "system").member("content", instructions).end_object();
        request.instructions += ',';
    }
    request.echo = echo_of(root);
    return request;
}

std::string chat_body_of(const ResponsesRequest& request, std::string_view earlier) {
    std::string body = R"({"model":)";
    append_json_string(body, request.model);
    body += R"(,"messages":[)" + request.instructions;
    body += earlier;
    if (!earlier.empty()) body += ',';
    body += request.messages + ']' + request.options;
    if (body.back() != '}') body += '}';
    return body;
}

std::string call_id_of(std::string_view given, const Id& id, std::size_t index) {
    return given.empty() ? "call_" + hex_of(id) + "_" + std::to_string(index) : std::string(given);
}

Result<std::string> earlier_messages(std::string_view chat_body, std::string_view echo, const Id& id,
                                     const Answer& answer) {
    JsonDoc document;
    const auto messages = messages_in(document, chat_body, echo);
    if (!messages) return fail(messages.error());
    std::string out;
    for (const Json& message : *messages) out += message.to_text() + ',';
    JsonWriter json(out);
    json.object().member("role", "assistant").name("content");
    answer.text.empty() ? json.null() : json.value(std::string_view(answer.text));
    const auto calls = tool_calls_from_json(answer.tool_calls);
    if (!calls.empty()) json.name("tool_calls").array();
    for (std::size_t i = 0; i < calls.size(); ++i) {
        json.object().member("id", call_id_of(calls[i].id, id, i)).member("type", "function").name("function");
        json.object().member("name", calls[i].name).member("arguments", calls[i].arguments).end_object().end_object();
    }
    if (!calls.empty()) json.end_array();
    json.end_object();
    return out;
}

Result<std::string> input_items_of(std::string_view chat_body, std::string_view echo, const Id& id) {
    JsonDoc document;
    const auto messages = messages_in(document, chat_body, echo);
    if (!messages) return fail(messages.error());
    std::string out;
    JsonWriter json(out);
    json.array();
    std::size_t number = 0;
    for (const Json& message : *messages) write_input_items(json, message, hex_of(id), number);
    json.end_array();
    return out;
}

std::string hex_of(const Id& id) {
    std::string text = to_string(id);
    std::erase(text, '-');
    return text;
}

std::optional<Id> id_behind(std::string_view prefix, std::string_view text) noexcept {
    if (!text.starts_with(prefix)) return std::nullopt;
    return parse_id(text.substr(prefix.size()));
}

}  // namespace evenkeel
