#include "store/sqlite_keys.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/jobs.hpp"

namespace evenkeel::sqlite {
namespace {

std::string_view bytes_of(const KeyHash& hash) noexcept {
    return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

KeyHash hash_of(const std::string& bytes) noexcept {
    KeyHash hash{};
    std::memcpy(hash.data(), bytes.data(), std::min(bytes.size(), hash.size()));
    return hash;
}

/// Lists are kept one entry a line.
std::string joined(const std::vector<std::string>& entries) {
    std::string text;
    for (const std::string& entry : entries) text += entry + "\n";
    return text;
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != text.npos; at = end + 1)
        lines.push_back(text.substr(at, end - at));
    return lines;
}

std::optional<std::int64_t> maybe_integer(const Statement& row, int column) {
    return row.is_null(column) ? std::nullopt : std::optional(row.integer(column));
}
std::optional<double> maybe_real(const Statement& row, int column) {
    return row.is_null(column) ? std::nullopt : std::optional(row.real(column));
}

KeyRecord record_of(const Statement& row) {
    return {.id = row.id(0),
            .name = row.text(1),
            .prefix = row.text(2),
            .hash = hash_of(row.text(3)),
            .scopes = {static_cast<std::uint32_t>(row.integer(4))},
            .limits = {.requests_per_minute = maybe_integer(row, 5),
                       .tokens_per_day = maybe_integer(row, 6),
                       .usd_per_day = maybe_real(row, 7),
                       .usd_per_month = maybe_real(row, 8),
                       .concurrent = maybe_integer(row, 9),
                       .downgrade = row.truth(10),
                       .webhooks = lines_of(row.text(11)),
                       .models = lines_of(row.text(12))},
            .created_at = row.wall(13),
            .expires_at = row.maybe_wall(14),
            .revoked_at = row.maybe_wall(15)};
}

}  // namespace

Result<KeyHash> SqliteKeys::hashing_key(const KeyHash& fresh) {
    const auto kept = [this]() -> std::optional<KeyHash> {
        auto row = session_.db().query("SELECT bytes FROM hashing_key");
        return row.step() ? std::optional(hash_of(row.text(0))) : std::nullopt;
    };
    // Reading alone writes nothing: most starts find one.
    auto found = session_.read(kept);
    if (!found) return fail(found.error());
    if (*found) return **found;
    return session_.write(Operation::other, [&] {
        session_.db().run("INSERT OR IGNORE INTO hashing_key VALUES (1, ?)", Bytes{bytes_of(fresh)});
        return kept().value_or(fresh);
    });
}

Result<void> SqliteKeys::add_key(const KeyRecord& key) {
    return session_.write(Operation::other, [&] {
        Database& db = session_.db();
        {
            auto same = db.query("SELECT hash FROM access_key WHERE id = ?", key.id);
            if (same.step()) {
                if (hash_of(same.text(0)) == key.hash) return;
                refuse_request("another key has the id " + to_string(key.id), "conflict");
            }
        }
        if (db.integer("SELECT count(*) FROM access_key WHERE name = ? AND revoked_at IS NULL", key.name) > 0)
            refuse_request("a key named '" + key.name + "' is in use; revoke it first, or choose another name",
                           "conflict");
        if (db.integer("SELECT count(*) FROM access_key") >= keys_max)
            refuse_write(own_fault(ErrorClass::overload,
                                   "there are " + std::to_string(keys_max) + " keys already, as many as there may be",
                                   "too_many_keys")
                             .error());
        const KeyLimits& limits = key.limits;
        db.run(
            "INSERT INTO access_key (id, name, prefix, hash, scopes, requests_per_minute, tokens_per_day, usd_per_day, "
            "usd_per_month, concurrent, downgrade, webhooks, models, created_at, expires_at, revoked_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            key.id, key.name, key.prefix, Bytes{bytes_of(key.hash)}, key.scopes.bits, limits.requests_per_minute,
            limits.tokens_per_day, limits.usd_per_day, limits.usd_per_month, limits.concurrent, limits.downgrade,
            joined(limits.webhooks), joined(limits.models), key.created_at, key.expires_at, key.revoked_at);
    });
}

Result<void> SqliteKeys::revoke_key(const Id& id, WallTime now) {
    return session_.write(Operation::other, [&] {
        if (session_.db().integer("SELECT count(*) FROM access_key WHERE id = ?", id) == 0)
            refuse_request("no key has the id " + to_string(id), "not_found");
        session_.db().run("UPDATE access_key SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", now, id);
    });
}

Result<std::vector<KeyRecord>> SqliteKeys::keys() {
    return session_.read([&] {
        auto row = session_.db().query(
            "SELECT id, name, prefix, hash, scopes, requests_per_minute, tokens_per_day, usd_per_day, usd_per_month, "
            "concurrent, downgrade, webhooks, models, created_at, expires_at, revoked_at FROM access_key "
            "ORDER BY number");
        std::vector<KeyRecord> keys;
        while (row.step()) keys.push_back(record_of(row));
        return keys;
    });
}

}  // namespace evenkeel::sqlite
