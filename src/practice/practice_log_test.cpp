#include "practice/practice_log.hpp"

#include <gtest/gtest.h>

#include "core/json.hpp"

namespace evenkeel::practice {
namespace {

TEST(PracticeLog, numbers_from_one_and_finds_by_number) {
    PracticeLog log;
    EXPECT_EQ(log.add({.model = "a"}, "q"), 1u);
    EXPECT_EQ(log.add({.model = "b"}, "q"), 2u);
    EXPECT_EQ(log.find(2)->model, "b");
    EXPECT_EQ(log.find(0), nullptr);
    EXPECT_EQ(log.find(3), nullptr);
}

TEST(PracticeLog, forgets_the_oldest_beyond_its_bound) {
    PracticeLog log;
    for (std::size_t i = 0; i < PracticeLog::encounters_max + 3; ++i) log.add({}, "");
    EXPECT_EQ(log.encounters().size(), PracticeLog::encounters_max);
    EXPECT_EQ(log.find(3), nullptr);
    ASSERT_NE(log.find(4), nullptr);
    EXPECT_EQ(log.find(4)->number, 4u);
}

TEST(PracticeLog, keeps_the_beginning_of_a_question_and_the_hash_of_all_of_it) {
    PracticeLog log;
    const std::string question = std::string(3'000, 'x') + "end";
    log.add({}, question);
    EXPECT_EQ(log.find(1)->question.size(), PracticeLog::question_bytes_max);
    EXPECT_EQ(log.find(1)->question_hash, fnv1a(question));
    EXPECT_EQ(fnv1a("a"), 0xaf63dc4c8601ec8cULL);  // The published vector.
}

TEST(PracticeLog, writes_what_is_newer_than_asked_as_json) {
    PracticeLog log;
    log.add({.model = "old"}, "");
    log.add({.at = Millis{70}, .ended_at = Millis{90}, .model = "new", .stream = true, .status = 200}, "why?");
    JsonDoc doc;
    const auto root = doc.parse(log.to_json(1));
    ASSERT_TRUE(root);
    ASSERT_EQ(root->size(), 1u);
    const Json entry = root->at(0);
    EXPECT_EQ(entry["number"].integer(), 2);
    EXPECT_EQ(entry["model"].string(), "new");
    EXPECT_EQ(entry["at_ms"].integer(), 70);
    EXPECT_EQ(entry["ended_ms"].integer(), 90);
    EXPECT_EQ(entry["first_token_ms"].kind(), Json::Kind::null);
    EXPECT_EQ(entry["outcome"].string(), "running");
    EXPECT_EQ(entry["question"].string(), "why?");
}

}  // namespace
}  // namespace evenkeel::practice
