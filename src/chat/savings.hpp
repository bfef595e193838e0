#pragma once
#include <span>
#include <string>
#include <string_view>

#include "store/records.hpp"

namespace evenkeel {

/// A price to compare with, and where it was read.
struct ReferencePrice {
    std::string_view name;
    double input_usd, output_usd;  ///< Per million tokens.
    std::string_view source, read_on;
};

/// A price of GPT-4o as a third party's table quotes it. That table names OpenAI's own page as its source; that page
/// could not be read, so nobody has compared the two. `source` names both.
inline constexpr ReferencePrice reference_price{.name = "OpenAI GPT-4o",
                                                .input_usd = 2.50,
                                                .output_usd = 10.00,
                                                .source =
                                                    "https://developers.openai.com/api/docs/pricing, as quoted by "
                                                    "https://aimodelcalc.pages.dev/guides/openai-api-pricing.html",
                                                .read_on = "2026-11-22"};

/// What the ledger's tokens would have cost at the reference price.
struct Savings {
    std::int64_t tries = 0, answers = 0, input_tokens = 0, output_tokens = 0, cost_unknown = 0;
    bool estimated = false;
    double spent_usd = 0;      ///< Of those tries whose cost is known.
    double reference_usd = 0;  ///< All tokens at the reference price.
    std::int64_t days = 0;     ///< From the first day with a try to `today`, both included; 0 without any.

    double saved_usd() const noexcept { return reference_usd - spent_usd; }
    double saved_per_day() const noexcept { return days > 0 ? saved_usd() / static_cast<double>(days) : 0; }
};
/// `today`: "2026-11-22", UTC, not before the days in `spend`.
Savings savings_of(std::span<const Spend> spend, std::string_view today, const ReferencePrice& reference);

}  // namespace evenkeel
