#pragma once
#include "frontends/http/gateway.hpp"

namespace evenkeel {

/// Does this chat call want to be kept: `Idempotency-Key`, `Prefer: respond-async` or `store: true`?
bool is_durable_chat(const Exchange& exchange, const CallerBody& body);

/// Takes a chat call of either dialect into the queue and answers from there: the answer itself (streamed or whole), or
/// with `Prefer: respond-async` 202 and where to ask for it. `body` is a view into the exchange's request.
Task<void> serve_durable_chat(Gateway& gateway, Exchange& exchange, const CallerBody& body, ModelChoice choice);

}  // namespace evenkeel
