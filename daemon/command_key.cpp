#include "daemon/command_key.hpp"

#include <array>
#include <cstddef>
#include <utility>

#include <fmt/format.h>

#include "access/key_hash.hpp"
#include "core/ids.hpp"
#include "core/json_writer.hpp"
#include "core/text.hpp"
#include "frontends/terminal/figures.hpp"
#include "os/entropy.hpp"

namespace evenkeel {
namespace {

using terminal::Style;

constexpr std::size_t id_length = 13;  ///< The characters that hold the time.

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : std::string(between)) + part;
    return text;
}

std::vector<std::string> texts_of(Json list) {
    std::vector<std::string> texts;
    for (const Json& each : list.elements()) texts.emplace_back(each.string_or(""));
    return texts;
}

template <class T>
void member_if(JsonWriter& json, std::string_view name, const std::optional<T>& value) {
    if (value) json.member(name, *value);
}

void list_member(JsonWriter& json, std::string_view name, const std::vector<std::string>& entries) {
    json.name(name).array();
    for (const std::string& entry : entries) json.value(entry);
    json.end_array();
}

std::string arguments_of(const command::KeyCreate& options, const Id& id, const Secret& key) {
    std::string text;
    JsonWriter json(text);
    json.object().member("id", to_string(id)).member("secret", key.reveal()).member("name", options.name);
    if (!options.scopes.empty()) list_member(json, "scopes", options.scopes);
    if (options.expires) json.member("expires_in_s", std::chrono::ceil<Seconds>(*options.expires).count());
    json.name("limits").object();
    member_if(json, "requests_per_minute", options.requests_per_minute);
    member_if(json, "tokens_per_day", options.tokens_per_day);
    member_if(json, "usd_per_day", options.usd_per_day);
    member_if(json, "usd_per_month", options.usd_per_month);
    member_if(json, "concurrent", options.concurrent);
    json.member("downgrade", options.downgrade);
    list_member(json, "webhooks", options.webhooks);
    list_member(json, "models", options.models);
    json.end_object().end_object();
    return text;
}

/// Where to reach what listens at `listen` from this machine.
std::string url_of(std::string_view listen) {
    for (const std::string_view everywhere : {"0.0.0.0:", "[::]:", "*:"})
        if (listen.starts_with(everywhere)) return "http://127.0.0.1:" + std::string(listen.substr(everywhere.size()));
    return "http://" + std::string(listen);
}

/// A first call that this key may make.
std::string curl_line(Json scopes, std::string_view listen, std::string_view key) {
    const auto may = [scopes](std::string_view scope) {
        for (const Json& each : scopes.elements())
            if (each.string() == scope) return true;
        return false;
    };
    const std::string call = "curl " + url_of(listen);
    const std::string header = fmt::format(" -H \"Authorization: Bearer {}\"", key);
    if (may("chat"))
        return call + "/v1/chat/completions" + header +
               " -H \"Content-Type: application/json\" -d '{\"model\": \"evenkeel\", \"messages\": [{\"role\": "
               "\"user\", \"content\": \"Hello\"}]}'";
    if (may("metrics") && !may("models")) return call + "/metrics" + header;
    return call + "/v1/models" + header;
}

std::string created_text(Json key, std::string_view secret, const KeyTalk& talk, const terminal::Screen& screen) {
    std::string text = facts({{"key", std::string(key["name"].string_or(""))},
                              {"id", std::string(key["id"].string_or(""))},
                              {"opens", joined(texts_of(key["scopes"]), ", ")},
                              {"limits", key_limits_text(key["limits"])},
                              {"models", joined(texts_of(key["limits"]["models"]), ", ")},
                              {"call-backs", joined(texts_of(key["limits"]["webhooks"]), ", ")},
                              {"expires", std::string(key["expires_at"].string_or(""))}},
                             screen);
    text += fmt::format("\n  {}\n\n", terminal::styled(secret, Style::bold, screen.colours()));
    text += "It is shown this once; only its hash is kept. While 'evenkeel serve' runs:\n\n  " +
            curl_line(key["scopes"], talk.listen, secret) + "\n";
    return text;
}

std::string used_text(Json used) {
    const auto tokens = used["tokens_today"].integer_or(0);
    const double usd = used["usd_today"].number().value_or(0);
    if (tokens == 0) return "–";
    return counted(tokens, "token", "tokens") + (usd > 0 ? ", " + terminal::spoken_cost(usd) : std::string());
}

Style style_of_key(std::string_view state) noexcept { return state == "in use" ? Style::plain : Style::dim; }

}  // namespace

