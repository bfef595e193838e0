#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "access/key_hash.hpp"
#include "access/key_meter.hpp"
#include "access/usage_book.hpp"
#include "core/async.hpp"
#include "core/env.hpp"
#include "core/message.hpp"
#include "store/key_records.hpp"

namespace evenkeel {

class Access;

/// One call that was let in. Keep it until the call is over: its end gives back the permit of a key with `concurrent`.
/// A key that is revoked meanwhile ends no call that it began. Access outlives it.
class [[nodiscard]] Admission {
public:
    Admission(Admission&& other) noexcept;
    Admission& operator=(Admission&& other) noexcept;
    ~Admission();

    /// Nil where no key is set.
    const Id& key_id() const noexcept;
    /// Empty where no key is set. Valid as long as the admission.
    std::string_view key_name() const noexcept;
    /// A budget is spent and the key says to go on with local providers alone.
    bool local_only() const noexcept { return verdict_.kind == KeyMeter::Verdict::Kind::local_only; }
    /// What to answer where `local_only` and no local provider can take it: as if the key had no `downgrade`.
    Error quota_error() const;
    /// May it name this model? An empty name (each provider's default) always.
    bool may_use_model(std::string_view model) const noexcept;
    /// May an answer be sent to this URL? Never without a key.
    bool may_call_back(std::string_view url) const noexcept;
    /// May it see what other keys did?
    bool may(KeyScope scope) const noexcept;
    /// Counts what the call used up; once per call, with all its tries: losers cost too. For a message of the durable
    /// queue say `Counted::in_ledger`, because the queue counts its tries for `evenkeel cost` itself.
    void charge(std::span<const Attempt> tries, Counted counted = Counted::nowhere);

private:
    friend class Access;
    struct Entry;
    Admission(Access& access, std::shared_ptr<Entry> entry, Demand demand, KeyMeter::Verdict verdict) noexcept;
    void leave() noexcept;
    Access* access_;
    std::shared_ptr<Entry> entry_;  ///< Null: no key is set.
    Demand demand_;
    KeyMeter::Verdict verdict_;
};

/// Who may call the gateway, and how much. The keys lie in memory: asking is one hash, one look-up and some sums, and
/// an admitted call allocates nothing. KeyKeeper (key_keeper.hpp) fills it from the store and writes the sums. One
/// loop.
class Access {
public:
    Access(Env env, const HashingKey& hashing_key);
    ~Access();
    Access(const Access&) = delete;
    Access& operator=(const Access&) = delete;

    /// No key was ever made: everybody may call, without any limit, so the gateway may listen on loopback only
    /// (listen_rule.hpp). Revoking the last key does not open it again.
    bool open() const noexcept { return keys_.empty(); }

    /// `presented` is what stood behind "Bearer ", or in x-api-key; empty: nothing did. Errors, with `http_status` set
    /// to what to answer:
    ///   account  "invalid_api_key"     401  missing, unknown, revoked or expired
    ///   policy   "insufficient_scope"  403
    ///   overload "rate_limit_exceeded" 429  requests per minute, calls under way; `retry_after` is exact for the first
    ///   overload "insufficient_quota"  429  a budget is spent; `retry_after` ends with the day or month (UTC)
    Result<Admission> admit(std::string_view presented, KeyScope scope, Demand demand = Demand::spend);

    /// For work of the durable queue that goes on without its caller.
    void charge(const Id& key, std::span<const Attempt> tries, Counted counted);

    /// A key that was made, or read from the store; one of the same id is replaced, but its permits stay out.
    void put(KeyRecord record, const KeySpending& so_far);
    /// From now on it is refused. False: there is no such key.
    bool revoke(const Id& id, WallTime when);
    /// What it used up of its budgets; empty: there is no such key.
    std::optional<KeySpending> spending(const Id& id);
    std::vector<const KeyRecord*> keys() const;

    const KeyHasher& hasher() const noexcept { return hasher_; }
    UsageBook& usage() noexcept { return usage_; }
    /// Set by every charge, for who writes the sums.
    Event& charged() noexcept { return charged_; }

private:
    friend class Admission;
    using Entry = Admission::Entry;
    /// The hash is keyed, so its first bytes are as good as chance; nobody can aim at one bucket.
    struct FirstBytes {
        std::size_t operator()(const KeyHash& hash) const noexcept;
    };
    struct SameHash {
        bool operator()(const KeyHash& a, const KeyHash& b) const noexcept { return equal_hashes(a, b); }
    };
    std::shared_ptr<Entry> find(const Id& id) const;
    Result<std::shared_ptr<Entry>> identify(std::string_view presented) const;
    void charge(Entry* entry, std::span<const Attempt> tries, Counted counted);

    Env env_;
    KeyHasher hasher_;
    std::unordered_map<KeyHash, std::shared_ptr<Entry>, FirstBytes, SameHash> keys_;
    UsageBook usage_;
    Event charged_;
};

/// Is `url` one of these targets, or below one that ends with "/"? Anything that another reader could
/// take for another host or folder ("..", "\\", "@" and escapes of them) is not.
bool is_allowed_target(std::span<const std::string> allowed, std::string_view url) noexcept;

}  // namespace evenkeel
