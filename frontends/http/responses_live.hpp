#pragma once
#include <string>

#include "frontends/http/gateway.hpp"
#include "frontends/http/responses_request.hpp"

namespace evenkeel {

/// A response of which nothing is kept (`store: false`): asked for and told as it comes, and over when the caller
/// leaves. `chat_body` is what chat_body_of gave.
Task<void> relay_response(Gateway& gateway, Exchange& exchange, const ResponsesRequest& request, ModelChoice choice,
                          std::string chat_body);

}  // namespace evenkeel
