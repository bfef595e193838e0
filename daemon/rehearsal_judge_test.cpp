#include "daemon/rehearsal_judge.hpp"

#include <gtest/gtest.h>

namespace evenkeel {
namespace {

RehearsedQuestion question(std::string scene, std::string text, std::size_t place, std::string provider = "cloud") {
    RehearsedQuestion q;
    q.scene = std::move(scene);
    q.conversation = "c";
    q.text = std::move(text);
    q.expected = "answer to " + q.text;
    q.answers = {q.expected};
    q.provider = std::move(provider);
    q.answered_as = place;
    return q;
}

practice::Encounter encounter(int at_ms, std::string text, int status = 200) {
    practice::Encounter e;
    e.at = Millis{at_ms};
    e.path = "/api/v1/chat/completions";
    e.question = std::move(text);
    e.status = status;
    return e;
}

/// A day on which everything went well.
RehearsalRecord good_day() {
    RehearsalRecord record;
    record.scenes = {{"limit", Millis{0}, Millis{1000}, Millis{500}, false},
                     {"silence", Millis{1000}, Millis{2000}, std::nullopt, true}};
    record.questions = {question("limit", "q1", 1, "local"), question("silence", "q2", 2, "local"),
                        question("silence", "q3", 3, "local"), question("down", "q4", 4), question("after", "q5", 5)};
    record.questions[3].receipted = true;
    record.cloud = {encounter(10, "q1", 429), encounter(700, "probe"), encounter(1100, "q2")};
    return record;
}

bool all_kept(const RehearsalRecord& record) {
    const auto verdicts = judge_rehearsal(record);
    return std::ranges::all_of(verdicts, &PromiseVerdict::kept);
}

TEST(RehearsalJudge, a_good_day_keeps_every_promise) {
    for (const PromiseVerdict& verdict : judge_rehearsal(good_day()))
        EXPECT_TRUE(verdict.kept) << verdict.promise << ": " << verdict.evidence;
}

TEST(RehearsalJudge, an_empty_day_proves_nothing) { EXPECT_FALSE(all_kept(RehearsalRecord())); }

TEST(RehearsalJudge, each_broken_promise_is_seen) {
    using Break = void (*)(RehearsalRecord&);
    const std::pair<const char*, Break> breaks[] = {
        {"an error", [](RehearsalRecord& r) { r.questions[0].trouble = "500"; }},
        {"lost", [](RehearsalRecord& r) { r.questions[3].answers.clear(); }},
        {"twice", [](RehearsalRecord& r) { r.questions[1].answers.push_back(r.questions[1].expected); }},
        {"half", [](RehearsalRecord& r) { r.questions[1].answers[0] = "answer"; }},
        {"out of order", [](RehearsalRecord& r) { r.questions[2].answered_as = 1; }},
        {"still open", [](RehearsalRecord& r) { r.still_open = 1; }},
        {"asked too early", [](RehearsalRecord& r) { r.cloud.insert(r.cloud.begin() + 1, encounter(300, "again")); }},
        {"waited twice", [](RehearsalRecord& r) { r.cloud.push_back(encounter(1200, "q3")); }},
        {"no receipt", [](RehearsalRecord& r) { r.questions[3].receipted = false; }},
        {"not back", [](RehearsalRecord& r) { r.questions.back().provider = "local"; }},
    };
    for (const auto& [name, break_it] : breaks) {
        RehearsalRecord record = good_day();
        break_it(record);
        EXPECT_FALSE(all_kept(record)) << name;
    }
}

}  // namespace
}  // namespace evenkeel
