#include "chat/transcript.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace evenkeel {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Kind = AnswerPiece::Kind;

ReplyEvent event(ReplyEvent::Kind kind, std::string_view text) { return {.kind = kind, .text = text}; }

Transcript mixed(std::int64_t beginning = 0) {
    Transcript transcript(beginning);
    using Event = ReplyEvent::Kind;
    transcript.take(event(Event::reasoning, "hm"));
    transcript.take(event(Event::content, "Hel"));
    transcript.take(event(Event::content, "lo"));
    transcript.take(event(Event::tool_call, R"({"index":0,"id":"a","function":{"name":"f","arguments":""}})"));
    transcript.take(event(Event::tool_call, R"({"index":1,"id":"b","function":{"name":"g","arguments":"{"}})"));
    transcript.take(event(Event::tool_call, R"({"index":0,"function":{"arguments":"{\"x\":1}"}})"));
    transcript.take(event(Event::tool_call, R"({"index":1,"function":{"arguments":"}"}})"));
    transcript.take({.kind = Event::usage, .usage = {1, 2}});
    transcript.take({.kind = Event::finish});
    return transcript;
}

std::vector<AnswerPiece> pieces_of(const Transcript& transcript) {
    std::vector<AnswerPiece> pieces;
    for (std::size_t i = 0; i < transcript.size(); ++i) pieces.push_back(transcript.at(i));
    return pieces;
}

TEST(Transcript, keeps_the_borders_of_what_came) {
    const AnswerPiece thought{.kind = Kind::reasoning, .text = "hm"}, hel{.text = "Hel"}, lo{.text = "lo"};
    const AnswerPiece a{.kind = Kind::tool_call, .call = 0, .id = "a", .name = "f"};
    const AnswerPiece b{.kind = Kind::tool_call, .call = 1, .text = "{", .id = "b", .name = "g"};
    const AnswerPiece more_a{.kind = Kind::tool_call, .call = 0, .text = "{\"x\":1}"};
    const AnswerPiece more_b{.kind = Kind::tool_call, .call = 1, .text = "}"};
    const Transcript transcript = mixed();
    EXPECT_THAT(pieces_of(transcript), ElementsAre(thought, hel, lo, a, b, more_a, more_b));
    EXPECT_EQ(transcript.text(), "Hello");
    EXPECT_EQ(transcript.reasoning(), "hm");
    EXPECT_EQ(transcript.bytes(), 2U + 5 + 7 + 2);
}

TEST(Transcript, comes_back_from_what_was_kept_piece_by_piece) {
    for (const std::int64_t beginning : {0, 9}) {
        Answer kept{.provider = "cloud", .model = "m7", .attempts = {{.outcome = Attempt::Outcome::skipped}, {}}};
        mixed(beginning).keep_in(kept);
        const Transcript again = Transcript::of(kept);
        EXPECT_EQ(pieces_of(again), pieces_of(mixed()));
        EXPECT_EQ(again.beginning(), beginning);
        EXPECT_EQ(again.bytes(), mixed().bytes());
        EXPECT_EQ(again.source.provider, "cloud");
        EXPECT_EQ(again.source.model, "m7");
        EXPECT_EQ(again.source.tries, 1U);
    }
}

class TranscriptWithout : public ::testing::TestWithParam<const char*> {};

TEST_P(TranscriptWithout, fitting_borders_is_one_piece_of_each_kind) {
    Answer kept;
    mixed().keep_in(kept);
    kept.pieces = GetParam();
    const auto pieces = pieces_of(Transcript::of(kept));
    ASSERT_EQ(pieces.size(), 4U) << GetParam();
    EXPECT_EQ(pieces[0].text, "hm");
    EXPECT_EQ(pieces[1].text, "Hello");
    EXPECT_EQ(pieces[2].text, "{\"x\":1}");
    EXPECT_EQ(pieces[2].name, "f");
    EXPECT_EQ(pieces[3].text, "{}");
}

INSTANTIATE_TEST_SUITE_P(Borders, TranscriptWithout,
                         ::testing::Values("", "0", "0;", "x;", "0;r2c5", "0;r2c5t0:7t1:3", "0;r2c5t0:7t2:2",
                                           "0;r2c6t0:7t1:2", "0;r2c5t0:7t1", "0;q1", "0;c-5", "-1;r2c5t0:7t1:2",
                                           "0;r2c99999999999999999999"));

TEST(Transcript, of_an_answer_without_anything_is_empty) {
    EXPECT_EQ(Transcript::of(Answer{}).size(), 0U);
    Answer kept;
    Transcript().keep_in(kept);
    EXPECT_EQ(kept.tool_calls, "");
    EXPECT_EQ(Transcript::of(kept).size(), 0U);
}

TEST(ToolCallsJson, is_read_back) {
    const auto calls = tool_calls_from_json(tool_calls_json(mixed().calls()));
    ASSERT_EQ(calls.size(), 2U);
    EXPECT_EQ(calls[0].id, "a");
    EXPECT_EQ(calls[1].name, "g");
    EXPECT_EQ(calls[1].arguments, "{}");
    EXPECT_EQ(tool_calls_json({}), "");
    EXPECT_THAT(tool_calls_from_json("nonsense"), IsEmpty());
}

}  // namespace
}  // namespace evenkeel
