#include "frontends/http/responses_input.hpp"

#include <utility>
#include <vector>

#include "core/text.hpp"

namespace evenkeel {
namespace {

std::unexpected<Error> wrong(std::string detail) { return caller_fault(std::move(detail), "invalid_value"); }

std::unexpected<Error> unsupported(std::string_view what, std::string_view instead) {
    return caller_fault(std::string(what) + " is not supported here; " + std::string(instead), "unsupported_parameter");
}

bool is_text_part(std::string_view type) {
    return type == "input_text" || type == "output_text" || type == "text" || type == "refusal";
}

std::string_view text_of(Json part) { return part["text"].string_or(part["refusal"].string_or("")); }

Result<void> write_image(JsonWriter& json, Json part) {
    const auto url = part["image_url"].string();
    if (!url) return unsupported("an image by 'file_id'", "send its 'image_url', which may be a data URL");
    json.object().member("type", "image_url").name("image_url").object().member("url", *url);
    if (const auto detail = part["detail"].string()) json.member("detail", *detail);
    json.end_object().end_object();
    return {};
}

Result<void> write_file(JsonWriter& json, Json part) {
    if (!part["file_data"].string())
        return unsupported("a file by 'file_id' or 'file_url'", "send its bytes as 'file_data'");
    json.object().member("type", "file").name("file").object();
    for (const char* field : {"filename", "file_data"})
        if (const auto text = part[field].string()) json.member(field, *text);
    json.end_object().end_object();
    return {};
}

Result<void> write_part(JsonWriter& json, Json part) {
    const std::string_view type = part["type"].string_or("");
    if (is_text_part(type)) {
        json.object().member("type", "text").member("text", text_of(part)).end_object();
        return {};
    }
    if (type == "input_image") return write_image(json, part);
    if (type == "input_file") return write_file(json, part);
    if (type == "input_audio") {
        json.raw(part.to_text());
        return {};
    }
    return wrong("input: content of the type '" + one_line(type, 60) + "' is not known");
}

bool all_text(Json content) {
    for (const Json& part : content.elements())
        if (!is_text_part(part["type"].string_or(""))) return false;
    return true;
}

std::string joined_text(Json content) {
    if (const auto text = content.string()) return std::string(*text);
    std::string all;
    for (const Json& part : content.elements()) all += text_of(part);
    return all;
}

class Reader {
public:
    explicit Reader(ResponsesInput& out) : out_(out), json_(out.messages) {}

    Result<void> item(Json item) {
        if (!item.is_object()) return wrong("input: an item must be an object");
        const std::string_view type = item["type"].string_or(item["role"].is_nothing() ? "" : "message");
        if (type == "message") return message(item);
        if (type == "function_call") return function_call(item);
        if (type == "function_call_output") return function_output(item);
        if (type == "reasoning") return {};
        if (type == "item_reference")
            return unsupported("'item_reference'", "send the item itself, or 'previous_response_id'");
        return unsupported("the input item '" + one_line(type, 60) + "'",
                           "'message', 'function_call' and 'function_call_output' are");
    }

    /// The calls that came one after the other are one message of the assistant's.
    void flush() {
        if (calls_.empty()) return;
        json_.object().member("role", "assistant").name("content").null().name("tool_calls").array();
        for (const std::string& call : std::exchange(calls_, {})) json_.raw(call);
        json_.end_array().end_object();
    }

private:
    Result<void> message(Json item) {
        flush();
        const std::string_view role = item["role"].string_or("");
        const Json content = item["content"];
        if (role != "user" && role != "assistant" && role != "system" && role != "developer")
            return wrong("input: a message's 'role' is 'user', 'assistant', 'system' or 'developer'");
        if (!content.string() && !content.is_array()) return wrong("input: a message has a 'content'");
        json_.object().member("role", role == "developer" ? "system" : role).name("content");
        if (role == "user") out_.question = joined_text(content);
        if (content.string() || role != "user" || (all_text(content) && content.size() == 1)) {
            if (!content.string() && !all_text(content))
                return wrong("input: only a user's message holds images or files");
            json_.value(std::string_view(joined_text(content)));
        } else {
            json_.array();
            for (const Json& part : content.elements())
                if (auto written = write_part(json_, part); !written) return written;
            json_.end_array();
        }
        json_.end_object();
        return {};
    }

