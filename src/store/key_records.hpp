#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/ids.hpp"
#include "core/time.hpp"

namespace evenkeel {

/// What a key of the gateway opens. Each route asks for one.
enum class KeyScope : std::uint8_t {
    chat,        ///< /v1/chat/completions, /v1/completions, /api/chat, /api/generate.
    responses,   ///< /v1/responses and what was accepted in the background.
    embeddings,  ///< /v1/embeddings, /api/embed.
    models,      ///< The lists of models: /v1/models, /api/tags, /api/show, /api/ps.
    metrics,     ///< /metrics.
    operate,     ///< Explanations of any key's requests, and what else is for the operator. In words: "operator".
};
inline constexpr std::size_t key_scopes_count = 6;
std::string_view to_string(KeyScope scope) noexcept;
std::optional<KeyScope> key_scope_from(std::string_view word) noexcept;

/// A set of scopes: bit n is the scope of that number, so that rows keep their meaning as long as nobody reorders.
struct KeyScopes {
    std::uint32_t bits = 0;
    constexpr bool has(KeyScope scope) const noexcept { return (bits >> static_cast<unsigned>(scope) & 1u) != 0; }
    constexpr void add(KeyScope scope) noexcept { bits |= 1u << static_cast<unsigned>(scope); }
    bool operator==(const KeyScopes&) const = default;
};
/// What a key may do where nothing else was said: all but metrics and operate.
inline constexpr KeyScopes usual_key_scopes{0b1111};

/// What one key may use up. Empty: no limit. Days and months are those of the calendar in UTC. Tokens and money are
/// known only once an answer is there, so what is under way when a budget runs out may exceed it; `concurrent` bounds
/// by how much.
struct KeyLimits {
    std::optional<std::int64_t> requests_per_minute;  ///< ≥ 1; as many may come at once, then they refill evenly.
    std::optional<std::int64_t> tokens_per_day;       ///< Read and written together, of every try.
    std::optional<double> usd_per_day;                ///< ≥ 0. Tries whose price is unknown count nothing.
    std::optional<double> usd_per_month;
    std::optional<std::int64_t> concurrent;  ///< ≥ 1; calls under way at the same time.
    bool downgrade = false;             ///< A spent budget sends calls to the local providers instead of refusing them.
    std::vector<std::string> webhooks;  ///< Targets allowed for call-backs, as URL prefixes; none: no call-backs.
    std::vector<std::string> models;    ///< Models it may name; none listed: all.
    bool operator==(const KeyLimits&) const = default;
};

/// The keyed hash of a key, 256 bits.
using KeyHash = std::array<std::byte, 32>;

/// A key as it is kept. The key itself is nowhere but with its holder.
struct KeyRecord {
    Id id;
    std::string name;    ///< 1 to 64 bytes, chosen by people; unique among the keys that are not revoked.
    std::string prefix;  ///< How it begins, so that its holder can tell which one it is: "sk-evk-Ab3d".
    KeyHash hash{};
    KeyScopes scopes = usual_key_scopes;
    KeyLimits limits;
    WallTime created_at{};
    std::optional<WallTime> expires_at;
    std::optional<WallTime> revoked_at;
};

/// What a key has used up in the present day and month (UTC), by every try, losers included.
struct KeySpending {
    std::int64_t tokens_today = 0;
    double usd_today = 0, usd_this_month = 0;
    std::int64_t cost_unknown_this_month = 0;  ///< Tries with tokens whose cost is not in these sums.
};

/// The same with its key, as the store sums it.
struct KeyUse {
    Id key;
    KeySpending spending;
    std::optional<WallTime> last_used;  ///< To the minute; to the day once folded.
};

/// What one key used up at one provider and model in one minute (or, folded, in one day).
struct UsageLine {
    Id key;  ///< Nil: no key was asked for.
    std::string provider, model;
    WallTime start{};  ///< Of the minute, or of the day.
    std::int64_t tries = 0, answers = 0;
    std::int64_t input_tokens = 0, output_tokens = 0;
    bool estimated = false;         ///< Some of the tokens are.
    double cost_usd = 0;            ///< Of those tries whose cost is known.
    std::int64_t cost_unknown = 0;  ///< Tries with tokens whose cost is not.
    bool in_ledger = false;         ///< The queue has counted these for `cost` already; only the key's share is new.
};

}  // namespace evenkeel
