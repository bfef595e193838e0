#include "daemon/command_status.hpp"

#include <fmt/format.h>

#include "core/json_writer.hpp"
#include "core/text.hpp"
#include "frontends/terminal/figures.hpp"

namespace evenkeel {
namespace {

using terminal::Style;

Style style_of_phase(std::string_view phase) noexcept {
    if (phase == "open") return Style::error;
    return phase == "closed" ? Style::plain : Style::warning;
}

/// The breaker's words in those of an operator.
std::string_view spoken_phase(std::string_view phase) noexcept {
    if (phase == "closed") return "well";
    if (phase == "open") return "failing";
    if (phase == "probing") return "being probed";
    if (phase == "ramping") return "coming back";
    return phase;
}

std::string providers_text(Json providers, const Output& output) {
    Table table({{"PROVIDER"},
                 {"MODEL"},
                 {"STATE"},
                 {"SINCE"},
                 {"NEXT PROBE"},
                 {"CALLS", true},
                 {"FAILED", true},
                 {"WHY", false, true}});
    for (const Json& each : providers.elements()) {
        const std::string_view phase = each["phase"].string_or("");
        const auto since = parse_wall(each["since"].string_or(""));
        table.add(
            {{std::string(each["name"].string_or("")) + (each["local"].boolean().value_or(false) ? " (local)" : ""),
              Style::bold},
             {std::string(each["model"].string_or(""))},
             {std::string(spoken_phase(phase)), style_of_phase(phase)},
             {ago(since ? std::optional(output.now - *since) : std::nullopt), Style::dim},
             {in_time(seconds_of(each["next_probe_s"])), Style::dim},
             {grouped(each["calls"].integer_or(0))},
             {grouped(each["failures"].integer_or(0))},
             {std::string(each["why"].string_or(""))}});
    }
    return table.text(output.out);
}

std::string queue_line(Json queue) {
    const auto queued = queue["queued"].integer_or(0);
    const auto working = queue["working"].integer_or(0);
    std::string text = queued + working == 0
                           ? std::string("empty")
                           : fmt::format("{} waiting, {} being answered", grouped(queued), grouped(working));
    if (const auto oldest = seconds_of(queue["oldest_s"])) text += ", the oldest asked " + ago(oldest);
    if (const auto undelivered = queue["undelivered"].integer_or(0); undelivered > 0)
        text += fmt::format(" · {} to be shown", counted(undelivered, "answer", "answers"));
    if (const auto dead = queue["dead"].integer_or(0); dead > 0)
        text += fmt::format(" · {} given up (evenkeel queue list --all)", grouped(dead));
    return text;
}

std::string tokens(Json line) {
    return fmt::format("{}{} + {}", line["estimated"].boolean().value_or(false) ? "≈" : "",
                       grouped(line["input_tokens"].integer_or(0)), grouped(line["output_tokens"].integer_or(0)));
}

/// What is known of the cost, and a word on what is not.
std::string spent(Json line) {
    const auto unknown = line["cost_unknown"].integer_or(0);
    const double usd = line["cost_usd"].number().value_or(0);
    if (unknown > 0 && usd == 0) return "unknown";
    return terminal::spoken_cost(usd) + (unknown > 0 ? " + unknown" : "");
}

std::string usd(Json amount) {
    const auto value = amount.number();
    if (!value) return "unknown";
    return *value < 0 ? "-" + terminal::spoken_cost(-*value) : *value == 0 ? "$0" : terminal::spoken_cost(value);
}

std::string by_key_text(Json by_key, const Output& output) {
    Table table({{"KEY"}, {"ANSWERS", true}, {"TRIES", true}, {"TOKENS IN + OUT", true}, {"COST", true}});
    for (const Json& line : by_key.elements()) {
        const auto name = line["name"].string();
        const bool revoked = line["revoked"].boolean().value_or(false);
        table.add({{name ? std::string(*name) + (revoked ? " (revoked)" : "") : "no key (chat, queue, probes)",
                    name ? Style::bold : Style::dim},
                   {grouped(line["answers"].integer_or(0))},
                   {grouped(line["tries"].integer_or(0)), Style::dim},
                   {tokens(line)},
                   {spent(line)}});
    }
    return table.text(output.out);
}

}  // namespace

std::string status_text(Json status, const std::vector<std::string>& left_out, const Output& output) {
    std::string text = providers_text(status["providers"], output);
    for (const std::string& line : left_out)
        text += terminal::styled("left out  ", Style::warning, output.colours()) + line + "\n";
    const Json owner = status["owner"], storage = status["storage"];
    text +=
        "\n" +
        facts({{"queue", queue_line(status["queue"])},
               {"route", std::string(status["route"].string_or(""))},
               {"owner", fmt::format("evenkeel {} (process {}), start {} of this data", owner["command"].string_or("?"),
                                     owner["pid"].integer_or(0), owner["generation"].integer_or(0))},
               {"data", fmt::format("{} · {} · {} and {} of log", owner["directory"].string_or("?"),
                                    storage["engine"].string_or("?"), spoken_size(storage["file_bytes"].integer_or(0)),
                                    spoken_size(storage["log_bytes"].integer_or(0)))}},
              output.out);
    return text;
}

std::string cost_text(Json cost, const Output& output) {
    const std::string from(cost["from"].string_or(""));
    if (cost["spend"].size() == 0) return fmt::format("Nothing was asked since {}.\n", from);
    Table table({{"DAY"},
                 {"PROVIDER"},
                 {"MODEL", false, true},
                 {"ANSWERS", true},
                 {"TRIES", true},
                 {"TOKENS IN + OUT", true},
                 {"COST", true}});
    for (const Json& line : cost["spend"].elements())
        table.add({{std::string(line["day"].string_or(""))},
                   {std::string(line["provider"].string_or("")), Style::bold},
                   {std::string(line["model"].string_or(""))},
                   {grouped(line["answers"].integer_or(0))},
                   {grouped(line["tries"].integer_or(0)), Style::dim},
                   {tokens(line)},
                   {spent(line)}});
    std::string keys;
    if (const Json by_key = cost["by_key"]; by_key.is_array()) keys = "\n" + by_key_text(by_key, output);
    const Json total = cost["total"], reference = cost["reference"], savings = cost["savings"];
    const bool sure = !savings["saved_usd"].is_nothing();
    std::string text = table.text(output.out) + keys + "\n";
    text += facts({{"spent since " + from, fmt::format("{} for {} tokens", spent(total), tokens(total))},
                   {"the same at " + std::string(reference["name"].string_or("?")), usd(savings["reference_usd"])},
                   {sure ? "saved" : "saved at most", usd(sure ? savings["saved_usd"] : savings["saved_at_most_usd"])},
                   {"a day", usd(savings["per_day_usd"])},
                   {"a year at that rate", usd(savings["per_year_usd"])}},
                  output.out);
    text += terminal::styled(fmt::format("Price: {} in, {} out per million tokens, read {} at {}",
                                         usd(reference["input_usd"]), usd(reference["output_usd"]),
                                         reference["read_on"].string_or("?"), reference["source"].string_or("?")),
                             Style::dim, output.colours()) +
            "\n";
    if (!sure && !output.quiet)
        text += "Some tries have no price: set price_input and price_output of their [[provider]].\n";
    return text;
}

Task<int> run_status(Desk& desk, std::vector<std::string> left_out, Output& output) {
    const auto reply = co_await desk.call("status", "{}");
    if (!reply) co_return report(reply.error(), output);
    if (output.json) co_return print_json(*reply, output);
    JsonDoc document;
    const auto json = parse_reply(document, *reply);
    if (!json) co_return report(json.error(), output);
    output.out.write(status_text(*json, left_out, output));
    co_return 0;
}

Task<int> run_cost(Desk& desk, command::Cost options, Output& output) {
    std::string arguments;
    JsonWriter(arguments).object().member("days", options.days).member("by_key", options.by_key).end_object();
    const auto reply = co_await desk.call("cost", arguments);
    if (!reply) co_return report(reply.error(), output);
    if (output.json) co_return print_json(*reply, output);
    JsonDoc document;
    const auto json = parse_reply(document, *reply);
    if (!json) co_return report(json.error(), output);
    output.out.write(cost_text(*json, output));
    co_return 0;
}

Task<int> run_backup(Desk& desk, command::Backup options, std::string working_directory, Output& output) {
    const std::string file = options.file.starts_with('/') ? options.file : working_directory + "/" + options.file;
    std::string arguments;
    JsonWriter(arguments).object().member("file", file).end_object();
    const auto reply = co_await desk.call("backup", arguments);
    if (!reply) co_return report(reply.error(), output);
    if (output.json) co_return print_json(*reply, output);
    output.out.write(fmt::format("A consistent copy is at {}\n", file));
    co_return 0;
}

}  // namespace evenkeel
