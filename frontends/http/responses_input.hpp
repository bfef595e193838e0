#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "core/json.hpp"
#include "core/json_writer.hpp"

namespace evenkeel {

/// `input` of a response as chat messages.
struct ResponsesInput {
    std::string messages;  ///< With commas between them.
    std::string question;  ///< The last text of a user; may be empty.
};

/// A string, or items: messages, function_call, function_call_output; reasoning is passed over, since no other model
/// can read it. Errors, request of the caller: "invalid_value", "unsupported_parameter".
Result<ResponsesInput> read_responses_input(Json input);

/// The reverse: the items that a chat message stands for, appended to an open array. Their ids are made of `hex` and
/// `number`, which counts on.
void write_input_items(JsonWriter& json, Json message, std::string_view hex, std::size_t& number);

}  // namespace evenkeel
