#include "access/usage_book.hpp"

#include <chrono>
#include <functional>
#include <utility>

namespace evenkeel {
namespace {

constexpr std::string_view other_models = "(others)";

}  // namespace

std::size_t UsageBook::PlaceHash::operator()(const Place& place) const noexcept {
    std::size_t hash = std::hash<Id>{}(place.key);
    const auto mix = [&hash](std::size_t more) { hash = (hash ^ more) * 0x9e3779b97f4a7c15u; };
    mix(std::hash<std::string_view>{}(place.provider));
    mix(std::hash<std::string_view>{}(place.model));
    mix(static_cast<std::size_t>(place.start.time_since_epoch().count()));
    mix(place.in_ledger ? 1 : 2);
    return hash;
}

UsageLine& UsageBook::line_at(Place place) {
    if (const auto found = lines_.find(place); found != lines_.end()) return found->second;
    if (lines_.size() >= lines_max && place.model != other_models) {
        place.model = other_models;
        place.start = std::chrono::floor<std::chrono::days>(place.start);
        return line_at(place);
    }
    // A node is made first, then its key is pointed at the strings that live in the node itself.
    std::unordered_map<Place, UsageLine, PlaceHash> fresh;
    fresh.try_emplace(place, UsageLine{.key = place.key,
                                       .provider = std::string(place.provider),
                                       .model = std::string(place.model),
                                       .start = place.start,
                                       .in_ledger = place.in_ledger});
    auto node = fresh.extract(fresh.begin());
    node.key().provider = node.mapped().provider;
    node.key().model = node.mapped().model;
    return lines_.insert(std::move(node)).position->second;
}

void UsageBook::add(const Id& key, const Attempt& attempt, Counted counted, WallTime wall) {
    // A provider that was not asked cost nothing and is no try.
    if (attempt.outcome == Attempt::Outcome::skipped) return;
    UsageLine& line = line_at({.key = key,
                               .provider = attempt.provider,
                               .model = attempt.model,
                               .start = std::chrono::floor<std::chrono::minutes>(wall),
                               .in_ledger = counted == Counted::in_ledger});
    const Usage usage = attempt.usage.value_or(Usage{});
    line.tries += 1;
    line.answers += attempt.outcome == Attempt::Outcome::answered ? 1 : 0;
    line.input_tokens += usage.input;
    line.output_tokens += usage.output;
    line.estimated = line.estimated || usage.estimated;
    line.cost_usd += attempt.cost_usd.value_or(0);
    line.cost_unknown += attempt.usage && !attempt.cost_usd ? 1 : 0;
}

std::vector<UsageLine> UsageBook::take() {
    std::vector<UsageLine> lines;
    lines.reserve(lines_.size());
    for (auto& [place, line] : lines_) lines.push_back(std::move(line));
    lines_.clear();
    return lines;
}

void UsageBook::put_back(const std::vector<UsageLine>& lines) {
    for (const UsageLine& old : lines) {
        UsageLine& line = line_at({.key = old.key,
                                   .provider = old.provider,
                                   .model = old.model,
                                   .start = old.start,
                                   .in_ledger = old.in_ledger});
        line.tries += old.tries;
        line.answers += old.answers;
        line.input_tokens += old.input_tokens;
        line.output_tokens += old.output_tokens;
        line.estimated = line.estimated || old.estimated;
        line.cost_usd += old.cost_usd;
        line.cost_unknown += old.cost_unknown;
    }
}

}  // namespace evenkeel
