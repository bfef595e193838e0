#include "core/message.hpp"

#include <array>

namespace evenkeel {
namespace {

constexpr std::array<std::string_view, 3> roles{"system", "user", "assistant"};
constexpr std::array<std::string_view, 4> reasons{"stop", "length", "tool_calls", "content_filter"};
constexpr std::array<std::string_view, 6> outcomes{"running", "answered", "failed", "cut", "cancelled", "skipped"};

template <class Enum, std::size_t N>
std::optional<Enum> find_word(const std::array<std::string_view, N>& words, std::string_view word) noexcept {
    for (std::size_t i = 0; i < N; ++i)
        if (words[i] == word) return static_cast<Enum>(i);
    return std::nullopt;
}

}  // namespace

std::string_view to_string(Role role) noexcept { return roles[static_cast<std::size_t>(role)]; }
std::string_view to_string(FinishReason reason) noexcept { return reasons[static_cast<std::size_t>(reason)]; }
std::string_view to_string(Attempt::Outcome outcome) noexcept { return outcomes[static_cast<std::size_t>(outcome)]; }
std::optional<FinishReason> finish_reason_from(std::string_view word) noexcept {
    return find_word<FinishReason>(reasons, word);
}
std::optional<Attempt::Outcome> outcome_from(std::string_view word) noexcept {
    return find_word<Attempt::Outcome>(outcomes, word);
}

}  // namespace evenkeel
