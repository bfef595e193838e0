#pragma once
#include <memory>

#include "llm/provider.hpp"
#include "llm/provider_options.hpp"
#include "net/http_client.hpp"

namespace evenkeel {

/// An upstream that speaks OpenAI's chat completions: NanoGPT, OpenAI, and most others. Streams with usage asked for; a
/// model that refuses `max_tokens` or `temperature` by name is asked once more without, and remembered.
std::shared_ptr<Upstream> make_openai_provider(Env env, ProviderOptions options, std::unique_ptr<HttpSender> sender);

}  // namespace evenkeel
