#include "chat/key_costs.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

namespace evenkeel {
namespace {

void add(UsageLine& sum, const UsageLine& line) {
    sum.tries += line.tries;
    sum.answers += line.answers;
    sum.input_tokens += line.input_tokens;
    sum.output_tokens += line.output_tokens;
    sum.estimated = sum.estimated || line.estimated;
    sum.cost_usd += line.cost_usd;
    sum.cost_unknown += line.cost_unknown;
}

/// Sums of floating point may differ in their last digit; less than this is nothing.
constexpr double smallest_usd = 1e-9;

}  // namespace

std::vector<KeyCost> key_costs(std::span<const UsageLine> usage, std::span<const KeyRecord> keys,
                               const Savings& total) {
    std::map<Id, UsageLine> sums;
    UsageLine keyed;
    for (const UsageLine& line : usage) {
        if (line.key.is_nil()) continue;
        add(sums[line.key], line);
        add(keyed, line);
    }
    std::vector<KeyCost> costs;
    for (const auto& [id, sum] : sums) {
        const auto key = std::ranges::find(keys, id, &KeyRecord::id);
        const bool known = key != keys.end();
        costs.push_back({.key = id,
                         .name = known ? key->name : to_string(id),
                         .revoked = known && key->revoked_at.has_value(),
                         .sum = sum});
    }
    std::ranges::sort(costs, {}, [](const KeyCost& cost) { return std::pair(std::string_view(cost.name), cost.key); });
    UsageLine rest{.tries = std::max<std::int64_t>(0, total.tries - keyed.tries),
                   .answers = std::max<std::int64_t>(0, total.answers - keyed.answers),
                   .input_tokens = std::max<std::int64_t>(0, total.input_tokens - keyed.input_tokens),
                   .output_tokens = std::max<std::int64_t>(0, total.output_tokens - keyed.output_tokens),
                   .cost_usd = std::max(0.0, total.spent_usd - keyed.cost_usd),
                   .cost_unknown = std::max<std::int64_t>(0, total.cost_unknown - keyed.cost_unknown)};
    if (rest.cost_usd < smallest_usd) rest.cost_usd = 0;
    rest.estimated = total.estimated && rest.tries > 0;
    if (rest.tries > 0) costs.push_back({.sum = rest});
    return costs;
}

}  // namespace evenkeel
