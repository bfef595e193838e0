#include "chat/savings.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>

namespace evenkeel {
namespace {

/// The number that `text` spells; `otherwise` where it spells none.
template <class Number>
Number number_of(std::string_view text, Number otherwise) {
    std::from_chars(text.data(), text.data() + text.size(), otherwise);
    return otherwise;
}

/// Of "2026-11-22"; the epoch for anything else.
std::chrono::sys_days day_of(std::string_view text) {
    if (text.size() != 10) return {};
    return std::chrono::year{number_of(text.substr(0, 4), 1970)} /
           std::chrono::month{number_of(text.substr(5, 2), 1U)} / std::chrono::day{number_of(text.substr(8, 2), 1U)};
}

}  // namespace

Savings savings_of(std::span<const Spend> spend, std::string_view today, const ReferencePrice& reference) {
    Savings sum;
    std::string_view first = today;
    for (const Spend& line : spend) {
        first = std::min(first, std::string_view(line.day));
        sum.tries += line.tries;
        sum.answers += line.answers;
        sum.input_tokens += line.input_tokens;
        sum.output_tokens += line.output_tokens;
        sum.cost_unknown += line.cost_unknown;
        sum.estimated |= line.estimated;
        sum.spent_usd += line.cost_usd;
    }
    sum.reference_usd = (static_cast<double>(sum.input_tokens) * reference.input_usd +
                         static_cast<double>(sum.output_tokens) * reference.output_usd) /
                        1e6;
    if (!spend.empty()) sum.days = (day_of(today) - day_of(first)).count() + 1;
    return sum;
}

}  // namespace evenkeel
