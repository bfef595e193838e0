#include <algorithm>
#include <cstdio>

#include "core/json.hpp"
#include "core/json_writer.hpp"
#include "core/text.hpp"
#include "practice/dialect.hpp"

namespace evenkeel::practice {
namespace {

constexpr std::string_view version = "0.17.4";  // The one whose bytes were observed.
constexpr std::int64_t context_tokens = 8'192;
// A model file has a digest of 64 hex digits, and clients fail without one.
constexpr std::string_view digest = "9f438cb9cd581fc025612d27f7c1a6669ff83a8bb0ed86c94fcf4c5440555697";
constexpr std::int64_t model_bytes = 98'363'972;

Page json_page(int status, std::string body) {
    return {status, {{"Content-Type", "application/json; charset=utf-8"}}, std::move(body)};
}
Page text_page(int status, std::string body) {
    return {status, {{"Content-Type", "text/plain; charset=utf-8"}}, std::move(body)};
}
Page error_page(int status, std::string_view message) {
    std::string body;
    JsonWriter(body).object().member("error", message).end_object();
    return json_page(status, std::move(body));
}

/// "2026-11-22T17:31:18.534612902Z": the wall clock has milliseconds, the monotonic one lends the rest.
std::string stamp(const Moment& moment) {
    std::string text = format_wall(moment.wall);
    char digits[8];
    const auto rest = moment.instant.time_since_epoch().count() % 1'000'000;
    std::snprintf(digits, sizeof digits, "%06u", static_cast<unsigned>(rest));
    text.insert(text.size() - 1, digits);
    return text;
}

void write_model(JsonWriter& json, std::string_view model, const Moment& now, bool loaded) {
    json.object().member("name", model).member("model", model);
    if (!loaded) json.member("modified_at", stamp(now));
    json.member("size", model_bytes).member("digest", digest);
    json.name("details").object().member("parent_model", "").member("format", "gguf").member("family", "llama");
    json.name("families").array().value("llama").end_array();
    json.member("parameter_size", "134.52M").member("quantization_level", "Q4_1").end_object();
    if (loaded) {
        const Moment expiry{now.wall + std::chrono::minutes{5}, now.instant};
        json.member("expires_at", stamp(expiry)).member("size_vram", 0).member("context_length", context_tokens);
    }
    json.end_object();
}

class OllamaDialect final : public Dialect {
public:
    bool is_chat(const HttpIncoming& request) const override {
        return request.method == "POST" && request.path == "/api/chat";
    }

    Page page(const HttpIncoming& request, const Shelf& shelf, const Moment& now) const override {
        const bool get = request.method == "GET" || request.method == "HEAD";
        const std::string& path = request.path;
        if (path == "/" && get) return text_page(200, "Ollama is running");
        if (path == "/api/version" && get) return json_page(200, R"({"version":")" + std::string(version) + "\"}");
        if (path == "/api/tags" && get) return list(shelf.models, now, false);
        if (path == "/api/ps" && get) return list(shelf.loaded, now, true);
        if (path == "/api/show" && request.method == "POST") return show(request.body, shelf, now);
        for (const std::string_view known : {"/", "/api/version", "/api/tags", "/api/ps", "/api/show", "/api/chat"})
            if (path == known) return method_not_allowed(known == "/api/show" || known == "/api/chat");
        return text_page(404, "404 page not found");
    }

    Result<Question> read(std::string_view body) const override {
        if (trimmed(body).empty()) return caller_fault("missing request body");
        JsonDoc doc;
        const auto root = doc.parse(body);
        if (!root) return caller_fault("unexpected EOF");
        Question question;
        question.model = (*root)["model"].string_or("");
        if (question.model.empty()) return caller_fault("model is required");
        const auto messages = (*root)["messages"].elements();
        question.messages = messages.size();
        for (const Json& message : messages) {
            const auto text = message["content"].string();
            if (!text)
                return caller_fault(
                    "json: cannot unmarshal array into Go struct field ChatRequest.messages.content of "
                    "type string");
            question.prompt_tokens += count_words(*text) + 4;
            if (message["role"].string_or("") == "user") question.text = *text;
        }
        if ((*root)["truncate"].boolean() == false &&
            question.prompt_tokens > (*root)["options"]["num_ctx"].integer_or(context_tokens))
            return caller_fault("the input length exceeds the context length");
        question.stream = (*root)["stream"].boolean().value_or(true);
        const auto limit = (*root)["options"]["num_predict"].integer_or(0);  // 0 and -1 do not limit.
        question.tokens_max = static_cast<std::uint32_t>(std::clamp<std::int64_t>(limit, 0, 1'000'000));
        return question;
    }

    HttpHeaders stream_headers(const Reply&) const override { return {{"Content-Type", "application/x-ndjson"}}; }
    std::string opening(const Reply&) const override { return {}; }
    std::string token(const Reply& reply, std::string_view text, const Moment& now) const override {
        return line(reply, text, {}, now);
    }
    std::string thought(const Reply& reply, std::string_view text, const Moment& now) const override {
        return line(reply, {}, text, now);
    }

