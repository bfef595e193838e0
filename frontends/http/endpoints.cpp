#include "frontends/http/endpoints.hpp"

#include <array>

namespace evenkeel {
namespace {

constexpr Dialect openai = Dialect::openai, ollama = Dialect::ollama;
constexpr bool rest = true;  ///< The path goes on behind it.

/// Asks a provider: needs a key with that scope, and budget.
constexpr GatewayRoute asks(std::string_view path, Dialect dialect, ServeRoute serve, KeyScope scope) {
    return {.method = "POST", .path = path, .dialect = dialect, .serve = serve, .scope = scope};
}
/// Looks at what is there: needs a key with that scope.
constexpr GatewayRoute looks(std::string_view method, std::string_view path, Dialect dialect, ServeRoute serve,
                             KeyScope scope, bool with_rest = false) {
    return {.method = method,
            .path = path,
            .with_rest = with_rest,
            .dialect = dialect,
            .serve = serve,
            .scope = scope,
            .demand = Demand::look};
}
/// Says nothing that is worth a key.
constexpr GatewayRoute open_to_all(std::string_view method, std::string_view path, Dialect dialect, ServeRoute serve,
                                   bool with_rest = false) {
    return {.method = method, .path = path, .with_rest = with_rest, .dialect = dialect, .serve = serve};
}

constexpr std::array routes = std::to_array<GatewayRoute>({
    asks("/v1/chat/completions", openai, serve_chat_completions, KeyScope::chat),
    asks("/v1/completions", openai, serve_completions, KeyScope::chat),
    asks("/v1/embeddings", openai, serve_embeddings, KeyScope::embeddings),
    asks("/v1/responses", openai, serve_responses, KeyScope::responses),
    looks("GET", "/v1/responses/", openai, serve_response, KeyScope::responses, rest),
    looks("POST", "/v1/responses/", openai, serve_response_cancel, KeyScope::responses, rest),
    looks("DELETE", "/v1/responses/", openai, serve_response_delete, KeyScope::responses, rest),
    looks("GET", "/v1/chat/completions/", openai, serve_chat_completion, KeyScope::responses, rest),
    looks("POST", "/v1/chat/completions/", openai, serve_chat_completion_cancel, KeyScope::responses, rest),
    looks("DELETE", "/v1/chat/completions/", openai, serve_chat_completion_delete, KeyScope::responses, rest),
    looks("GET", "/v1/evenkeel/webhook_secret", openai, serve_webhook_secret, KeyScope::responses),
    looks("GET", "/v1/models", openai, serve_models, KeyScope::models),
    looks("GET", "/v1/models/", openai, serve_model, KeyScope::models, rest),

    asks("/api/chat", ollama, serve_ollama_chat, KeyScope::chat),
    asks("/api/generate", ollama, serve_ollama_generate, KeyScope::chat),
    asks("/api/embed", ollama, serve_embeddings, KeyScope::embeddings),
    asks("/api/embeddings", ollama, serve_embeddings, KeyScope::embeddings),
    looks("GET", "/api/tags", ollama, serve_ollama_tags, KeyScope::models),
    looks("HEAD", "/api/tags", ollama, serve_ollama_tags, KeyScope::models),
    looks("POST", "/api/show", ollama, serve_ollama_show, KeyScope::models),
    looks("GET", "/api/ps", ollama, serve_ollama_ps, KeyScope::models),
    open_to_all("GET", "/api/version", ollama, serve_ollama_version),
    open_to_all("HEAD", "/api/version", ollama, serve_ollama_version),
    open_to_all("GET", "/", ollama, serve_ollama_root),
    open_to_all("HEAD", "/", ollama, serve_ollama_root),
    open_to_all("POST", "/api/create", ollama, serve_ollama_administration),
    open_to_all("POST", "/api/copy", ollama, serve_ollama_administration),
    open_to_all("POST", "/api/pull", ollama, serve_ollama_administration),
    open_to_all("POST", "/api/push", ollama, serve_ollama_administration),
    open_to_all("DELETE", "/api/delete", ollama, serve_ollama_administration),
    open_to_all("HEAD", "/api/blobs/", ollama, serve_ollama_administration, rest),
    open_to_all("POST", "/api/blobs/", ollama, serve_ollama_administration, rest),

    open_to_all("GET", "/healthz", openai, serve_health),
    open_to_all("GET", "/readyz", openai, serve_readiness),
    looks("GET", "/metrics", openai, serve_metrics, KeyScope::metrics),
    looks("GET", "/v1/evenkeel/requests/", openai, serve_request_record, KeyScope::operate, rest),
});

}  // namespace

std::span<const GatewayRoute> gateway_routes() noexcept { return routes; }

}  // namespace evenkeel
