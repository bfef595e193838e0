#pragma once
#include <string_view>

namespace evenkeel {

/// Is this what an example file holds where a key belongs? "your_key_here", "<your-api-key>", "changeme", "sk-xxxx".
bool is_placeholder_key(std::string_view key);
/// Could it stand in a header? Printable ASCII without blanks and quotes.
bool is_usable_key(std::string_view key) noexcept;

}  // namespace evenkeel
