#include "llm/continued_request.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "core/json_writer.hpp"

namespace evenkeel {
namespace {

/// Rather too few bytes a token than too many: the whole answer must not end before its time.
constexpr std::size_t bytes_per_token = 5;
constexpr std::uint32_t tokens_left_min = 16;

/// The caller's bytes with one more element at the end of `messages`.
std::string with_message(const CallerBody& body, std::string_view text) {
    const std::string_view messages = body.slices.messages;
    const std::size_t end = static_cast<std::size_t>(messages.data() - body.json.data()) + messages.rfind(']');
    const bool is_empty = messages.find('{') == std::string_view::npos;
    std::string json(body.json.substr(0, end));
    if (!is_empty) json += ',';
    JsonWriter(json).object().member("role", to_string(Role::assistant)).member("content", text).end_object();
    json += body.json.substr(end);
    return json;
}

}  // namespace

std::unique_ptr<ContinuedRequest> continued(const ChatRequest& asked, std::string_view text) {
    auto made = std::make_unique<ContinuedRequest>(ContinuedRequest{.request = asked});
    ChatRequest& request = made->request;
    if (asked.body != nullptr) {
        made->json = with_message(*asked.body, text);
        auto body = parse_caller_body(asked.body->dialect, made->json);
        if (!body) return nullptr;
        made->body = std::move(*body);
        request.body = &made->body;
        return made;
    }
    request.turns.push_back({.role = Role::assistant, .text = std::string(text)});
    const auto spent = static_cast<std::uint32_t>(std::min<std::size_t>(text.size() / bytes_per_token, UINT32_MAX));
    request.max_tokens = std::max(request.max_tokens - std::min(spent, request.max_tokens),
                                  std::min(tokens_left_min, request.max_tokens));
    return made;
}

}  // namespace evenkeel
