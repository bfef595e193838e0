#include "llm/judge.hpp"

#include <gtest/gtest.h>

namespace evenkeel {
namespace {

struct Case {
    std::string_view what;
    Facts facts;
    std::string_view code;  ///< Empty: the reply is whole.
    ErrorClass cls = ErrorClass::bad_answer;
};

using enum Fact;

const Case verdicts[] = {
    {"a streamed answer", {body, reply, text, finish, marker}, ""},
    {"a streamed answer without [DONE]", {body, reply, text, finish}, ""},
    {"a JSON answer", {body, reply, document, text, finish}, ""},
    {"a tool call without text", {body, reply, tool_call, finish}, ""},
    {"an answer cut by its token limit", {body, reply, text, finish, length}, ""},
    {"an answer that the filter ended in its middle", {body, reply, text, finish, filtered}, ""},
    {"an answer whose connection broke after its finish", {body, reply, text, finish, broken}, ""},
    {"a web page", {body, html}, "html"},
    {"nothing", {}, "empty_body"},
    {"a connection that broke before the first byte", {broken}, "cut", ErrorClass::transient},
    {"a finish reason that is an error", {body, reply, text, failed, marker}, "finish_error", ErrorClass::transient},
    {"an error after a finish", {body, reply, text, finish, failed}, "finish_error", ErrorClass::transient},
    {"a question that the filter refused",
     {body, reply, finish, filtered, marker},
     "content_filter",
     ErrorClass::policy},
    {"blanks that the filter left", {body, reply, blank, finish, filtered}, "content_filter", ErrorClass::policy},
    {"text without a finish", {body, reply, text}, "cut", ErrorClass::transient},
    {"a tool call without a finish", {body, reply, tool_call}, "cut", ErrorClass::transient},
    {"text whose connection broke", {body, reply, text, broken}, "cut", ErrorClass::transient},
    {"a document whose connection broke", {body, broken}, "cut", ErrorClass::transient},
    {"text and [DONE] without a finish", {body, reply, text, marker}, "no_finish"},
    {"a tool call and [DONE] without a finish", {body, reply, tool_call, marker}, "no_finish"},
    {"a JSON answer without a finish", {body, reply, document, text}, "no_finish"},
    {"bytes that are no reply", {body}, "not_an_answer"},
    {"a JSON document that is no reply", {body, document}, "not_an_answer"},
    {"[DONE] alone", {body, marker}, "not_an_answer"},
    {"choices that are null or empty", {body, reply, document, no_choices}, "no_choices"},
    {"blanks only", {body, reply, blank, finish, marker}, "blank_answer"},
    {"blanks only, without a finish", {body, reply, blank}, "blank_answer"},
    {"reasoning up to the token limit", {body, reply, reasoning, finish, length}, "reasoning_only"},
    {"reasoning only", {body, reply, reasoning, finish, marker}, "reasoning_only"},
    {"no text at all", {body, reply, finish, marker}, "empty_answer"},
    {"no text and no finish, but [DONE]", {body, reply, marker}, "empty_answer"},
    {"a JSON answer with neither text nor finish", {body, reply, document}, "empty_answer"},
    {"an answer that repeats itself", {body, reply, text, endless}, "endless_repeat"},
    {"an answer that repeats itself up to its end", {body, reply, text, finish, length, endless}, "endless_repeat"},
    {"a tool call with garbled arguments", {body, reply, tool_call, finish, garbled_call}, "garbled_tool_call"},
    {"a stream that ended before its answer", {body, reply}, "cut", ErrorClass::transient},
    {"reasoning that was cut", {body, reply, reasoning}, "cut", ErrorClass::transient},
};

TEST(Judge, gives_the_verdict_of_its_table) {
    for (const Case& each : verdicts) {
        const auto verdict = judge(each.facts);
        ASSERT_EQ(verdict.has_value(), !each.code.empty()) << each.what;
        if (!verdict) continue;
        EXPECT_EQ(verdict->code, each.code) << each.what;
        EXPECT_EQ(verdict->cls, each.cls) << each.what << ": " << describe(*verdict);
        EXPECT_FALSE(verdict->detail.empty()) << each.what;
        EXPECT_EQ(verdict->origin, each.cls == ErrorClass::policy ? Origin::caller : Origin::provider) << each.what;
    }
}

TEST(Judge, has_a_verdict_for_every_combination_and_calls_whole_only_what_has_content_and_a_finish) {
    constexpr unsigned count = 17;
    for (unsigned bits = 0; bits < (1u << count); ++bits) {
        Facts facts;
        for (unsigned bit = 0; bit < count; ++bit)
            if ((bits & (1u << bit)) != 0) facts.set(static_cast<Fact>(1u << bit));
        const bool whole = facts.has_content() && facts.has(finish) && !facts.any_of({failed, endless, garbled_call});
        ASSERT_EQ(!judge(facts).has_value(), whole) << bits;
    }
}

TEST(FinishWord, knows_the_words_of_all_vendors) {
    using Meaning = FinishWord::Meaning;
    const struct {
        std::string_view word;
        Meaning meaning;
        FinishReason reason = FinishReason::stop;
    } known[] = {
        {"", Meaning::running},
        {"stop", Meaning::finished},
        {"STOP", Meaning::finished},
        {"eos", Meaning::finished},
        {"eos_token", Meaning::finished},
        {"end_turn", Meaning::finished},
        {"stop_sequence", Meaning::finished},
        {"length", Meaning::finished, FinishReason::length},
        {"MAX_TOKENS", Meaning::finished, FinishReason::length},
        {"model_length", Meaning::finished, FinishReason::length},
        {"model_context_window_exceeded", Meaning::finished, FinishReason::length},
        {"tool_calls", Meaning::finished, FinishReason::tool_calls},
        {"tool_use", Meaning::finished, FinishReason::tool_calls},
        {"FUNCTION_CALL", Meaning::finished, FinishReason::tool_calls},
        {"content_filter", Meaning::finished, FinishReason::content_filter},
        {"refusal", Meaning::finished, FinishReason::content_filter},
        {"SAFETY", Meaning::finished, FinishReason::content_filter},
        {"RECITATION", Meaning::finished, FinishReason::content_filter},
        {"PROHIBITED_CONTENT", Meaning::finished, FinishReason::content_filter},
        {"BLOCKLIST", Meaning::finished, FinishReason::content_filter},
        {"sensitive", Meaning::finished, FinishReason::content_filter},
        {"error", Meaning::failed},
        {"network_error", Meaning::failed},
        {"MALFORMED_FUNCTION_CALL", Meaning::failed},
        {"because", Meaning::unknown},
    };
    for (const auto& each : known) {
        EXPECT_EQ(finish_word(each.word).meaning, each.meaning) << each.word;
        EXPECT_EQ(finish_word(each.word).reason, each.reason) << each.word;
    }
}

TEST(Sniff, looks_at_the_first_byte_that_says_something) {
    EXPECT_EQ(sniff(""), BodyKind::undecided);
    EXPECT_EQ(sniff("\r\n \t"), BodyKind::undecided);
    EXPECT_EQ(sniff("\xEF\xBB\xBF"), BodyKind::undecided);
    EXPECT_EQ(sniff("\xEF\xBB"), BodyKind::undecided);
    EXPECT_EQ(sniff("\n\n{"), BodyKind::document);
    EXPECT_EQ(sniff("\xEF\xBB\xBF[1]"), BodyKind::document);
    EXPECT_EQ(sniff(" <!DOCTYPE html>"), BodyKind::html);
    EXPECT_EQ(sniff("data: {}"), BodyKind::events);
    EXPECT_EQ(sniff(": comment"), BodyKind::events);
    EXPECT_EQ(sniff("upstream connect error"), BodyKind::events);
}

TEST(VisibleText, is_what_somebody_would_see) {
    for (const std::string_view blank_text :
         {"", " \r\n\t", "\xC2\xA0", "\xE2\x80\x8B\n", "\xE3\x80\x80\xEF\xBB\xBF", "\xE2\x80\xA8"})
        EXPECT_FALSE(has_visible_text(blank_text)) << ::testing::PrintToString(blank_text);
    for (const std::string_view seen : {"a", " .", "\xC2\xA0x", "\xE2\x80\x93", "\xF0\x9F\x99\x82", "\xC3\xA9"})
        EXPECT_TRUE(has_visible_text(seen)) << seen;
}

}  // namespace
}  // namespace evenkeel
