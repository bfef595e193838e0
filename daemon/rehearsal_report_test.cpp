#include <gtest/gtest.h>

#include "core/json.hpp"
#include "daemon/rehearsal.hpp"
#include "testing/test_output.hpp"

namespace evenkeel {
namespace {

RehearsedQuestion answered(std::string scene, std::string text, std::string provider) {
    RehearsedQuestion q;
    q.scene = std::move(scene);
    q.conversation = "ada";
    q.text = std::move(text);
    q.expected = "whole";
    q.answers = {"whole"};
    q.provider = std::move(provider);
    q.asked_at = Millis{1'500};
    q.first_word_after = Millis{40};
    q.told_after = q.answered_after = Millis{90};
    return q;
}

/// One question of each kind that a reader may meet.
RehearsalRecord mixed_day() {
    RehearsalRecord record;
    record.questions = {answered("all well", "plain", "cloud"),  answered("cut", "struck", "local"),
                        answered("both down", "late", "cloud"),  answered("both down", "lost", ""),
                        answered("both down", "twice", "cloud"), answered("cut", "halved", "cloud"),
                        answered("503", "failed", ""),           answered("503", "ignored", "")};
    record.questions[1].restarted = true;
    record.questions[2].receipted = record.questions[3].receipted = true;
    record.questions[2].answered_after = Seconds{3};
    record.questions[3].answers.clear();
    record.questions[4].answers.emplace_back("whole");
    record.questions[5].answers = {"who"};
    record.questions[6].trouble = "500";
    record.questions[7].answers.clear();
    return record;
}

const std::vector<PromiseVerdict> one_of_two_kept = {{"Promise A", true, "7 counted"},
                                                     {"Promise B", false, "an offence"}};

TEST(RehearsalReport, says_in_words_what_each_asker_saw) {
    ScreenTwin screen(true, 200);
    const std::string text = rehearsal_text(mixed_day(), one_of_two_kept, screen);
    const std::pair<const char*, const char*> seen[] = {
        {"plain", "the answer"},
        {"struck", "a broken text struck, then the whole answer"},
        {"late", "a receipt; the answer after 3.0 s"},
        {"lost", "a receipt, and no answer"},
        {"twice", "2 answers"},
        {"halved", "half an answer"},
        {"failed", "an error: 500"},
        {"ignored", "nothing"},
    };
    for (const auto& [question, words] : seen) {
        const std::size_t begin = text.find(question);
        ASSERT_NE(begin, std::string::npos) << question;
        const std::string line = text.substr(begin, text.find('\n', begin) - begin);
        EXPECT_TRUE(line.contains(words)) << line;
    }
}

TEST(RehearsalReport, counts_the_broken_promises) {
    ScreenTwin screen;
    const std::string text = rehearsal_text(mixed_day(), one_of_two_kept, screen);
    EXPECT_TRUE(text.contains("BROKEN  Promise B · an offence")) << text;
    EXPECT_TRUE(text.contains("kept    Promise A · 7 counted"));
    EXPECT_TRUE(text.ends_with("1 of 2 promises broken.\n"));
    const std::string good = rehearsal_text(mixed_day(), {one_of_two_kept.front()}, screen);
    EXPECT_TRUE(good.ends_with("All 1 promises kept.\n")) << good;
}

TEST(RehearsalReport, names_a_scene_once_and_has_no_colours_where_none_are_wanted) {
    ScreenTwin screen(true, 200);
    const std::string text = rehearsal_text(mixed_day(), one_of_two_kept, screen);
    EXPECT_EQ(text.find("both down"), text.rfind("both down"));
    EXPECT_FALSE(text.contains('\x1b'));
    screen.coloured = true;
    EXPECT_TRUE(rehearsal_text(mixed_day(), one_of_two_kept, screen).contains("\x1b["));
}

TEST(RehearsalReport, the_json_holds_every_question_and_promise) {
    RehearsalRecord record = mixed_day();
    record.cloud.resize(3);
    JsonDoc doc;
    ASSERT_TRUE(doc.parse(rehearsal_json(record, one_of_two_kept)));
    const auto questions = doc.root()["questions"].elements();
    ASSERT_EQ(questions.size(), 8u);
    EXPECT_EQ(questions[2]["answered_ms"].integer_or(0), 3'000);
    EXPECT_TRUE(questions[2]["queued"].boolean() == true);
    EXPECT_EQ(questions[3]["seen"].string_or(""), "a receipt, and no answer");
    EXPECT_TRUE(questions[3]["well"].boolean() == false);
    const auto promises = doc.root()["promises"].elements();
    ASSERT_EQ(promises.size(), 2u);
    EXPECT_TRUE(promises[0]["kept"].boolean() == true);
    EXPECT_TRUE(promises[1]["kept"].boolean() == false);
    EXPECT_EQ(doc.root()["cloud_requests"].integer_or(0), 3);
}

}  // namespace
}  // namespace evenkeel
