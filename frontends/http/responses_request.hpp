#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "core/json.hpp"
#include "core/message.hpp"

namespace evenkeel {

/// A `POST /v1/responses` as we can answer it (protocols.md 2.10): what is asked of the providers, in words of
/// `/v1/chat/completions`, and what the caller is told again with every reply.
struct ResponsesRequest {
    std::string model;  ///< As asked for; empty: whatever there is.
    std::string previous_response_id;
    std::string user;      ///< `safety_identifier`, else `user`; may be empty.
    std::string question;  ///< A line for people: the beginning of the last text of a user, ≤ 4 KiB. Never empty.
    bool stream = false, background = false, store = true;

    std::string instructions;  ///< A chat message with a comma behind it, or empty.
    std::string messages;      ///< Chat messages of `input`, with commas between them.
    std::string options;       ///< Further members of the chat request, each with a comma before it.
    /// {instructions, max_output_tokens, …}: the fields of a response object that repeat the request.
    std::string echo;
};

/// Reads a body. Errors, all request of the caller: "invalid_json", "missing_field", "invalid_value",
/// "unsupported_parameter" (the detail names the field and says what works instead).
Result<ResponsesRequest> read_responses_request(std::string_view body);

/// The body for `/v1/chat/completions`; `earlier` is what earlier_messages gave, or empty. Not streamed, unlike the
/// caller: that is the queue's business.
std::string chat_body_of(const ResponsesRequest& request, std::string_view earlier);

/// What was said up to the end of an earlier response, as chat messages with commas between them. `chat_body` and
/// `echo` are those it was asked with; its instructions are not inherited. Errors: internal (it is no such body).
Result<std::string> earlier_messages(std::string_view chat_body, std::string_view echo, const Id& id,
                                     const Answer& answer);

/// The input items of a response, newest last: `data` of `GET /v1/responses/{id}/input_items`.
Result<std::string> input_items_of(std::string_view chat_body, std::string_view echo, const Id& id);

/// "call_…": the name of a tool's call where the provider gave none.
std::string call_id_of(std::string_view given, const Id& id, std::size_t index);

/// 32 hexadecimal digits.
std::string hex_of(const Id& id);
/// The id behind "resp_" or "chatcmpl-"; nothing for anything else.
std::optional<Id> id_behind(std::string_view prefix, std::string_view text) noexcept;

}  // namespace evenkeel
