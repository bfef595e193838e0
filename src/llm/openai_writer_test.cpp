#include <gtest/gtest.h>

#include <array>

#include "llm/reply_writer.hpp"

namespace evenkeel {
namespace {

using Kind = ReplyEvent::Kind;

ReplyHead head(bool wants_usage = true) {
    return {.id = "chatcmpl-7", .model = "llama", .created = WallTime(Millis{5'999}), .wants_usage = wants_usage};
}
constexpr std::string_view chunk_head =
    R"(data: {"id":"chatcmpl-7","object":"chat.completion.chunk","created":5,"model":"llama",)";

std::string with_heads(std::string text) {
    for (std::size_t at = 0; (at = text.find(chunk_head, at)) != std::string::npos;)
        text.replace(at, chunk_head.size(), "|");
    return text;
}

TEST(OpenAiWriter, StreamsRoleTextFinishUsageAndTheMark) {
    const auto writer = make_openai_writer(head());
    std::string out;
    const std::array first{ReplyEvent{.kind = Kind::reasoning, .text = "hm"},
                           ReplyEvent{.kind = Kind::content, .text = "Hé\n"}};
    writer->write(first, out);
    const std::array last{ReplyEvent{.kind = Kind::finish, .finish = FinishReason::length},
                          ReplyEvent{.kind = Kind::usage, .usage = {.input = 3, .output = 4}}};
    writer->write(last, out);
    writer->finish(out);
    EXPECT_EQ(with_heads(out),
              R"(|"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]})"
              "\n\n"
              R"(|"choices":[{"index":0,"delta":{"reasoning_content":"hm"},"finish_reason":null}]})"
              "\n\n"
              R"(|"choices":[{"index":0,"delta":{"content":"Hé\n"},"finish_reason":null}]})"
              "\n\n"
              R"(|"choices":[{"index":0,"delta":{},"finish_reason":"length"}]})"
              "\n\n"
              R"(|"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}})"
              "\n\ndata: [DONE]\n\n");
}

TEST(OpenAiWriter, TellsNoUsageThatNobodyAskedForAndNoRoleTwice) {
    ReplyHead begun = head(false);
    begun.begun = true;
    const auto writer = make_openai_writer(begun);
    std::string out;
    const std::array events{ReplyEvent{.kind = Kind::usage, .usage = {.input = 3, .output = 4}},
                            ReplyEvent{.kind = Kind::finish}};
    writer->write(events, out);
    writer->finish(out);
    EXPECT_EQ(with_heads(out), R"(|"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})"
                               "\n\ndata: [DONE]\n\n");
}

TEST(OpenAiWriter, TellsWholeCallsAsOneFragmentAndFragmentsAsTheyAre) {
    const auto writer = make_openai_writer(head());
    std::string out;
    const std::array events{
        ReplyEvent{.kind = Kind::tool_call, .text = R"({"function":{"name":"f","arguments":{"a":1}}})"},
        ReplyEvent{.kind = Kind::tool_call, .text = R"({"index":1,"function":{"arguments":"{}"}})"}};
    writer->write(events, out);
    EXPECT_NE(out.find(R"("tool_calls":[{"index":0,"id":"call_chatcmpl-7_0","type":"function",)"
                       R"("function":{"name":"f","arguments":"{\"a\":1}"}}])"),
              std::string::npos)
        << out;
    EXPECT_NE(out.find(R"("tool_calls":[{"index":1,"function":{"arguments":"{}"}}])"), std::string::npos) << out;
}

TEST(OpenAiWriter, CollectsAWholeAnswer) {
    const auto writer = make_openai_writer(head());
    const std::array events{
        ReplyEvent{.kind = Kind::content, .text = "Hel"}, ReplyEvent{.kind = Kind::content, .text = "lo"},
        ReplyEvent{.kind = Kind::usage, .usage = {.input = 1, .output = 2}}, ReplyEvent{.kind = Kind::finish}};
    writer->collect(events);
    EXPECT_EQ(writer->document(),
              R"({"id":"chatcmpl-7","object":"chat.completion","created":5,"model":"llama","choices":[{"index":0,)"
              R"("message":{"role":"assistant","content":"Hello","refusal":null},"logprobs":null,)"
              R"("finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}})");
}

TEST(OpenAiWriter, CollectsToolCallsWithNullContent) {
    const auto writer = make_openai_writer(head());
    const std::array events{
        ReplyEvent{.kind = Kind::tool_call, .text = R"({"id":"c","function":{"name":"f","arguments":{}}})"},
        ReplyEvent{.kind = Kind::finish, .finish = FinishReason::tool_calls}};
    writer->collect(events);
    const std::string text = writer->document();
    EXPECT_NE(text.find(R"("content":null,"refusal":null,"tool_calls":[{"index":0,"id":"c","type":"function",)"
                        R"("function":{"name":"f","arguments":"{}"}}])"),
              std::string::npos)
        << text;
    EXPECT_NE(text.find(R"("finish_reason":"tool_calls")"), std::string::npos);
}

}  // namespace
}  // namespace evenkeel
