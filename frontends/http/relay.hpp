#pragma once
#include <memory>

#include "frontends/http/gateway.hpp"
#include "llm/reply_writer.hpp"

namespace evenkeel {

/// Asks the providers and hands the reply to the caller in the dialect of the route: streamed as it comes where
/// `request.stream`, else whole. Nothing is sent before the first content, so that until then an error keeps its status
/// and another provider can be asked. An upstream of the caller's dialect is handed on byte by byte, others are told
/// anew. `request` lives as long as the exchange.
Task<void> relay(Gateway& gateway, Exchange& exchange, const ChatRequest& request);

/// Makes the writer of a reply that has another shape than chat.
using MakeReplyWriter = std::unique_ptr<ReplyWriter> (*)(Env env, ReplyHead head);
/// The same for such a route: every reply is told anew.
Task<void> relay_as(Gateway& gateway, Exchange& exchange, const ChatRequest& request, MakeReplyWriter make_writer);

}  // namespace evenkeel
