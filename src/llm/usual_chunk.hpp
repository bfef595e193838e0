#pragma once
#include <optional>
#include <string_view>

#include "core/message.hpp"

namespace evenkeel {

/// What most chunks of a stream, and most whole answers, of OpenAI's dialect hold, and nothing else: a piece of text of
/// the first choice, perhaps with its finish and the usage. All views are into the JSON text.
struct UsualChunk {
    std::string_view model;    ///< Empty: not named.
    std::string_view content;  ///< As it is to be read; may be empty.
    std::string_view finish;   ///< Empty: not yet.
    std::optional<Usage> usage;
};

/// Reads such a chunk in one pass, without building anything: some ten times cheaper than a parse. Nothing for whatever
/// is not just that (errors, calls of tools, reasoning, several choices, escapes in the text, prices, a field of
/// unknown meaning that is not null) and for what is no JSON: then the parser decides.
std::optional<UsualChunk> read_usual_chunk(std::string_view json);

}  // namespace evenkeel
