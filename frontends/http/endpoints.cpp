#include "frontends/http/endpoints.hpp"

#include <array>

namespace evenkeel {
namespace {

constexpr std::array routes = std::to_array<GatewayRoute>({
    {.method = "POST", .path = "/v1/chat/completions", .serve = serve_chat_completions},
    {.method = "POST", .path = "/v1/completions", .serve = serve_completions},
    {.method = "POST", .path = "/v1/embeddings", .serve = serve_embeddings},
    {.method = "GET", .path = "/v1/chat/completions/", .with_rest = true, .serve = serve_chat_completion},
    {.method = "POST", .path = "/v1/chat/completions/", .with_rest = true, .serve = serve_chat_completion_cancel},
    {.method = "DELETE", .path = "/v1/chat/completions/", .with_rest = true, .serve = serve_chat_completion_delete},
    {.method = "POST", .path = "/v1/responses", .serve = serve_responses},
    {.method = "GET", .path = "/v1/responses/", .with_rest = true, .serve = serve_response},
    {.method = "POST", .path = "/v1/responses/", .with_rest = true, .serve = serve_response_cancel},
    {.method = "DELETE", .path = "/v1/responses/", .with_rest = true, .serve = serve_response_delete},
    {.method = "GET", .path = "/v1/evenkeel/webhook_secret", .serve = serve_webhook_secret},
    {.method = "GET", .path = "/v1/models", .serve = serve_models},
    {.method = "GET", .path = "/v1/models/", .with_rest = true, .serve = serve_model},
    {.method = "POST", .path = "/api/chat", .dialect = Dialect::ollama, .serve = serve_ollama_chat},
    {.method = "POST", .path = "/api/generate", .dialect = Dialect::ollama, .serve = serve_ollama_generate},
    {.method = "POST", .path = "/api/embed", .dialect = Dialect::ollama, .serve = serve_embeddings},
    {.method = "POST", .path = "/api/embeddings", .dialect = Dialect::ollama, .serve = serve_embeddings},
    {.method = "GET", .path = "/api/tags", .dialect = Dialect::ollama, .serve = serve_ollama_tags},
    {.method = "HEAD", .path = "/api/tags", .dialect = Dialect::ollama, .serve = serve_ollama_tags},
    {.method = "POST", .path = "/api/show", .dialect = Dialect::ollama, .serve = serve_ollama_show},
    {.method = "GET", .path = "/api/ps", .dialect = Dialect::ollama, .serve = serve_ollama_ps},
    {.method = "GET", .path = "/api/version", .dialect = Dialect::ollama, .serve = serve_ollama_version},
    {.method = "HEAD", .path = "/api/version", .dialect = Dialect::ollama, .serve = serve_ollama_version},
    {.method = "GET", .path = "/", .dialect = Dialect::ollama, .serve = serve_ollama_root},
    {.method = "HEAD", .path = "/", .dialect = Dialect::ollama, .serve = serve_ollama_root},
    {.method = "POST", .path = "/api/create", .dialect = Dialect::ollama, .serve = serve_ollama_administration},
    {.method = "POST", .path = "/api/copy", .dialect = Dialect::ollama, .serve = serve_ollama_administration},
    {.method = "POST", .path = "/api/pull", .dialect = Dialect::ollama, .serve = serve_ollama_administration},
    {.method = "POST", .path = "/api/push", .dialect = Dialect::ollama, .serve = serve_ollama_administration},
    {.method = "DELETE", .path = "/api/delete", .dialect = Dialect::ollama, .serve = serve_ollama_administration},
    {.method = "HEAD",
     .path = "/api/blobs/",
     .with_rest = true,
     .dialect = Dialect::ollama,
     .serve = serve_ollama_administration},
    {.method = "POST",
     .path = "/api/blobs/",
     .with_rest = true,
     .dialect = Dialect::ollama,
     .serve = serve_ollama_administration},
});

}  // namespace

std::span<const GatewayRoute> gateway_routes() noexcept { return routes; }

}  // namespace evenkeel