std::string key_limits_text(Json limits) {
    std::vector<std::string> parts;
    const auto number = [limits](const char* name) { return limits[name].integer(); };
    const auto money = [limits](const char* name) { return limits[name].number(); };
    if (const auto each = number("requests_per_minute"))
        parts.push_back(counted(*each, "request", "requests") + " a minute");
    if (const auto each = number("tokens_per_day")) parts.push_back(counted(*each, "token", "tokens") + " a day");
    const auto usd = [](double sum) { return sum == 0 ? std::string("$0") : terminal::spoken_cost(sum); };
    if (const auto each = money("usd_per_day")) parts.push_back(usd(*each) + " a day");
    if (const auto each = money("usd_per_month")) parts.push_back(usd(*each) + " a month");
    if (limits["downgrade"].boolean().value_or(false)) parts.emplace_back("then local providers");
    if (const auto each = number("concurrent")) parts.push_back(grouped(*each) + " at a time");
    return parts.empty() ? "none" : joined(parts, " · ");
}

Task<int> run_key_create(Desk& desk, Env env, command::KeyCreate options, KeyTalk talk, Output& output) {
    std::array<std::byte, 32> chance{};
    os::secure_bytes(chance);
    const FreshKey fresh = make_key_text(chance);
    const Id id = IdMaker(env).next();
    const auto reply = co_await desk.call("key.create", arguments_of(options, id, fresh.text));
    if (!reply) co_return report(reply.error(), output);
    JsonDoc document;
    const auto key = parse_reply(document, *reply);
    if (!key) co_return report(key.error(), output);
    if (output.json)
        co_return print_json(fmt::format("{{\"key\":\"{}\",{}", fresh.text.reveal(), reply->substr(1)), output);
    if (output.quiet) {
        output.out.write(fmt::format("{}\n", fresh.text.reveal()));
        co_return 0;
    }
    output.out.write(created_text(*key, fresh.text.reveal(), talk, output.out));
    if ((*key)["first"].boolean().value_or(false))
        output.err.write("This is the first key: from now on every caller of the HTTP API needs one.\n");
    if ((options.usd_per_day || options.usd_per_month) && !talk.unpriced.empty())
        output.err.write(
            fmt::format("warning: {} without a price counts nothing against a budget in USD: set price_input and "
                        "price_output of its [[provider]].\n",
                        joined(talk.unpriced, ", ")));
    co_return 0;
}

Task<int> run_key_list(Desk& desk, command::KeyList options, Output& output) {
    std::string arguments;
    JsonWriter(arguments).object().member("all", options.all).end_object();
    const auto reply = co_await desk.call("key.list", arguments);
    if (!reply) co_return report(reply.error(), output);
    if (output.json) co_return print_json(*reply, output);
    JsonDoc document;
    const auto json = parse_reply(document, *reply);
    if (!json) co_return report(json.error(), output);
    if (json->size() == 0) {
        output.out.write(options.all ? "No key was ever made: the HTTP API is open to this machine alone.\n"
                                     : "No key is in use. 'evenkeel key create NAME' makes one; --all shows others.\n");
        co_return 0;
    }
    Table table(
        {{"NAME"}, {"ID"}, {"KEY"}, {"STATE"}, {"OPENS"}, {"TODAY", true}, {"LAST USED"}, {"LIMITS", false, true}});
    for (const Json& key : json->elements()) {
        const std::string_view state = key["state"].string_or("");
        const auto last = parse_wall(key["last_used_at"].string_or(""));
        table.add({{std::string(key["name"].string_or("")), Style::bold},
                   {std::string(key["id"].string_or("").substr(0, id_length))},
                   {std::string(key["prefix"].string_or("")) + "…"},
                   {std::string(state), style_of_key(state)},
                   {joined(texts_of(key["scopes"]), ",")},
                   {used_text(key["used"])},
                   {ago(last ? std::optional(output.now - *last) : std::nullopt), Style::dim},
                   {key_limits_text(key["limits"])}});
    }
    output.out.write(table.text(output.out));
    co_return 0;
}

Task<int> run_key_revoke(Desk& desk, command::KeyRevoke options, Output& output) {
    int code = 0;
    std::string lines;
    JsonWriter json(lines);
    json.array();
    for (const std::string& typed : options.keys) {
        std::string arguments;
        JsonWriter(arguments).object().member("key", typed).end_object();
        const auto reply = co_await desk.call("key.revoke", arguments);
        if (!reply) {
            const int failed = report(reply.error(), output);
            if (code == 0) code = failed;
            continue;
        }
        json.raw(*reply);
        if (output.json) continue;
        JsonDoc document;
        const auto key = parse_reply(document, *reply);
        if (!key) co_return report(key.error(), output);
        output.out.write(fmt::format("revoked: {} ({}…), refused from now on\n", (*key)["name"].string_or(typed),
                                     (*key)["prefix"].string_or("")));
    }
    json.end_array();
    if (output.json) print_json(lines, output);
    co_return code;
}

}  // namespace evenkeel
