#pragma once
#include "frontends/http/gateway.hpp"

namespace evenkeel {

// One function for each family of routes, in a file of its name. A new one is declared here and named in the table of
// endpoints.cpp.

Task<void> serve_chat_completions(Gateway& gateway, Exchange& exchange);
/// The older API of plain text.
Task<void> serve_completions(Gateway& gateway, Exchange& exchange);
/// Vectors: /v1/embeddings, /api/embed, and Ollama's older /api/embeddings (embeddings.cpp).
Task<void> serve_embeddings(Gateway& gateway, Exchange& exchange);
/// Of calls that were kept: GET, POST …/cancel, DELETE (async_calls.cpp).
Task<void> serve_chat_completion(Gateway& gateway, Exchange& exchange);
Task<void> serve_chat_completion_cancel(Gateway& gateway, Exchange& exchange);
Task<void> serve_chat_completion_delete(Gateway& gateway, Exchange& exchange);
/// POST /v1/responses; GET (also …/input_items), POST …/cancel and DELETE of one.
Task<void> serve_responses(Gateway& gateway, Exchange& exchange);
Task<void> serve_response(Gateway& gateway, Exchange& exchange);
Task<void> serve_response_cancel(Gateway& gateway, Exchange& exchange);
Task<void> serve_response_delete(Gateway& gateway, Exchange& exchange);
/// GET /v1/evenkeel/webhook_secret: what signs the call-backs of the key that asks.
Task<void> serve_webhook_secret(Gateway& gateway, Exchange& exchange);
Task<void> serve_models(Gateway& gateway, Exchange& exchange);
Task<void> serve_model(Gateway& gateway, Exchange& exchange);

/// Ollama's API (ollama_chat.cpp, ollama_generate.cpp, ollama_models.cpp, ollama_service.cpp).
Task<void> serve_ollama_chat(Gateway& gateway, Exchange& exchange);
Task<void> serve_ollama_generate(Gateway& gateway, Exchange& exchange);
Task<void> serve_ollama_tags(Gateway& gateway, Exchange& exchange);
Task<void> serve_ollama_show(Gateway& gateway, Exchange& exchange);
Task<void> serve_ollama_ps(Gateway& gateway, Exchange& exchange);
Task<void> serve_ollama_root(Gateway& gateway, Exchange& exchange);
Task<void> serve_ollama_version(Gateway& gateway, Exchange& exchange);
/// Models are not made, copied, fetched, sent or deleted through the gateway.
Task<void> serve_ollama_administration(Gateway& gateway, Exchange& exchange);

/// For those who operate it (operating.cpp).
Task<void> serve_health(Gateway& gateway, Exchange& exchange);
Task<void> serve_readiness(Gateway& gateway, Exchange& exchange);
Task<void> serve_metrics(Gateway& gateway, Exchange& exchange);
Task<void> serve_request_record(Gateway& gateway, Exchange& exchange);

}  // namespace evenkeel
