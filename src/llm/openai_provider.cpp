#include "llm/openai_provider.hpp"

#include <utility>

#include "core/json_writer.hpp"
#include "llm/openai_splice.hpp"
#include "llm/translate.hpp"
#include "llm/upstream_calls.hpp"

namespace evenkeel {
namespace {

/// Parameters that this upstream has refused by name: newer OpenAI models take no `max_tokens`, reasoning models no
/// `temperature`. Learnt once each, so the extra question is asked at most that often.
struct Refused {
    bool max_tokens = false;
    bool temperature = false;

    /// True if the refusal teaches something new and asking again may help.
    bool learn(const std::optional<ErrorBody>& refusal) {
        if (!refusal || (refusal->code != "unsupported_parameter" && refusal->code != "unsupported_value"))
            return false;
        if (refusal->param == "max_tokens") return !std::exchange(max_tokens, true);
        if (refusal->param == "temperature") return !std::exchange(temperature, true);
        return false;
    }
};

void write_turns(JsonWriter& json, std::span<const Turn> turns) {
    for (const Turn& turn : turns)
        json.object().member("role", to_string(turn.role)).member("content", std::string_view(turn.text)).end_object();
}

std::string body_of(const ProviderOptions& options, const ChatRequest& request, const ContextFit& fit,
                    const Refused& refused) {
    std::string body;
    JsonWriter json(body);
    json.object().member("model", std::string_view(request.model.empty() ? options.model : request.model));
    json.name("messages").array();
    write_turns(json, fit.system);
    write_turns(json, fit.recent);
    json.end_array().member("stream", request.stream);
    if (request.stream) json.name("stream_options").object().member("include_usage", true).end_object();
    json.member(refused.max_tokens ? "max_completion_tokens" : "max_tokens", request.max_tokens);
    if (request.temperature && !refused.temperature) json.member("temperature", *request.temperature);
    json.end_object();
    return body;
}

class OpenAiProvider final : public Upstream {
public:
    OpenAiProvider(Env env, ProviderOptions options, std::unique_ptr<HttpSender> sender)
        : upstream_{.env = env, .options = std::move(options), .sender = std::move(sender)},
          identity_{.name = upstream_.options.name,
                    .kind = "openai",
                    .model = upstream_.options.model,
                    .local = upstream_.options.local,
                    .context_tokens = upstream_.options.context_tokens},
          chat_(request_to(upstream_.options, "POST", "/chat/completions")) {
        append_json_string(model_json_, upstream_.options.model);
        chat_.headers.emplace_back("Content-Type", "application/json");
    }

    std::string describe() const override { return identity_.name; }
    const Identity& identity() const noexcept override { return identity_; }

    Task<Result<std::unique_ptr<ReplyStream>>> open(const ChatRequest& request, Call& call) override {
        const auto fit = admit(upstream_, request, call);
        if (!fit) co_return fail(fit.error());
        if (request.body != nullptr) co_return co_await open_body(request, call, *fit);
        for (;;) {
            auto stream = std::make_unique<AnswerStream>(upstream_, request, call, *fit, make_openai_reader());
            auto started = co_await stream->start(request_to(upstream_.options, "POST", "/chat/completions",
                                                             body_of(upstream_.options, request, *fit, refused_)));
            if (started) co_return stream;
            if (!refused_.learn(stream->refusal())) co_return fail(std::move(started.error()));
        }
    }

    Task<Result<Embeddings>> embed(const EmbedRequest& request, Call& call) override {
        return embed_at(upstream_, Dialect::openai, request, call);
    }

    Task<Result<std::vector<std::string>>> models(Instant deadline) override {
        const auto body = co_await fetch(upstream_, "/models", deadline);
        if (!body) co_return fail(body.error());
        co_return model_names(*body);
    }

private:
    /// The caller's own body goes on as it is, or translated. What the provider refuses of it is the caller's business.
    Task<Result<std::unique_ptr<ReplyStream>>> open_body(const ChatRequest& request, Call& call,
                                                         const ContextFit& fit) {
        const CallerBody& body = *request.body;
        auto stream = std::make_unique<AnswerStream>(upstream_, request, call, fit, make_openai_reader(body.choices));
        HttpRequest post{.like = &chat_};
        SplicedBody spliced;
        std::string named;
        if (!request.model.empty()) append_json_string(named, request.model);
        const std::string_view model = named.empty() ? std::string_view(model_json_) : named;
        if (body.dialect == Dialect::openai) {
            spliced = splice_openai(body, model, request.stream);
            post.pieces = spliced.pieces();
            if (request.stream && !body.wants_usage) stream->hide_usage();
        } else {
            auto translated = openai_body_of(body, model, request.stream);
            if (!translated) co_return stream->running().failed(std::move(translated.error()));
            post.body = std::move(*translated);
        }
        auto started = co_await stream->start(std::move(post));
        if (!started) co_return fail(std::move(started.error()));
        co_return stream;
    }

    Upstreamed upstream_;
    Identity identity_;
    HttpRequest chat_;        ///< What all questions with a caller's own body have in common.
    std::string model_json_;  ///< The lane's own model as a JSON string.
    Refused refused_;
};

}  // namespace

std::shared_ptr<Upstream> make_openai_provider(Env env, ProviderOptions options, std::unique_ptr<HttpSender> sender) {
    return std::make_shared<OpenAiProvider>(env, std::move(options), std::move(sender));
}

}  // namespace evenkeel
