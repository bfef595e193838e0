#include <array>

#include "core/json.hpp"
#include "core/json_writer.hpp"
#include "practice/dialect.hpp"

namespace evenkeel::practice {
namespace {

std::int64_t unix_seconds(const Moment& moment) {
    return std::chrono::duration_cast<Seconds>(moment.wall.time_since_epoch()).count();
}

/// The text of a message whose content is a string or a list of parts.
std::string content_of(const Json& message) {
    const Json content = message["content"];
    if (const auto text = content.string()) return std::string(*text);
    std::string joined;
    for (const Json& part : content.elements()) joined += part["text"].string_or("");
    return joined;
}

struct ErrorWords {
    int status;
    std::string_view type, code, message;  ///< An empty code is null on the wire.
};
constexpr std::array error_words{
    ErrorWords{400, "invalid_request_error", "invalid_json", "We could not parse the JSON body of your request."},
    ErrorWords{401, "invalid_request_error", "invalid_api_key", "Incorrect API key provided."},
    ErrorWords{402, "insufficient_quota", "insufficient_balance", "Insufficient balance."},
    ErrorWords{403, "permission_denied_error", "permission_denied", "This key may not use that model."},
    ErrorWords{404, "invalid_request_error", "model_not_found", "The model does not exist."},
    ErrorWords{408, "server_error", "timeout", "The request timed out."},
    ErrorWords{413, "invalid_request_error", "", "The request body is too large."},
    ErrorWords{429, "rate_limit_error", "rate_limit_exceeded", "Rate limit reached. Please try again later."},
    ErrorWords{500, "server_error", "", "The server had an error while processing your request."},
    ErrorWords{503, "service_unavailable", "service_unavailable", "The service is temporarily unavailable."},
};

Page json_page(int status, std::string body) {
    return {status, {{"Content-Type", "application/json"}}, std::move(body)};
}

Page error_page(int status, std::string_view type, std::string_view code, std::string_view message) {
    std::string body;
    JsonWriter json(body);
    json.object().name("error").object().member("message", message).member("type", type).name("param").null();
    json.name("code");
    code.empty() ? json.null() : json.value(code);
    json.end_object().end_object();
    return json_page(status, std::move(body));
}

void write_usage(JsonWriter& json, const Reply& reply, const Figures& figures) {
    const auto input = reply.question.prompt_tokens;
    json.object().member("prompt_tokens", input).member("completion_tokens", figures.output_tokens);
    json.member("total_tokens", input + figures.output_tokens).end_object();
}

class OpenAiDialect final : public Dialect {
public:
    bool is_chat(const HttpIncoming& request) const override {
        return request.method == "POST" && request.path.ends_with("/chat/completions");
    }

    Page page(const HttpIncoming& request, const Shelf& shelf, const Moment& now) const override {
        if (request.path.ends_with("/chat/completions") || request.path.ends_with("/models")) {
            if (request.method != "GET") return method_not_allowed();
            if (request.path.ends_with("/models")) return list(shelf, now);
            return method_not_allowed();
        }
        return error_page(404, "invalid_request_error", "",
                          "Invalid URL (" + std::string(request.method) + " " + request.path + ")");
    }

    Result<Question> read(std::string_view body) const override {
        JsonDoc doc;
        const auto root = doc.parse(body);
        if (!root || !root->is_object())
            return caller_fault("We could not parse the JSON body of your request.", "invalid_json");
        Question question;
        question.model = (*root)["model"].string_or("");
        if (question.model.empty()) return caller_fault("you must provide a model parameter");
        const auto messages = (*root)["messages"].elements();
        if (messages.empty()) return caller_fault("[] is too short - 'messages'");
        question.messages = messages.size();
        for (const Json& message : messages) {
            std::string text = content_of(message);
            question.prompt_tokens += count_words(text) + 4;
            if (message["role"].string_or("") == "user") question.text = std::move(text);
        }
        question.stream = (*root)["stream"].boolean().value_or(false);
        question.wants_usage = (*root)["stream_options"]["include_usage"].boolean().value_or(false);
        const auto limit = (*root)["max_completion_tokens"].integer_or((*root)["max_tokens"].integer_or(0));
        question.tokens_max = static_cast<std::uint32_t>(std::clamp<std::int64_t>(limit, 0, 1'000'000));
        return question;
    }

