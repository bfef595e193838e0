#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "llm/answer_stream.hpp"

namespace evenkeel {

/// A request to this upstream: path below its base, key, and body where there is one.
HttpRequest request_to(const ProviderOptions& options, std::string_view method, std::string_view path,
                       std::string body = {});

/// What the adapters check before they reach for the network; a call that fails here is recorded as skipped.
/// Errors: capacity (a private conversation and not a local provider; the question does not fit), request (no
/// question). A caller's own body is only estimated: whether it fits is for the provider to say.
Result<ContextFit> admit(const Upstreamed& upstream, const ChatRequest& request, Call& call);

/// One JSON document by GET, within `deadline`. Errors: as `classify`; silent (the deadline passed); bad_answer.
Task<Result<std::string>> fetch(Upstreamed& upstream, std::string path, Instant deadline);

/// Asks that upstream for vectors: one try, recorded in `call`. Errors: as Upstream::embed.
Task<Result<Embeddings>> embed_at(Upstreamed& upstream, Dialect dialect, const EmbedRequest& request, Call& call);

/// The names in a list of models: OpenAI's `data[].id` or Ollama's `models[].name`. Errors: bad_answer.
Result<std::vector<std::string>> model_names(std::string_view body);

}  // namespace evenkeel
