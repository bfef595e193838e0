#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "llm/caller_body.hpp"
#include "llm/provider.hpp"

namespace evenkeel {

/// A question together with the beginning of its answer, from which a provider is asked to go on.
struct ContinuedRequest {
    ChatRequest request;
    // Of a caller's own body: what `request` points to.
    std::string json;
    CallerBody body;
};

/// `asked` with `text` behind it as the assistant's last message. What the beginning took of our own max_tokens is
/// taken off. Nothing is kept of `asked`. Empty where such a request cannot be made.
std::unique_ptr<ContinuedRequest> continued(const ChatRequest& asked, std::string_view text);

}  // namespace evenkeel
