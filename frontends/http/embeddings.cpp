#include "llm/embeddings.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "core/json_writer.hpp"
#include "frontends/http/endpoints.hpp"
#include "frontends/http/ollama_models.hpp"

namespace evenkeel {
namespace {

constexpr std::string_view older_path = "/api/embeddings";

void write_vectors(JsonWriter& json, const std::vector<std::string>& vectors) {
    json.array();
    for (const std::string& vector : vectors) json.raw(vector);
    json.end_array();
}

std::string openai_reply(const Embeddings& answer) {
    std::string body;
    JsonWriter json(body);
    json.object().member("object", "list").name("data").array();
    std::uint64_t index = 0;
    for (const std::string& vector : answer.vectors) {
        json.object().member("object", "embedding").member("index", index++);
        json.name("embedding").raw(vector).end_object();
    }
    json.end_array().member("model", std::string_view(answer.model)).name("usage").object();
    json.member("prompt_tokens", answer.input_tokens).member("total_tokens", answer.input_tokens);
    json.end_object().end_object();
    return body;
}

std::string ollama_reply(const Embeddings& answer, Nanos took) {
    std::string body;
    JsonWriter json(body);
    json.object().member("model", std::string_view(answer.model)).name("embeddings");
    write_vectors(json, answer.vectors);
    json.member("total_duration", std::max<std::int64_t>(1, took.count())).member("load_duration", 1);
    json.member("prompt_eval_count", answer.input_tokens).end_object();
    return body;
}

std::string older_ollama_reply(const Embeddings& answer) {
    std::string body;
    JsonWriter json(body);
    json.object().name("embedding");
    if (answer.vectors.empty())
        json.array().end_array();
    else
        json.raw(answer.vectors.front());
    json.end_object();
    return body;
}

std::string reply_of(const Gateway& gateway, const Exchange& exchange, const Embeddings& answer) {
    if (exchange.dialect == Dialect::openai) return openai_reply(answer);
    if (exchange.request.path == older_path) return older_ollama_reply(answer);
    return ollama_reply(answer, gateway.env().now() - exchange.began);
}

/// Which model is meant. A list of models for chat need not name those that make vectors, so a name that nobody knows
/// goes to the providers as it is. Errors: request, where none is named.
Result<ModelChoice> choose(const Gateway& gateway, Dialect dialect, const std::string& asked) {
    auto choice =
        dialect == Dialect::ollama ? choose_ollama_model(gateway.models(), asked) : gateway.models().choose(asked);
    if (!choice && choice.error().cls == ErrorClass::model_gone) choice = ModelChoice{.model = asked, .only = {}};
    if (choice && choice->model.empty())
        return caller_fault("'model' must name one model: vectors of different models cannot be compared",
                            "missing_field");
    return choice;
}

/// What is wrong with the question is wrong everywhere.
bool is_final(const Error& error) noexcept {
    return error.cls == ErrorClass::request || error.cls == ErrorClass::policy;
}

Error other_model(const Upstream& upstream, const Embeddings& answer) {
    return provider_fault(ErrorClass::model_gone, Scope::model,
                          upstream.identity().name + " would answer with another model, " + answer.model,
                          "model_not_found")
        .error();
}

/// Asks one provider after the other for vectors of the same model, never of another. The first error counts: that a
/// later one does not have the model explains nothing.
Task<Result<Embeddings>> ask(Gateway& gateway, Exchange& exchange, const EmbedRequest& request) {
    std::optional<Error> first;
    for (const auto& upstream : gateway.models().upstreams()) {
        const auto& who = upstream->identity();
        if (!exchange.call.only.empty() && who.name != exchange.call.only) continue;
        if (exchange.call.attempts.size() >= exchange.call.attempts_max) break;
        auto answer = co_await upstream->embed(request, exchange.call);
        const bool fits = answer && (!first || is_same_embedding_model(request.model, answer->model));
        if (fits) {
            exchange.won = exchange.call.attempts.size() - 1;
            co_return answer;
        }
        Error error = answer ? other_model(*upstream, *answer) : std::move(answer.error());
        const bool last = is_final(error) || gateway.env().now() >= exchange.call.deadline;
        if (!first || first->cls == ErrorClass::model_gone) first = std::move(error);
        if (last) break;
    }
    if (!first)
        co_return provider_fault(ErrorClass::model_gone, Scope::model, "no provider is there to ask",
                                 "model_not_found");
    co_return fail(std::move(*first));
}

}  // namespace

Task<void> serve_embeddings(Gateway& gateway, Exchange& exchange) {
    auto request = parse_embed_request(exchange.dialect, exchange.request.body);
    if (!request) {
        (void)co_await exchange.refuse(std::move(request.error()));
        co_return;
    }
    exchange.rewritten = request->model;
    exchange.model_asked = exchange.rewritten;
    auto choice = choose(gateway, exchange.dialect, exchange.rewritten);
    if (!choice) {
        (void)co_await exchange.refuse(std::move(choice.error()));
        co_return;
    }
    request->model = std::move(choice->model);
    exchange.call.only = std::move(choice->only);
    Result<Embeddings> answer = Embeddings{.model = request->model, .vectors = {}};
    if (request->due > 0) answer = co_await ask(gateway, exchange, *request);
    if (!answer) {
        (void)co_await exchange.refuse(std::move(answer.error()));
        co_return;
    }
    if (answer->model.empty()) answer->model = request->model;
    (void)co_await exchange.answer_json(200, reply_of(gateway, exchange, *answer));
}

}  // namespace evenkeel
