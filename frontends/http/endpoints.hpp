#pragma once
#include "frontends/http/gateway.hpp"

namespace evenkeel {

// One function for each family of routes, in a file of its name. A new one is declared here and named in the table of
// endpoints.cpp.

Task<void> serve_chat_completions(Gateway& gateway, Exchange& exchange);
Task<void> serve_models(Gateway& gateway, Exchange& exchange);
Task<void> serve_model(Gateway& gateway, Exchange& exchange);

}  // namespace evenkeel
