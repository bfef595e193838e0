#include "daemon/command_conversation.hpp"

#include <fmt/format.h>

#include "core/exit_code.hpp"
#include "core/json_writer.hpp"
#include "core/text.hpp"
#include "daemon/command_queue.hpp"
#include "os/files.hpp"

namespace evenkeel {
namespace {

using terminal::Style;

std::optional<Millis> age(Json time, WallTime now) {
    const auto at = parse_wall(time.string_or(""));
    return at ? std::optional(now - *at) : std::nullopt;
}

/// One question and what became of it, as a piece of a talk.
std::string exchange(Json question, const terminal::Screen& screen) {
    const auto columns = static_cast<std::size_t>(screen.columns());
    std::string text =
        terminal::styled("you", Style::prompt, screen.colours()) + " · " + ago(seconds_of(question["age_s"])) + "\n";
    text += wrapped(question["question"].string_or(""), columns, "  ");
    if (const auto answer = question["answer"].string()) {
        const Json figures = question["figures"];
        text += terminal::styled(figures["provider"].string_or("answer"), Style::bold, screen.colours()) + " · " +
                std::string(figures["model"].string_or("")) +
                (figures["degraded"].boolean().value_or(false) ? " · fallback" : "") + "\n" +
                wrapped(*answer, columns, "  ");
    } else {
        const std::string_view state = question["state"].string_or("");
        const std::string_view reason = question["reason"].string_or("");
        text += terminal::styled(state, style_of_state(state), screen.colours());
        if (!reason.empty()) text += ": " + one_line(reason, columns * 2);
        text += "\n";
    }
    return text;
}

}  // namespace

Task<int> run_conversation_list(Desk& desk, command::ConversationList options, Output& output) {
    std::string arguments;
    JsonWriter(arguments).object().member("limit", options.limit).end_object();
    const auto reply = co_await desk.call("conversation.list", arguments);
    if (!reply) co_return report(reply.error(), output);
    if (output.json) co_return print_json(*reply, output);
    JsonDoc document;
    const auto json = parse_reply(document, *reply);
    if (!json) co_return report(json.error(), output);
    if (json->size() == 0) {
        output.out.write("There are no conversations yet.\n");
        co_return 0;
    }
    Table table({{"CONVERSATION", false, true}, {"QUESTIONS", true}, {"OPEN", true}, {"LAST"}, {"BEGUN"}, {""}});
    for (const Json& each : json->elements()) {
        const std::int64_t open = each["open"].integer_or(0);
        table.add({{std::string(each["id"].string_or("")), Style::bold},
                   {grouped(each["messages"].integer_or(0))},
                   {open > 0 ? grouped(open) : "–", open > 0 ? Style::warning : Style::dim},
                   {ago(age(each["last_at"], output.now))},
                   {ago(age(each["first_at"], output.now)), Style::dim},
                   {each["private"].boolean().value_or(false) ? "private" : ""}});
    }
    output.out.write(table.text(output.out));
    co_return 0;
}

Task<int> run_conversation_show(Desk& desk, command::ConversationShow options, Output& output) {
    const auto reply = co_await desk.call("conversation.show", id_argument(options.id));
    if (!reply) co_return report(reply.error(), output);
    if (output.json) co_return print_json(*reply, output);
    JsonDoc document;
    const auto json = parse_reply(document, *reply);
    if (!json) co_return report(json.error(), output);
    std::string text;
    for (const Json& question : (*json)["messages"].elements())
        text += (text.empty() ? "" : "\n") + exchange(question, output.out);
    output.out.write(text.empty() ? "Nothing was said in it.\n" : text);
    co_return 0;
}

Task<int> run_conversation_export(Desk& desk, command::ConversationExport options, Output& output) {
    const auto reply = co_await desk.call("conversation.export", id_argument(options.id));
    if (!reply) co_return report(reply.error(), output);
    if (options.file.empty()) co_return print_json(*reply, output);
    if (auto done = os::write_file_atomically(options.file, *reply + "\n"); !done)
        co_return report(done.error(), output);
    if (!output.quiet) output.err.write(fmt::format("written to {}\n", options.file));
    co_return 0;
}

Task<int> run_conversation_delete(Desk& desk, command::ConversationDelete options,
                                  std::function<Task<bool>(std::string question)> confirm, Output& output) {
    if (!options.yes) {
        if (!confirm)
            co_return report(caller_fault("nobody is there to confirm the removal; add --yes", "usage").error(),
                             output);
        const std::string question = fmt::format(
            "Remove the conversation {}, its answers and what is queued in it, for ever?", one_line(options.id, 80));
        if (!co_await confirm(question)) {
            output.err.write("Nothing was removed.\n");
            co_return to_int(ExitCode::interrupted);
        }
    }
    const auto reply = co_await desk.call("conversation.delete", id_argument(options.id));
    if (!reply) co_return report(reply.error(), output);
    if (output.json) co_return print_json(*reply, output);
    output.out.write(fmt::format("removed: {}\n", one_line(options.id, 80)));
    co_return 0;
}

}  // namespace evenkeel
