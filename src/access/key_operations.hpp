#pragma once
#include <string>
#include <string_view>

#include "access/key_keeper.hpp"
#include "core/json.hpp"
#include "core/task.hpp"

namespace evenkeel {

/// The operations on keys for `Desk::call`: JSON in, JSON out, as chat/operations.hpp describes the others. `key` of a
/// revocation is the name of a key that is in use, an id, or its first ≥ 6 digits.
///
/// | operation  | arguments                                                     | result       |
/// |------------|---------------------------------------------------------------|--------------|
/// | key.create | {id, secret, name, scopes?, limits?, expires_in_s?}           | key + {first} |
/// | key.list   | {all?}                                                        | [key]        |
/// | key.revoke | {key}                                                         | key          |
///
/// `id` and `secret` (make_key_text) are the caller's, so that repeating the call, which a change of owner may do,
/// makes no second key. `first`: it is the first key, so from now on every caller needs one. limits and those of a key:
/// {requests_per_minute, tokens_per_day, usd_per_day, usd_per_month, concurrent, downgrade, webhooks: [text], models:
/// [text]}; null or missing is no limit. key: {id, name, prefix, state ("in use", "expired", "revoked"), scopes:
/// [text], limits, created_at, expires_at, revoked_at, last_used_at, used: {tokens_today, usd_today, usd_this_month,
/// cost_unknown_this_month}}. Without `all` the list holds only keys in use.
class KeyOperations {
public:
    /// Both outlive it.
    KeyOperations(Env env, KeyKeeper& keeper) noexcept : env_(env), keeper_(keeper) {}

    static bool knows(std::string_view operation) noexcept { return operation.starts_with("key."); }
    /// Errors: request ("unknown_operation", "invalid_json", "bad_argument", "conflict", "not_found", "ambiguous"),
    /// overload "too_many_keys", storage.
    Task<Result<std::string>> call(std::string operation, std::string arguments);

private:
    Task<Result<std::string>> create(Json arguments);
    Task<Result<std::string>> list(Json arguments);
    Task<Result<std::string>> revoke(Json arguments);
    Result<Id> resolve(std::string_view typed) const;
    Task<Result<std::string>> one(Id id, bool created, bool first);

    Env env_;
    KeyKeeper& keeper_;
};

}  // namespace evenkeel
