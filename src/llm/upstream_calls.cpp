#include "llm/upstream_calls.hpp"

#include <utility>

#include "core/async.hpp"
#include "llm/classify.hpp"
#include "llm/scrub.hpp"

namespace evenkeel {
namespace {

constexpr std::size_t list_bytes_max = 8 * 1024 * 1024;  // NanoGPT's list of some hundred models is below 1 MiB.

Error refused(const Upstreamed& upstream, int status, std::string_view body) {
    Error error = classify({.status = status, .body = read_error_body(body)});
    error.detail = upstream.options.name + " answered " + std::to_string(status) + ": " +
                   scrubbed(error.detail, upstream.options.api_key, {});
    return error;
}

Task<Result<std::string>> get(Upstreamed& upstream, std::string path) {
    auto reply = co_await upstream.sender->send(request_to(upstream.options, "GET", path));
    if (!reply) co_return fail(std::move(reply.error()));
    std::string body;
    for (;;) {
        auto bytes = co_await (*reply)->read();
        if (!bytes) co_return fail(std::move(bytes.error()));
        if (bytes->empty()) break;
        body += *bytes;
        if (body.size() > list_bytes_max)
            co_return provider_fault(ErrorClass::bad_answer, Scope::provider,
                                     upstream.options.name + ": the list of models is larger than 8 MiB", "too_large");
    }
    if ((*reply)->status() != 200) co_return fail(refused(upstream, (*reply)->status(), body));
    co_return body;
}

}  // namespace

HttpRequest request_to(const ProviderOptions& options, std::string_view method, std::string_view path,
                       std::string body) {
    HttpRequest request{.method = std::string(method), .target = options.base_path + std::string(path)};
    request.headers.emplace_back("User-Agent", "evenkeel/" EVENKEEL_VERSION);
    request.headers.emplace_back("Accept", "*/*");
    if (!options.api_key.empty())
        request.headers.emplace_back("Authorization", "Bearer " + std::string(options.api_key.reveal()));
    if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
    request.body = std::move(body);
    return request;
}

Result<ContextFit> admit(const Upstreamed& upstream, const ChatRequest& request, Call& call) {
    const ProviderOptions& options = upstream.options;
    Result<ContextFit> fit;
    if (call.local_only && !options.local)
        fit = caller_fault("a private conversation does not leave this machine", "private", ErrorClass::capacity);
    else if (request.body != nullptr)
        fit = ContextFit{.tokens = upstream.estimator.tokens(request.body->slices.messages.size())};
    else
        fit = fit_context(request.turns, options.context_tokens, request.max_tokens, upstream.estimator);
    if (!fit) {
        fit.error().detail = options.name + ": " + fit.error().detail;
        call.attempts.push_back({.provider = options.name,
                                 .model = request.model.empty() ? options.model : request.model,
                                 .outcome = Attempt::Outcome::skipped,
                                 .error = fit.error(),
                                 .probe = call.probe});
    }
    return fit;
}

Task<Result<std::string>> fetch(Upstreamed& upstream, std::string path, Instant deadline) {
    auto body = co_await until(upstream.env.scheduler, deadline, get(upstream, std::move(path)));
    if (!body)
        co_return provider_fault(ErrorClass::silent, Scope::provider, upstream.options.name + ": no answer in time",
                                 "timeout");
    co_return std::move(*body);
}

Result<std::vector<std::string>> model_names(std::string_view body) {
    JsonDoc document;
    const auto root = document.parse(body);
    if (!root) return fail(root.error());
    const Json list = (*root)["data"].is_array() ? (*root)["data"] : (*root)["models"];
    if (!list.is_array())
        return provider_fault(ErrorClass::bad_answer, Scope::provider, "this is no list of models", "no_models");
    std::vector<std::string> names;
    for (const Json& model : list.elements())
        if (const auto name = model["id"].is_missing() ? model["name"].string() : model["id"].string())
            names.emplace_back(*name);
    return names;
}

}  // namespace evenkeel
