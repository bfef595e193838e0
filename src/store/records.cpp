#include "store/records.hpp"

#include <array>

namespace evenkeel {
namespace {

constexpr std::array<std::string_view, 8> state_words{"queued",    "working", "answered", "delivered",
                                                      "cancelled", "refused", "expired",  "dead"};
constexpr std::array<std::string_view, 4> kind_words{"answer", "expired", "refused", "dead"};

}  // namespace

std::string_view to_string(JobState state) noexcept { return state_words[static_cast<std::size_t>(state)]; }

std::optional<JobState> job_state_from(std::string_view word) noexcept {
    for (std::size_t i = 0; i < state_words.size(); ++i)
        if (state_words[i] == word) return static_cast<JobState>(i);
    return std::nullopt;
}

std::string_view to_string(Delivery::Kind kind) noexcept { return kind_words[static_cast<std::size_t>(kind)]; }

}  // namespace evenkeel
