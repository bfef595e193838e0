#pragma once
#include "frontends/http/gateway.hpp"

namespace evenkeel {

/// Asks the providers and hands the reply to the caller in the dialect of the route: streamed as it comes where
/// `request.stream`, else whole. Nothing is sent before the first content, so that until then an error keeps its status
/// and another provider can be asked. An upstream of the caller's dialect is handed on byte by byte, others are told
/// anew. `request` lives as long as the exchange.
Task<void> relay(Gateway& gateway, Exchange& exchange, const ChatRequest& request);

}  // namespace evenkeel
