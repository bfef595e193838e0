#include <utility>

#include "core/async.hpp"
#include "llm/classify.hpp"
#include "llm/retry_after.hpp"
#include "llm/running_attempt.hpp"
#include "llm/scrub.hpp"
#include "llm/upstream_calls.hpp"

namespace evenkeel {
namespace {

/// 2,048 vectors of 3,072 numbers are some 80 MB as JSON; who sends more lies.
constexpr std::size_t vectors_bytes_max = 128 * 1024 * 1024;
constexpr std::size_t refusal_bytes_max = 64 * 1024;

struct Received {
    int status = 0;
    std::optional<Millis> retry_after;
    std::string body;
};

Task<Result<Received>> post(Upstreamed& upstream, std::string_view path, std::string body) {
    auto reply = co_await upstream.sender->send(request_to(upstream.options, "POST", path, std::move(body)));
    if (!reply) co_return fail(std::move(reply.error()));
    Received received{.status = (*reply)->status()};
    received.retry_after = parse_retry_after_ms((*reply)->header("retry-after-ms"));
    if (!received.retry_after)
        received.retry_after = parse_retry_after((*reply)->header("retry-after"), upstream.env.wall());
    const std::size_t most = received.status == 200 ? vectors_bytes_max : refusal_bytes_max;
    for (;;) {
        auto bytes = co_await (*reply)->read();
        if (!bytes) co_return fail(std::move(bytes.error()));
        if (bytes->empty()) break;
        received.body += *bytes;
        if (received.body.size() > most)
            co_return provider_fault(ErrorClass::bad_answer, Scope::provider, "the reply is too large", "too_large");
    }
    co_return received;
}

Task<Result<Embeddings>> ask(Upstreamed& upstream, Dialect dialect, const EmbedRequest& request, Instant deadline) {
    auto body = embed_body_of(request, dialect);
    if (!body) co_return fail(std::move(body.error()));
    const std::string_view path = dialect == Dialect::ollama ? "/api/embed" : "/embeddings";
    auto received = co_await until(upstream.env.scheduler, deadline, post(upstream, path, std::move(*body)));
    if (!received) co_return provider_fault(ErrorClass::silent, Scope::provider, "no answer in time", "timeout");
    if (!*received) co_return fail(std::move(received->error()));
    const Received& reply = **received;
    if (reply.status != 200) {
        Error error =
            classify({.status = reply.status, .body = read_error_body(reply.body), .retry_after = reply.retry_after});
        // The model, or the whole route: either way this provider does not have what makes these vectors.
        if (reply.status == 404 || reply.status == 405) error.cls = ErrorClass::model_gone;
        co_return fail(std::move(error));
    }
    co_return read_embeddings(request, dialect, reply.body);
}

}  // namespace

Task<Result<Embeddings>> Upstream::embed(const EmbedRequest&, Call&) {
    co_return caller_fault(identity().name + " makes no vectors", "unsupported_content", ErrorClass::capacity);
}

Task<Result<Embeddings>> embed_at(Upstreamed& upstream, Dialect dialect, const EmbedRequest& request, Call& call) {
    const ProviderOptions& options = upstream.options;
    RunningAttempt attempt(upstream.env, call, options.name, request.model);
    const Instant deadline = std::min(call.deadline, upstream.env.now() + options.answer_timeout);
    auto answer = co_await ask(upstream, dialect, request, deadline);
    if (!answer) {
        Error error = std::move(answer.error());
        const std::vector<Turn> asked{{.role = Role::user, .text = request.input}};
        const std::string words = scrubbed(error.detail, options.api_key, asked);
        error.detail = options.name;
        if (error.http_status >= 300) error.detail += " answered " + std::to_string(error.http_status);
        if (!words.empty()) error.detail += ": " + words;
        co_return attempt.failed(std::move(error));
    }
    attempt.saw_content();
    Attempt& record = attempt.record();
    if (!answer->model.empty()) record.model = answer->model;
    record.usage = Usage{.input = answer->input_tokens};
    record.cost_usd = price_of(*record.usage, options.price_input, options.price_output);
    attempt.answered();
    co_return answer;
}

}  // namespace evenkeel
