#include "llm/tool_arguments.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace evenkeel {

void ToolArguments::add(Json call) {
    // Whole calls need no index; several of them in one answer are told apart by their place.
    const std::int64_t index = call["index"].integer_or(static_cast<std::int64_t>(calls_.size()));
    const std::string_view piece = call["function"]["arguments"].string_or("");
    bytes_ += piece.size() + sizeof(std::string);
    if (bytes_ > bytes_max) {
        too_long_ = true;
        calls_.clear();
    }
    if (!too_long_) calls_[index] += piece;
}

bool ToolArguments::can_be_read() const {
    return std::ranges::all_of(calls_, [](const auto& call) {
        JsonDoc document;
        return trimmed(call.second).empty() || document.parse(call.second).has_value();
    });
}

}  // namespace evenkeel