    HttpHeaders stream_headers(const Reply& reply) const override {
        return {{"Content-Type", "text/event-stream; charset=utf-8"},
                {"Cache-Control", "no-cache"},
                {"x-request-id", "req_" + reply.id}};
    }
    std::string opening(const Reply& reply) const override {
        return event(reply, R"({"role":"assistant","content":""})", {});
    }
    std::string token(const Reply& reply, std::string_view text, const Moment&) const override {
        return event(reply, delta("content", text), {});
    }
    std::string thought(const Reply& reply, std::string_view text, const Moment&) const override {
        return event(reply, delta("reasoning", text), {});
    }

    std::vector<std::string> closing(const Reply& reply, FinishReason finish, const Figures& figures,
                                     const Moment&) const override {
        std::vector<std::string> chunks{event(reply, "{}", to_string(finish))};
        if (reply.question.wants_usage) {
            std::string data;
            JsonWriter json(data);
            begin(json, reply, "chat.completion.chunk").name("choices").array().end_array().name("usage");
            write_usage(json, reply, figures);
            json.end_object();
            chunks.push_back("data: " + data + "\n\n");
        }
        chunks.push_back(end_marker());
        return chunks;
    }
    std::string end_marker() const override { return "data: [DONE]\n\n"; }

    /// The documented form of NanoGPT: a chunk with finish_reason "error" and a top-level error, then [DONE].
    std::string failure(const Reply& reply) const override {
        std::string data;
        JsonWriter json(data);
        begin(json, reply, "chat.completion.chunk").name("choices").array().object().member("index", 0);
        json.name("delta").object().end_object().member("finish_reason", "error").end_object().end_array();
        json.name("error").object().member("status", 502).member("message", "The upstream provider failed.");
        json.member("code", "service_unavailable").end_object().end_object();
        return "data: " + data + "\n\n" + end_marker();
    }

    Page whole(const Reply& reply, std::string_view text, const FinishReason* finish,
               const Figures& figures) const override {
        std::string body;
        JsonWriter json(body);
        begin(json, reply, "chat.completion").name("choices").array().object().member("index", 0).name("message");
        json.object().member("role", "assistant").member("content", text).name("refusal").null().end_object();
        json.name("logprobs").null().name("finish_reason");
        finish ? json.value(to_string(*finish)) : json.null();
        json.end_object().end_array().name("usage");
        write_usage(json, reply, figures);
        json.end_object();
        Page page = json_page(200, std::move(body));
        page.headers.emplace_back("x-request-id", "req_" + reply.id);
        return page;
    }

    Page error(int status) const override {
        for (const auto& words : error_words)
            if (words.status == status) return error_page(status, words.type, words.code, words.message);
        return error_page(status, status < 500 ? "invalid_request_error" : "server_error", "", "The request failed.");
    }
    Page bad_request(std::string_view message) const override {
        return error_page(400, "invalid_request_error", "", message);
    }
    Page model_missing(std::string_view model) const override {
        return error_page(404, "invalid_request_error", "model_not_found",
                          "The model `" + std::string(model) + "` does not exist or you do not have access to it.");
    }
    Page busy() const override {
        return error_page(503, "service_unavailable", "all_fallbacks_failed", "All providers for this model are busy.");
    }

private:
    static Page method_not_allowed() {
        return error_page(405, "invalid_request_error", "", "Not allowed for this path.");
    }

    static Page list(const Shelf& shelf, const Moment& now) {
        std::string body;
        JsonWriter json(body);
        json.object().member("object", "list").name("data").array();
        for (const auto& model : shelf.models) {
            json.object().member("id", model).member("object", "model").member("created", unix_seconds(now));
            json.member("owned_by", "practice").end_object();
        }
        json.end_array().end_object();
        return json_page(200, std::move(body));
    }

    static JsonWriter& begin(JsonWriter& json, const Reply& reply, std::string_view object) {
        json.object().member("id", "chatcmpl-" + reply.id).member("object", object);
        return json.member("created", unix_seconds(reply.started)).member("model", reply.question.model);
    }

    static std::string delta(std::string_view name, std::string_view text) {
        std::string json;
        JsonWriter(json).object().member(name, text).end_object();
        return json;
    }

    static std::string event(const Reply& reply, std::string_view delta_json, std::string_view finish) {
        std::string data;
        JsonWriter json(data);
        begin(json, reply, "chat.completion.chunk").name("choices").array().object().member("index", 0);
        json.name("delta").raw(delta_json).name("logprobs").null().name("finish_reason");
        finish.empty() ? json.null() : json.value(finish);
        json.end_object().end_array();
        if (reply.question.wants_usage) json.name("usage").null();
        json.end_object();
        return "data: " + data + "\n\n";
    }
};

}  // namespace

std::unique_ptr<Dialect> make_openai_dialect() { return std::make_unique<OpenAiDialect>(); }

}  // namespace evenkeel::practice
