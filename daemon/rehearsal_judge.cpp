#include "daemon/rehearsal_judge.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "core/text.hpp"

namespace evenkeel {
namespace {

using Questions = std::vector<RehearsedQuestion>;

/// The first question for which `broken` holds decides; else the evidence counts what was looked at.
template <class Broken, class Offence>
PromiseVerdict over_questions(std::string promise, const Questions& questions, Broken broken, Offence offence,
                              std::string evidence) {
    for (const RehearsedQuestion& question : questions)
        if (broken(question)) return {std::move(promise), false, offence(question)};
    return {std::move(promise), !questions.empty(), std::move(evidence)};
}

std::string named(const RehearsedQuestion& question) { return "«" + question.text + "»"; }

PromiseVerdict nobody_read_an_error(const RehearsalRecord& record) {
    return over_questions(
        "Nobody reads an error", record.questions, [](const auto& q) { return !q.trouble.empty(); },
        [](const auto& q) { return named(q) + " was answered with: " + q.trouble; },
        fmt::format("{} questions asked", record.questions.size()));
}

PromiseVerdict each_answered_once(const RehearsalRecord& record) {
    const auto late = std::ranges::count_if(record.questions, &RehearsedQuestion::receipted);
    PromiseVerdict verdict = over_questions(
        "Each question is answered once", record.questions, [](const auto& q) { return q.answers.size() != 1; },
        [](const auto& q) { return fmt::format("{} was answered {} times", named(q), q.answers.size()); },
        fmt::format("{} answers to {} questions, {} of them late", record.questions.size(), record.questions.size(),
                    late));
    if (verdict.kept && record.still_open != 0)
        return {verdict.promise, false, fmt::format("{} questions are still open in the store", record.still_open)};
    return verdict;
}

PromiseVerdict never_half(const RehearsalRecord& record) {
    const auto struck = std::ranges::count_if(record.questions, &RehearsedQuestion::restarted);
    return over_questions(
        "No half answer is shown as whole", record.questions,
        [](const auto& q) { return std::ranges::any_of(q.answers, [&](const auto& a) { return a != q.expected; }); },
        [](const auto& q) { return named(q) + " got a text that is not the whole answer"; },
        fmt::format("all compared word by word; {} broken text{} struck and begun anew", struck,
                    struck == 1 ? "" : "s"));
}

PromiseVerdict in_order(const RehearsalRecord& record) {
    std::map<std::string, std::size_t> last;
    for (const RehearsedQuestion& question : record.questions) {
        if (!question.answered_as) continue;
        std::size_t& before = last[question.conversation];
        if (*question.answered_as < before)
            return {"Answers keep the order of their conversation", false, named(question) + " was answered too early"};
        before = *question.answered_as;
    }
    return {"Answers keep the order of their conversation", !last.empty(),
            fmt::format("{} conversations", last.size())};
}

bool is_chat(const practice::Encounter& encounter) {
    return encounter.path.ends_with("/chat/completions") || encounter.path.ends_with("/api/chat");
}

PromiseVerdict retry_after_obeyed(const RehearsalRecord& record) {
    const std::string promise = "Retry-After is obeyed, and nobody waits for it";
    std::size_t seen = 0;
    for (const RehearsedScene& scene : record.scenes) {
        if (!scene.retry_after) continue;
        std::optional<Millis> refused_at;
        for (const practice::Encounter& encounter : record.cloud) {
            if (!is_chat(encounter) || encounter.at < scene.from || encounter.at >= scene.to) continue;
            if (refused_at && encounter.at < *refused_at + *scene.retry_after)
                return {promise, false,
                        "the cloud was asked again " + spoken_duration(encounter.at - *refused_at) +
                            " into its Retry-After of " + spoken_duration(*scene.retry_after)};
            if (encounter.status == 429) {
                refused_at = encounter.at;
                ++seen;
            }
        }
    }
    return {promise, seen > 0, fmt::format("{} refusal{} with Retry-After", seen, seen == 1 ? "" : "s")};
}

PromiseVerdict silence_paid_once(const RehearsalRecord& record) {
    const std::string promise = "A silent provider is waited for once";
    std::size_t scenes = 0;
    for (const RehearsedScene& scene : record.scenes) {
        if (!scene.cloud_silent) continue;
        ++scenes;
        // Questions that reached the silent cloud, by their own text: probes ask something else.
        std::size_t waited = 0, asked = 0;
        for (const RehearsedQuestion& question : record.questions) {
            if (question.scene != scene.name) continue;
            ++asked;
            waited += static_cast<std::size_t>(std::ranges::count_if(record.cloud, [&](const practice::Encounter& e) {
                return is_chat(e) && e.at >= scene.from && e.at < scene.to && e.question.contains(question.text);
            }));
        }
        if (waited > 1) return {promise, false, fmt::format("{} of {} questions waited for it", waited, asked)};
        if (asked < 2) return {promise, false, "fewer than two questions were asked, so this shows nothing"};
    }
    return {promise, scenes > 0, "the first question met the silence, the others went past it"};
}

PromiseVerdict receipts_when_down(const RehearsalRecord& record) {
    const auto receipts = std::ranges::count_if(record.questions, &RehearsedQuestion::receipted);
    return {
        "With everything down there is a receipt, and later the answer",
        receipts > 0 && record.still_open == 0 &&
            std::ranges::all_of(record.questions, [](const auto& q) { return !q.receipted || q.answers.size() == 1; }),
        fmt::format("{} receipt{}", receipts, receipts == 1 ? "" : "s")};
}

PromiseVerdict back_on_the_cloud(const RehearsalRecord& record) {
    const std::string promise = "When the cloud is back, it answers again";
    if (record.questions.empty()) return {promise, false, "nothing was asked"};
    const RehearsedQuestion& last = record.questions.back();
    return {promise, last.provider == "cloud",
            named(last) + " was answered by " + (last.provider.empty() ? "nobody" : last.provider)};
}

}  // namespace

std::vector<PromiseVerdict> judge_rehearsal(const RehearsalRecord& record) {
    return {nobody_read_an_error(record), each_answered_once(record),
            never_half(record),           in_order(record),
            retry_after_obeyed(record),   silence_paid_once(record),
            receipts_when_down(record),   back_on_the_cloud(record)};
}

}  // namespace evenkeel
