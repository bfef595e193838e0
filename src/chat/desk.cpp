#include "chat/desk.hpp"

#include <algorithm>
#include <array>

namespace evenkeel {
namespace {
constexpr std::array<std::string_view, 10> kinds{"accepted", "progress",  "delta",   "restarted", "queued",
                                                 "answered", "cancelled", "refused", "expired",   "dead"};
}

std::string_view to_string(TurnEvent::Kind kind) noexcept { return kinds[static_cast<std::size_t>(kind)]; }

std::optional<TurnEvent::Kind> turn_event_from(std::string_view word) noexcept {
    const auto found = std::ranges::find(kinds, word);
    if (found == kinds.end()) return std::nullopt;
    return static_cast<TurnEvent::Kind>(found - kinds.begin());
}

}  // namespace evenkeel