    std::vector<std::string> closing(const Reply& reply, FinishReason finish, const Figures& figures,
                                     const Moment& now) const override {
        return {done_object(reply, {}, &finish, figures, now) + "\n"};
    }
    std::string end_marker() const override { return {}; }
    std::string failure(const Reply&) const override { return std::string(runner_died) + "\n"; }

    Page whole(const Reply& reply, std::string_view text, const FinishReason* finish,
               const Figures& figures) const override {
        const Moment end{reply.started.wall + std::chrono::duration_cast<Millis>(figures.took),
                         reply.started.instant + figures.took};
        return json_page(200, done_object(reply, text, finish, figures, end));
    }

    Page loaded(const Reply& reply) const override {
        std::string body;
        JsonWriter json(body);
        begin(json, reply, reply.started).object().member("role", "assistant").member("content", "").end_object();
        json.member("done", true).member("done_reason", "load").end_object();
        return json_page(200, std::move(body));
    }

    Page error(int status) const override {
        switch (status) {
            case 400: return error_page(400, "missing request body");
            case 401: return error_page(401, "unauthorized");
            case 404: return error_page(404, "model 'practice' not found");
            case 500: return json_page(500, std::string(runner_died));
            case 503: return busy();
            default: return error_page(status, "practice failure");
        }
    }
    Page bad_request(std::string_view message) const override { return error_page(400, message); }
    Page model_missing(std::string_view model) const override {
        return error_page(404, "model '" + std::string(model) + "' not found");
    }
    Page busy() const override {
        return error_page(503, "server busy, please try again.  maximum pending requests exceeded");
    }

private:
    static constexpr std::string_view runner_died =
        R"({"error":"an error was encountered while running the model: unexpected EOF"})";

    static Page method_not_allowed(bool only_post) {
        Page page = text_page(405, "405 method not allowed");
        page.headers.emplace_back("Allow", only_post ? "POST" : "GET, HEAD");
        return page;
    }

    static Page list(const std::vector<std::string>& models, const Moment& now, bool loaded) {
        std::string body;
        JsonWriter json(body);
        json.object().name("models").array();
        for (const auto& model : models) write_model(json, model, now, loaded);
        json.end_array().end_object();
        return json_page(200, std::move(body));
    }

    Page show(std::string_view request, const Shelf& shelf, const Moment& now) const {
        JsonDoc doc;
        const auto root = doc.parse(request);
        if (!root) return bad_request("unexpected EOF");
        const std::string model((*root)["model"].string_or(""));
        if (std::ranges::find(shelf.models, model) == shelf.models.end()) return model_missing(model);
        std::string body;
        JsonWriter json(body);
        json.object().member("license", "").member("modelfile", "").member("parameters", "").member("template", "");
        json.name("details").object().member("format", "gguf").member("family", "llama").end_object();
        json.name("model_info").object().member("general.architecture", "llama");
        json.member("llama.context_length", context_tokens).end_object();
        json.name("capabilities").array().value("completion").end_array().member("modified_at", stamp(now));
        json.end_object();
        return json_page(200, std::move(body));
    }

    static JsonWriter& begin(JsonWriter& json, const Reply& reply, const Moment& now) {
        return json.object().member("model", reply.question.model).member("created_at", stamp(now)).name("message");
    }

    static std::string line(const Reply& reply, std::string_view text, std::string_view thinking, const Moment& now) {
        std::string out;
        JsonWriter json(out);
        begin(json, reply, now).object().member("role", "assistant").member("content", text);
        if (!thinking.empty()) json.member("thinking", thinking);
        json.end_object().member("done", false).end_object();
        return out + "\n";
    }

    static std::string done_object(const Reply& reply, std::string_view text, const FinishReason* finish,
                                   const Figures& figures, const Moment& now) {
        std::string out;
        JsonWriter json(out);
        begin(json, reply, now).object().member("role", "assistant").member("content", text).end_object();
        json.member("done", finish != nullptr);
        if (finish) {
            // A warm model reports some 50 ms of loading, never none; the end token counts as one more.
            const auto loading = std::max(figures.loading, Nanos{std::chrono::milliseconds{50}}).count();
            const auto reading = Nanos{std::chrono::milliseconds{20}}.count();
            const auto writing = std::max<std::int64_t>(figures.took.count() - figures.loading.count(), 1'000'000);
            json.member("done_reason", to_string(*finish)).member("total_duration", loading + reading + writing);
            json.member("load_duration", loading).member("prompt_eval_count", reply.question.prompt_tokens);
            json.member("prompt_eval_duration", reading).member("eval_count", figures.output_tokens + 1);
            json.member("eval_duration", writing);
        }
        json.end_object();
        return out;
    }
};

}  // namespace

std::unique_ptr<Dialect> make_ollama_dialect() { return std::make_unique<OllamaDialect>(); }

}  // namespace evenkeel::practice