    Result<void> function_call(Json item) {
        const auto id = item["call_id"].string(), name = item["name"].string(), arguments = item["arguments"].string();
        if (!id || !name || !arguments)
            return wrong("input: a function_call has 'call_id', 'name' and 'arguments', which is JSON as a string");
        std::string call;
        JsonWriter json(call);
        json.object().member("id", *id).member("type", "function").name("function").object();
        json.member("name", *name).member("arguments", *arguments).end_object().end_object();
        calls_.push_back(std::move(call));
        return {};
    }

    Result<void> function_output(Json item) {
        flush();
        const auto id = item["call_id"].string();
        const Json output = item["output"];
        if (!id || (!output.string() && !output.is_array()))
            return wrong("input: a function_call_output has 'call_id' and 'output'");
        if (!output.string() && !all_text(output))
            return unsupported("an image or file as the output of a function", "send text");
        json_.object().member("role", "tool").member("tool_call_id", *id);
        json_.member("content", std::string_view(joined_text(output))).end_object();
        return {};
    }

    ResponsesInput& out_;
    JsonWriter json_;
    std::vector<std::string> calls_;
};

void write_content(JsonWriter& json, Json content, bool assistant) {
    json.name("content").array();
    const auto text_part = [&](std::string_view text) {
        json.object().member("type", assistant ? "output_text" : "input_text").member("text", text);
        if (assistant) json.name("annotations").array().end_array();
        json.end_object();
    };
    if (const auto text = content.string()) text_part(*text);
    for (const Json& part : content.elements()) {
        const std::string_view type = part["type"].string_or("");
        if (type == "text") {
            text_part(part["text"].string_or(""));
        } else if (type == "image_url") {
            json.object().member("type", "input_image").member("detail", part["image_url"]["detail"].string_or("auto"));
            json.member("image_url", part["image_url"]["url"].string_or("")).end_object();
        } else if (type == "file") {
            json.object().member("type", "input_file").member("filename", part["file"]["filename"].string_or(""));
            json.member("file_data", part["file"]["file_data"].string_or("")).end_object();
        } else {
            json.raw(part.to_text());
        }
    }
    json.end_array();
}

}  // namespace

Result<ResponsesInput> read_responses_input(Json input) {
    ResponsesInput read;
    if (const auto text = input.string()) {
        if (trimmed(*text).empty()) return wrong("'input' is empty");
        JsonWriter(read.messages).object().member("role", "user").member("content", *text).end_object();
        read.question = *text;
        return read;
    }
    if (!input.is_array() || input.size() == 0) return wrong("'input' is a text or a list of items");
    Reader reader(read);
    for (const Json& item : input.elements())
        if (auto taken = reader.item(item); !taken) return fail(taken.error());
    reader.flush();
    if (read.messages.empty()) return wrong("'input' holds nothing that can be answered");
    return read;
}

void write_input_items(JsonWriter& json, Json message, std::string_view hex, std::size_t& number) {
    const auto id = [&](std::string_view prefix) {
        return std::string(prefix) + std::string(hex) + "_" + std::to_string(number++);
    };
    const std::string_view role = message["role"].string_or("user");
    if (role == "tool") {
        json.object().member("id", id("fco_")).member("type", "function_call_output").member("status", "completed");
        json.member("call_id", message["tool_call_id"].string_or(""));
        json.member("output", message["content"].string_or("")).end_object();
        return;
    }
    if (!message["content"].is_nothing()) {
        json.object().member("id", id("msg_")).member("type", "message").member("status", "completed");
        json.member("role", role);
        write_content(json, message["content"], role == "assistant");
        json.end_object();
    }
    for (const Json& call : message["tool_calls"].elements()) {
        json.object().member("id", id("fc_")).member("type", "function_call").member("status", "completed");
        json.member("call_id", call["id"].string_or("")).member("name", call["function"]["name"].string_or(""));
        json.member("arguments", call["function"]["arguments"].string_or("")).end_object();
    }
}

}  // namespace evenkeel
