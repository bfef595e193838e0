#include "daemon/command_queue.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "chat/turn_json.hpp"
#include "core/async.hpp"
#include "core/exit_code.hpp"
#include "core/json_writer.hpp"
#include "core/text.hpp"
#include "frontends/terminal/figures.hpp"
#include "os/files.hpp"

namespace evenkeel {
namespace {

using terminal::Style;

constexpr Millis look_again{1'000};
constexpr std::string_view indent = "  ";

std::string first_line(std::string_view text) { return one_line(text, 400); }

void add_question(Table& table, Json question, std::size_t id_length) {
    const std::string_view state = question["state"].string_or("");
    const std::int64_t position = question["position"].integer_or(0);
    std::string why(question["reason"].string_or(""));
    table.add({{position > 0 ? grouped(position) : "–"},
               {std::string(question["id"].string_or("").substr(0, id_length)), Style::bold},
               {std::string(question["conversation"].string_or(""))},
               {std::string(state), style_of_state(state)},
               {rough_duration(seconds_of(question["age_s"]).value_or(Millis{0})), Style::dim},
               {in_time(seconds_of(question["eta_s"])), Style::dim},
               {grouped(question["attempts"].integer_or(0))},
               {std::string(question["question"].string_or("")) + (why.empty() ? "" : " · " + why)}});
}

Task<int> act_on_each(Desk& desk, std::string operation, std::vector<std::string> ids, std::string done,
                      Output& output) {
    int code = 0;
    std::string lines;
    JsonWriter json(lines);
    json.array();
    for (const std::string& id : ids) {
        const auto reply = co_await desk.call(operation, id_argument(id));
        if (!reply) {
            const int failed = report(reply.error(), output);
            if (code == 0) code = failed;
            continue;
        }
        if (output.json) {
            json.raw(*reply);
            continue;
        }
        JsonDoc document;
        const auto state = parse_reply(document, *reply);
        if (!state) co_return report(state.error(), output);
        output.out.write(
            fmt::format("{} {} ({})\n", done, (*state)["id"].string_or(id), (*state)["state"].string_or("")));
    }
    json.end_array();
    if (output.json) print_json(lines, output);
    co_return code;
}

}  // namespace

Style style_of_state(std::string_view state) noexcept {
    if (state == "queued" || state == "working") return Style::warning;
    if (state == "dead" || state == "expired" || state == "refused") return Style::error;
    return Style::plain;
}

std::size_t id_characters(const std::vector<Json>& questions) {
    constexpr std::size_t time_characters = 13, all_characters = 36;
    std::vector<std::string_view> ids;
    ids.reserve(questions.size());
    for (const Json& question : questions) ids.push_back(question["id"].string_or(""));
    std::ranges::sort(ids);
    std::size_t needed = time_characters;
    for (std::size_t i = 1; i < ids.size(); ++i) {
        const auto differs = std::ranges::mismatch(ids[i - 1], ids[i]).in1 - ids[i - 1].begin();
        needed = std::max(needed, static_cast<std::size_t>(differs) + 1);
    }
    return std::min(needed, all_characters);
}

std::string question_text(Json question, const terminal::Screen& screen) {
    const auto columns = static_cast<std::size_t>(screen.columns());
    const std::string_view state = question["state"].string_or("");
    const auto position = question["position"].integer_or(0);
    const auto eta = seconds_of(question["eta_s"]);
    std::string text = facts(
        {{"id", std::string(question["id"].string_or(""))},
         {"conversation", std::string(question["conversation"].string_or(""))},
         {"state", terminal::styled(state, style_of_state(state), screen.colours())},
         {"asked", ago(seconds_of(question["age_s"])) + " · " + std::string(question["accepted_at"].string_or(""))},
         {"position",
          position > 0 ? grouped(position) + (eta ? ", tried " + in_time(eta) : std::string()) : std::string()},
         {"attempts", grouped(question["attempts"].integer_or(0))},
         {"crashes",
          question["crashes"].integer_or(0) > 0 ? grouped(question["crashes"].integer_or(0)) : std::string()},
         {"reason", first_line(question["reason"].string_or(""))},
         {"expires", position > 0 ? std::string(question["expires_at"].string_or("")) : std::string()},
         {"ended", std::string(question["ended_at"].string_or(""))}},
        screen);
    text += "\n" + terminal::styled("Question", Style::heading, screen.colours()) + "\n" +
            wrapped(question["question"].string_or(""), columns, indent);
    if (const auto answer = question["answer"].string()) {
        text += "\n" + terminal::styled("Answer", Style::heading, screen.colours()) + "\n" +
                wrapped(*answer, columns, indent);
        const std::string figures = terminal::figures_line(read_answer(question["figures"]), false);
        text += terminal::styled(std::string(indent) + figures, Style::dim, screen.colours()) + "\n";
    } else if (const std::string_view partial = question["partial"].string_or(""); !partial.empty()) {
        text += "\n" + terminal::styled("Begun, and broken off", Style::heading, screen.colours()) + "\n" +
                wrapped(partial, columns, indent);
    }
    return text;
}

Task<int> run_queue_list(Desk& desk, command::QueueList options, Output& output) {
    std::string arguments;
    JsonWriter(arguments).object().member("all", options.all).member("limit", options.limit).end_object();
    const auto reply = co_await desk.call("queue.list", arguments);
    if (!reply) co_return report(reply.error(), output);
    if (output.json) co_return print_json(*reply, output);
    JsonDoc document;
    const auto json = parse_reply(document, *reply);
    if (!json) co_return report(json.error(), output);
    const std::vector<Json> questions = json->elements();
    if (questions.empty()) {
        output.out.write(options.all ? "There are no questions yet.\n"
                                     : "Nothing waits: every question has its answer.\n");
        co_return 0;
    }
    Table table({{"#", true},
                 {"ID"},
                 {"CONVERSATION"},
                 {"STATE"},
                 {"AGE", true},
                 {"NEXT TRY"},
                 {"TRIES", true},
                 {"QUESTION", false, true}});
    const std::size_t id_length = id_characters(questions);
    for (const Json& question : questions) add_question(table, question, id_length);
    output.out.write(table.text(output.out));
    if (!output.quiet && std::cmp_equal(questions.size(), options.limit))
        output.err.write(fmt::format("These are the first {}; --limit N shows more.\n", options.limit));
    co_return 0;
}

Task<int> run_queue_show(Desk& desk, command::QueueShow options, Output& output) {
    const auto reply = co_await desk.call("queue.show", id_argument(options.id));
    if (!reply) co_return report(reply.error(), output);
    if (output.json) co_return print_json(*reply, output);
    JsonDoc document;
    const auto json = parse_reply(document, *reply);
    if (!json) co_return report(json.error(), output);
    output.out.write(question_text(*json, output.out));
    co_return 0;
}

Task<int> run_queue_retry(Desk& desk, command::QueueRetry options, Output& output) {
    return act_on_each(desk, "queue.retry", std::move(options.ids), "due now:", output);
}

Task<int> run_queue_cancel(Desk& desk, command::QueueCancel options, Output& output) {
    return act_on_each(desk, "queue.cancel", std::move(options.ids), "taken back:", output);
}

Task<int> run_queue_export(Desk& desk, command::QueueExport options, Output& output) {
    constexpr std::int64_t most = 10'000;
    std::string arguments;
    JsonWriter(arguments).object().member("all", true).member("limit", most).end_object();
    const auto reply = co_await desk.call("queue.export", arguments);
    if (!reply) co_return report(reply.error(), output);
    JsonDoc document;
    const auto json = parse_reply(document, *reply);
    if (!json) co_return report(json.error(), output);
    std::string lines;
    for (const Json& question : json->elements()) lines += question.to_text() + "\n";
    if (options.file.empty()) {
        output.out.write(lines);
    } else if (auto done = os::write_file_atomically(options.file, lines); !done) {
        co_return report(done.error(), output);
    }
    const auto count = static_cast<std::int64_t>(json->size());
    if (!output.quiet && !options.file.empty())
        output.err.write(fmt::format("{} written to {}\n", counted(count, "question", "questions"), options.file));
    if (count == most)
        output.err.write(fmt::format("warning: only the {} oldest are exported at a time\n", grouped(most)));
    co_return 0;
}

Task<int> run_queue_run(Desk& desk, Env env, command::QueueRun options, Output& output) {
    std::optional<std::pair<std::int64_t, std::int64_t>> said;
    while (true) {
        const auto reply = co_await desk.call("status", "{}");
        if (!reply) co_return report(reply.error(), output);
        JsonDoc document;
        const auto json = parse_reply(document, *reply);
        if (!json) co_return report(json.error(), output);
        const Json queue = (*json)["queue"];
        const std::pair now{queue["queued"].integer_or(0), queue["working"].integer_or(0)};
        if (!output.quiet && said != now)
            output.err.write(fmt::format("{} waiting, {} being answered\n", grouped(now.first), grouped(now.second)));
        said = now;
        if (options.until_empty && now.first + now.second == 0) co_return 0;
        co_await sleep_for(env.scheduler, look_again);
    }
}

}  // namespace evenkeel
