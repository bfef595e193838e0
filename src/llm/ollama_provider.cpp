#include "llm/ollama_provider.hpp"

#include <algorithm>
#include <utility>

#include "core/async.hpp"
#include "core/json_writer.hpp"
#include "llm/translate.hpp"
#include "llm/upstream_calls.hpp"

namespace evenkeel {
namespace {

constexpr Millis warm_for{60'000};  // Ollama keeps a model for five minutes unless told otherwise.
constexpr Millis load_check_max{2'000};

void write_turns(JsonWriter& json, std::span<const Turn> turns) {
    for (const Turn& turn : turns)
        json.object().member("role", to_string(turn.role)).member("content", std::string_view(turn.text)).end_object();
}

std::string body_of(const ProviderOptions& options, const ChatRequest& request, const ContextFit& fit) {
    std::string body;
    JsonWriter json(body);
    json.object().member("model", std::string_view(request.model.empty() ? options.model : request.model));
    json.name("messages").array();
    write_turns(json, fit.system);
    write_turns(json, fit.recent);
    json.end_array().member("stream", request.stream);
    // Ollama would cut the prompt, and shift the window under a running answer, without a word.
    json.member("truncate", false).member("shift", false);
    write_keep_alive(json, options.keep_alive);
    json.name("options").object().member("num_ctx", options.context_tokens);
    json.member("num_predict", request.max_tokens);
    if (request.temperature) json.member("temperature", *request.temperature);
    json.end_object().end_object();
    return body;
}

/// "llama3.1" is "llama3.1:latest".
bool same_model(std::string_view asked, std::string_view listed) {
    return asked == listed || (listed.starts_with(asked) && listed.substr(asked.size()) == ":latest");
}

/// Tells that the model is being loaded, if it is not in memory. Whatever goes wrong here is no news: the question
/// itself is on its way.
Task<void> tell_of_loading(Upstreamed& upstream, AnswerStream& stream, std::string model) {
    const auto body = co_await fetch(upstream, "/api/ps", upstream.env.now() + load_check_max);
    if (!body) co_return;
    const auto loaded = model_names(*body);
    if (!loaded) co_return;
    const bool warm = std::ranges::any_of(*loaded, [&](const std::string& each) { return same_model(model, each); });
    if (!warm && !stream.running().has_content()) stream.running().saw_loading();
}

class OllamaProvider final : public Upstream {
public:
    OllamaProvider(Env env, ProviderOptions options, std::unique_ptr<HttpSender> sender)
        : upstream_{.env = env, .options = std::move(options), .sender = std::move(sender)},
          identity_{.name = upstream_.options.name,
                    .kind = "ollama",
                    .model = upstream_.options.model,
                    .local = upstream_.options.local,
                    .context_tokens = upstream_.options.context_tokens},
          warm_until_(env.now()) {}

    std::string describe() const override { return identity_.name; }
    const Identity& identity() const noexcept override { return identity_; }

    Task<Result<std::unique_ptr<ReplyStream>>> open(const ChatRequest& request, Call& call) override {
        const auto fit = admit(upstream_, request, call);
        if (!fit) co_return fail(fit.error());
        auto stream =
            std::make_unique<AnswerStream>(upstream_, request, call, *fit, make_ollama_reader(request.stream));
        auto body = body_for(request, *fit);
        if (!body) co_return stream->running().failed(std::move(body.error()));
        // Beside the question and never before it; ends with this function, whatever becomes of either.
        TaskGroup beside(upstream_.env.scheduler);
        if (call.on_progress && upstream_.env.now() >= warm_until_)
            beside.spawn(tell_of_loading(upstream_, *stream, stream->running().record().model));
        auto started = co_await stream->start(request_to(upstream_.options, "POST", "/api/chat", std::move(*body)));
        if (!started) co_return fail(std::move(started.error()));
        warm_until_ = upstream_.env.now() + warm_for;
        co_return stream;
    }

    Task<Result<Embeddings>> embed(const EmbedRequest& request, Call& call) override {
        return embed_at(upstream_, Dialect::ollama, request, call);
    }

    Task<Result<std::vector<std::string>>> models(Instant deadline) override {
        const auto body = co_await fetch(upstream_, "/api/tags", deadline);
        if (!body) co_return fail(body.error());
        co_return model_names(*body);
    }

private:
    Result<std::string> body_for(const ChatRequest& request, const ContextFit& fit) const {
        if (request.body == nullptr) return body_of(upstream_.options, request, fit);
        const ProviderOptions& options = upstream_.options;
        return ollama_body_of(*request.body, {.model = request.model.empty() ? options.model : request.model,
                                              .stream = request.stream,
                                              .context_tokens = options.context_tokens,
                                              .keep_alive = options.keep_alive});
    }

    Upstreamed upstream_;
    Identity identity_;
    Instant warm_until_;  ///< Until then an earlier answer shows that the model is in memory.
};

}  // namespace

std::shared_ptr<Upstream> make_ollama_provider(Env env, ProviderOptions options, std::unique_ptr<HttpSender> sender) {
    return std::make_shared<OllamaProvider>(env, std::move(options), std::move(sender));
}

}  // namespace evenkeel
