#pragma once
#include <memory>

#include "llm/provider.hpp"
#include "llm/provider_options.hpp"
#include "net/http_client.hpp"

namespace evenkeel {

/// A native Ollama (`/api/chat`). `num_ctx` is always the configured window, since another one reloads the model, and
/// overflow is an error instead of a silent cut. While a model is being loaded the call's progress says so.
std::shared_ptr<Upstream> make_ollama_provider(Env env, ProviderOptions options, std::unique_ptr<HttpSender> sender);

}  // namespace evenkeel
