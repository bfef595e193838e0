#include "store/key_records.hpp"

#include <algorithm>

namespace evenkeel {
namespace {

constexpr std::array<std::string_view, key_scopes_count> scope_words{"chat",   "responses", "embeddings",
                                                                     "models", "metrics",   "operator"};

}  // namespace

std::string_view to_string(KeyScope scope) noexcept { return scope_words[static_cast<std::size_t>(scope)]; }

std::optional<KeyScope> key_scope_from(std::string_view word) noexcept {
    const auto found = std::ranges::find(scope_words, word);
    if (found == scope_words.end()) return std::nullopt;
    return static_cast<KeyScope>(found - scope_words.begin());
}

}  // namespace evenkeel
