#pragma once
#include "frontends/http/relay.hpp"

namespace evenkeel {

/// Answers the question in `exchange.body`, which is in Ollama's dialect: chooses the model, asks, and tells the reply
/// by `make_writer`, or as chat where that is null. A body without messages asks nothing of a provider: in Ollama's API
/// it loads a model or unloads it, and is answered so.
Task<void> answer_ollama(Gateway& gateway, Exchange& exchange, MakeReplyWriter make_writer);

}  // namespace evenkeel
