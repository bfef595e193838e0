#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "chat/key_costs.hpp"
#include "chat/operations.hpp"
#include "chat/savings.hpp"
#include "core/json_writer.hpp"

namespace evenkeel {

// The shapes of operations.hpp. `now` is the store's.

enum class Detail : std::uint8_t { line, whole };
/// `next_try`: how long until some provider may be asked, where that is known.
struct QuestionTimes {
    WallTime now{};
    std::optional<Millis> next_try;
};
void write_question(JsonWriter& json, const JobView& view, const QuestionTimes& times, Detail detail);
std::string questions_json(std::span<const JobView> views, const QuestionTimes& times, Detail detail);
std::string conversations_json(std::span<const ConversationView> conversations);
std::string status_json(const OwnerView& owner, std::string_view route, std::span<const LaneView> lanes,
                        const StoreFigures& figures, Instant instant, WallTime now);
/// `by_key`: empty where nobody asked for it.
std::string cost_json(WallTime from, std::span<const Spend> spend, const Savings& sum, const ReferencePrice& reference,
                      const std::optional<std::vector<KeyCost>>& by_key);

}  // namespace evenkeel
