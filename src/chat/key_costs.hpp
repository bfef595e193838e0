#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "chat/savings.hpp"
#include "store/key_records.hpp"

namespace evenkeel {

/// What one key of the gateway used up.
struct KeyCost {
    std::optional<Id> key;  ///< Empty: the rest of the ledger, which no key stands for: chat, ask, the queue, probes,
                            ///< and calls of the gateway while no key was set.
    std::string name;       ///< Of the key; empty for the rest.
    bool revoked = false;
    UsageLine sum;  ///< Over providers, models and time; only its figures count.
};

/// A line per key with usage, by name, then the rest where there is one. Removed usage of old days counts to the rest.
std::vector<KeyCost> key_costs(std::span<const UsageLine> usage, std::span<const KeyRecord> keys, const Savings& total);

}  // namespace evenkeel
