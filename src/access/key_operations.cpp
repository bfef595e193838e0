#include "access/key_operations.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "access/key_arguments.hpp"
#include "core/json_writer.hpp"
#include "core/text.hpp"

namespace evenkeel {
namespace {

/// So many are listed where a prefix fits several.
constexpr std::size_t candidates_max = 8;

bool in_use(const KeyRecord& key, WallTime now) noexcept {
    return !key.revoked_at && (!key.expires_at || now < *key.expires_at);
}

std::string_view state_of(const KeyRecord& key, WallTime now) noexcept {
    if (key.revoked_at) return "revoked";
    return in_use(key, now) ? "in use" : "expired";
}

template <class T>
void optional_member(JsonWriter& json, std::string_view name, const std::optional<T>& value) {
    json.name(name);
    if (!value)
        json.null();
    else if constexpr (std::is_same_v<T, WallTime>)
        json.value(format_wall(*value));
    else
        json.value(*value);
}

void list_member(JsonWriter& json, std::string_view name, const std::vector<std::string>& entries) {
    json.name(name).array();
    for (const std::string& entry : entries) json.value(entry);
    json.end_array();
}

/// The members of a key, without the braces.
void write_key(JsonWriter& json, const KeyRecord& key, const KeySpending& used, std::optional<WallTime> last_used,
               WallTime now) {
    json.member("id", to_string(key.id)).member("name", key.name).member("prefix", key.prefix);
    json.member("state", state_of(key, now)).name("scopes").array();
    for (std::size_t i = 0; i < key_scopes_count; ++i)
        if (const auto scope = static_cast<KeyScope>(i); key.scopes.has(scope)) json.value(to_string(scope));
    json.end_array().name("limits").object();
    optional_member(json, "requests_per_minute", key.limits.requests_per_minute);
    optional_member(json, "tokens_per_day", key.limits.tokens_per_day);
    optional_member(json, "usd_per_day", key.limits.usd_per_day);
    optional_member(json, "usd_per_month", key.limits.usd_per_month);
    optional_member(json, "concurrent", key.limits.concurrent);
    json.member("downgrade", key.limits.downgrade);
    list_member(json, "webhooks", key.limits.webhooks);
    list_member(json, "models", key.limits.models);
    json.end_object().member("created_at", format_wall(key.created_at));
    optional_member(json, "expires_at", key.expires_at);
    optional_member(json, "revoked_at", key.revoked_at);
    optional_member(json, "last_used_at", last_used);
    json.name("used").object().member("tokens_today", used.tokens_today).member("usd_today", used.usd_today);
    json.member("usd_this_month", used.usd_this_month).member("cost_unknown_this_month", used.cost_unknown_this_month);
    json.end_object();
}

}  // namespace

Task<Result<std::string>> KeyOperations::call(std::string operation, std::string arguments) {
    JsonDoc doc;
    auto json = doc.parse(arguments.empty() ? "{}" : arguments);
    if (!json) co_return caller_fault(json.error().detail, "invalid_json");
    if (!json->is_object()) co_return caller_fault("the arguments must be an object", "invalid_json");
    if (operation == "key.create") co_return co_await create(*json);
    if (operation == "key.list") co_return co_await list(*json);
    if (operation == "key.revoke") co_return co_await revoke(*json);
    co_return caller_fault("there is no operation " + one_line(operation, 40), "unknown_operation");
}

Task<Result<std::string>> KeyOperations::create(Json arguments) {
    auto wanted = read_new_key(arguments);
    if (!wanted) co_return fail(wanted.error());
    if (wanted->expires_in) wanted->record.expires_at = env_.wall() + *wanted->expires_in;
    const bool first = keeper_.access().open();
    auto made = co_await keeper_.create(std::move(wanted->record), std::move(wanted->text));
    if (!made) co_return fail(made.error());
    co_return co_await one(made->id, true, first);
}

Task<Result<std::string>> KeyOperations::list(Json arguments) {
    const bool all = arguments["all"].boolean().value_or(false);
    auto uses =
        co_await keeper_.store().run([now = env_.wall()](StoreEngine& engine) { return engine.usage().key_use(now); });
    if (!uses) co_return fail(uses.error());
    const WallTime now = env_.wall();
    std::string out;
    JsonWriter json(out);
    json.array();
    for (const KeyRecord* key : keeper_.access().keys()) {
        if (!all && !in_use(*key, now)) continue;
        const auto use = std::ranges::find(*uses, key->id, &KeyUse::key);
        json.object();
        write_key(json, *key, keeper_.access().spending(key->id).value_or(KeySpending{}),
                  use == uses->end() ? std::nullopt : use->last_used, now);
        json.end_object();
    }
    json.end_array();
    co_return out;
}

Task<Result<std::string>> KeyOperations::one(Id id, bool created, bool first) {
    const auto keys = keeper_.access().keys();
    const auto key = std::ranges::find(keys, id, [](const KeyRecord* each) { return each->id; });
    if (key == keys.end()) co_return own_fault(ErrorClass::internal, "the key is gone", "not_found");
    std::string out;
    JsonWriter json(out);
    json.object();
    write_key(json, **key, keeper_.access().spending(id).value_or(KeySpending{}), std::nullopt, env_.wall());
    if (created) json.member("first", first);
    json.end_object();
    co_return out;
}

Result<Id> KeyOperations::resolve(std::string_view typed) const {
    const auto keys = keeper_.access().keys();
    for (const KeyRecord* key : keys)
        if (!key->revoked_at && key->name == typed) return key->id;
    std::vector<Id> found;
    const auto whole = parse_id(typed);
    const auto prefix = parse_id_prefix(typed);
    for (const KeyRecord* key : keys)
        if (key->id == whole || (prefix && prefix->low <= key->id && key->id <= prefix->high)) found.push_back(key->id);
    if (found.size() == 1) return found.front();
    if (found.empty())
        return caller_fault(
            "no key in use has the name or id " + one_line(typed, 64) + "; see 'evenkeel key list --all'", "not_found");
    std::string detail = one_line(typed, 40) + " fits several:";
    for (std::size_t i = 0; i < std::min(found.size(), candidates_max); ++i) detail += " " + to_string(found[i]);
    return caller_fault(std::move(detail), "ambiguous");
}

Task<Result<std::string>> KeyOperations::revoke(Json arguments) {
    const auto id = resolve(arguments["key"].string_or(""));
    if (!id) co_return fail(id.error());
    if (auto done = co_await keeper_.revoke(*id); !done) co_return fail(done.error());
    co_return co_await one(*id, false, false);
}

}  // namespace evenkeel
