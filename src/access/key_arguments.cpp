#include "access/key_arguments.hpp"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "access/access.hpp"
#include "core/text.hpp"

namespace evenkeel {
namespace {

constexpr std::int64_t count_max = 1'000'000'000'000'000;  ///< Tokens and requests: beyond that it is no limit.
constexpr double usd_max = 1e9;
constexpr std::size_t name_bytes_max = 64, entries_max = 64, entry_bytes_max = 512;
constexpr std::int64_t expires_s_max = std::int64_t{100} * 365 * 86'400;
constexpr std::size_t secret_bytes = 50;  ///< Of make_key_text.

std::unexpected<Error> bad(std::string detail) { return caller_fault(std::move(detail), "bad_argument"); }

bool is_plain(std::string_view text) noexcept {
    return std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; }) &&
           to_valid_utf8(text) == text;
}

Result<std::optional<std::int64_t>> count(Json limits, const char* name, std::int64_t least) {
    const Json given = limits[name];
    if (given.is_nothing()) return std::nullopt;
    const auto value = given.integer();
    if (!value || *value < least || *value > count_max)
        return bad(std::string(name) + " must be a whole number from " + std::to_string(least) + " up");
    return value;
}

Result<std::optional<double>> usd(Json limits, const char* name) {
    const Json given = limits[name];
    if (given.is_nothing()) return std::nullopt;
    const auto value = given.number();
    if (!value || *value < 0 || *value > usd_max) return bad(std::string(name) + " must be a sum of USD from 0 up");
    return value;
}

Result<std::vector<std::string>> entries(Json list, const char* name) {
    std::vector<std::string> texts;
    for (const Json& each : list.elements()) {
        const std::string_view text = each.string_or("");
        if (text.empty() || text.size() > entry_bytes_max || !is_plain(text) || texts.size() == entries_max)
            return bad(std::string(name) + " may hold " + std::to_string(entries_max) + " lines of at most " +
                       std::to_string(entry_bytes_max) + " bytes");
        texts.emplace_back(text);
    }
    return texts;
}

Result<std::vector<std::string>> webhooks(Json limits) {
    auto targets = entries(limits["webhooks"], "webhooks");
    if (!targets) return targets;
    for (std::string& target : *targets) {
        const auto scheme = target.find("://");
        const bool web = target.starts_with("https://") || target.starts_with("http://");
        if (!web || scheme + 3 == target.size() || target[scheme + 3] == '/' ||
            !is_allowed_target(std::vector{target}, target))
            return bad(
                "a webhook target is a URL such as https://hooks.example.com/evenkeel/, without user, escapes "
                "or \"..\"; with \"/\" at its end it stands for all that lies below: " +
                one_line(target, 80));
        // A host alone means all of it; without the slash "example.com.evil.net" would begin with it too.
        if (target.find('/', scheme + 3) == target.npos) target += '/';
    }
    return targets;
}

Result<KeyScopes> scopes(Json list) {
    if (list.is_nothing() || list.size() == 0) return usual_key_scopes;
    KeyScopes chosen;
    for (const Json& each : list.elements()) {
        const auto scope = key_scope_from(each.string_or(""));
        if (!scope)
            return bad("there is no scope " + one_line(each.string_or("?"), 40) +
                       "; use chat, responses, embeddings, models, metrics, operator");
        chosen.add(*scope);
    }
    return chosen;
}

Result<KeyLimits> limits_of(Json given) {
    KeyLimits limits;
    auto requests = count(given, "requests_per_minute", 1);
    if (!requests) return fail(requests.error());
    auto tokens = count(given, "tokens_per_day", 0);
    if (!tokens) return fail(tokens.error());
    auto day = usd(given, "usd_per_day");
    if (!day) return fail(day.error());
    auto month = usd(given, "usd_per_month");
    if (!month) return fail(month.error());
    auto concurrent = count(given, "concurrent", 1);
    if (!concurrent) return fail(concurrent.error());
    auto targets = webhooks(given);
    if (!targets) return fail(targets.error());
    auto models = entries(given["models"], "models");
    if (!models) return fail(models.error());
    return KeyLimits{.requests_per_minute = *requests,
                     .tokens_per_day = *tokens,
                     .usd_per_day = *day,
                     .usd_per_month = *month,
                     .concurrent = *concurrent,
                     .downgrade = given["downgrade"].boolean().value_or(false),
                     .webhooks = std::move(*targets),
                     .models = std::move(*models)};
}

bool is_key_text(std::string_view text) noexcept {
    constexpr std::string_view start = "sk-evk-";
    return text.size() == secret_bytes && text.starts_with(start) &&
           std::ranges::all_of(text.substr(start.size()), [](unsigned char c) { return std::isalnum(c) != 0; });
}

}  // namespace

Result<NewKey> read_new_key(Json arguments) {
    NewKey key;
    const auto id = parse_id(arguments["id"].string_or(""));
    const std::string_view text = arguments["secret"].string_or("");
    if (!id || !is_key_text(text)) return bad("id and secret must be those of a key that was just made");
    const std::string_view name = arguments["name"].string_or("");
    if (name.empty() || name.size() > name_bytes_max || !is_plain(name) || trimmed(name) != name)
        return bad("a key's name has 1 to 64 bytes on one line, without blanks around it");
    auto scope = scopes(arguments["scopes"]);
    if (!scope) return fail(scope.error());
    auto limits = limits_of(arguments["limits"]);
    if (!limits) return fail(limits.error());
    if (limits->downgrade && !limits->tokens_per_day && !limits->usd_per_day && !limits->usd_per_month)
        return bad("downgrade needs a budget that can be spent: tokens or USD per day, or USD per month");
    if (const Json expires = arguments["expires_in_s"]; !expires.is_nothing()) {
        const auto seconds = expires.integer();
        if (!seconds || *seconds < 1 || *seconds > expires_s_max)
            return bad("expires_in_s must be a number of seconds from 1 up to 100 years");
        key.expires_in = Seconds{*seconds};
    }
    key.record = {.id = *id,
                  .name = std::string(name),
                  .prefix = std::string(text.substr(0, 11)),
                  .scopes = *scope,
                  .limits = std::move(*limits)};
    key.text = Secret(std::string(text));
    return key;
}

}  // namespace evenkeel
