#include <fmt/format.h>

#include "core/json_writer.hpp"
#include "core/text.hpp"
#include "daemon/rehearsal.hpp"

namespace evenkeel {
namespace {

std::string at_second(Millis at) { return fmt::format("{:.1f} s", static_cast<double>(at.count()) / 1000); }

std::string what_was_seen(const RehearsedQuestion& question) {
    if (!question.trouble.empty()) return "an error: " + question.trouble;
    if (question.answers.size() > 1) return fmt::format("{} answers", question.answers.size());
    if (question.receipted)
        return question.answers.empty() ? "a receipt, and no answer"
                                        : "a receipt; the answer after " + spoken_duration(*question.answered_after);
    if (question.answers.empty()) return "nothing";
    if (question.answers.front() != question.expected) return "half an answer";
    return question.restarted ? "a broken text struck, then the whole answer" : "the answer";
}

bool went_well(const RehearsedQuestion& question) {
    return question.trouble.empty() && question.answers.size() == 1 && question.answers.front() == question.expected;
}

Table day_of(const RehearsalRecord& record) {
    Table table({{.title = "At", .right = true},
                 {.title = "The day"},
                 {.title = "Question", .flexible = true},
                 {.title = "Waited", .right = true},
                 {.title = "Seen by the user"},
                 {.title = "From"}});
    std::string_view scene;
    for (const RehearsedQuestion& question : record.questions) {
        const std::string name = question.scene == scene ? "" : question.scene;
        scene = question.scene;
        const auto waited = question.first_word_after ? question.first_word_after : question.told_after;
        table.add({{at_second(question.asked_at)},
                   {name, terminal::Style::bold},
                   {question.text},
                   {waited ? spoken_duration(*waited) : "–"},
                   {what_was_seen(question), went_well(question) ? terminal::Style::plain : terminal::Style::error},
                   {question.provider.empty() ? "–" : question.provider}});
    }
    return table;
}

}  // namespace

std::string rehearsal_text(const RehearsalRecord& record, const std::vector<PromiseVerdict>& verdicts,
                           const terminal::Screen& screen) {
    std::string text = "\n" + day_of(record).text(screen) + "\n";
    std::size_t kept = 0;
    for (const PromiseVerdict& verdict : verdicts) {
        kept += verdict.kept ? 1 : 0;
        text += terminal::styled(verdict.kept ? "kept    " : "BROKEN  ",
                                 verdict.kept ? terminal::Style::prompt : terminal::Style::error, screen.colours());
        text +=
            verdict.promise + terminal::styled(" · " + verdict.evidence, terminal::Style::dim, screen.colours()) + "\n";
    }
    text += kept == verdicts.size()
                ? fmt::format("\nAll {} promises kept.\n", kept)
                : fmt::format("\n{} of {} promises broken.\n", verdicts.size() - kept, verdicts.size());
    return text;
}

std::string rehearsal_json(const RehearsalRecord& record, const std::vector<PromiseVerdict>& verdicts) {
    std::string text;
    JsonWriter json(text);
    const auto span = [&](std::string_view name, std::optional<Millis> value) {
        json.name(name);
        if (value)
            json.value(static_cast<std::int64_t>(value->count()));
        else
            json.null();
    };
    json.object().name("questions").array();
    for (const RehearsedQuestion& question : record.questions) {
        json.object().member("scene", question.scene).member("conversation", question.conversation);
        json.member("question", question.text)
            .member("seen", what_was_seen(question))
            .member("well", went_well(question));
        json.member("provider", question.provider).member("queued", question.receipted);
        span("asked_at_ms", question.asked_at);
        span("first_word_ms", question.first_word_after);
        span("told_ms", question.told_after);
        span("answered_ms", question.answered_after);
        json.end_object();
    }
    json.end_array().name("promises").array();
    for (const PromiseVerdict& verdict : verdicts)
        json.object()
            .member("promise", verdict.promise)
            .member("kept", verdict.kept)
            .member("evidence", verdict.evidence)
            .end_object();
    json.end_array().member("cloud_requests", static_cast<std::uint64_t>(record.cloud.size()));
    json.member("local_requests", static_cast<std::uint64_t>(record.local.size())).end_object();
    return text;
}

}  // namespace evenkeel
