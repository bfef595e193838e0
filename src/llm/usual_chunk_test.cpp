#include "llm/usual_chunk.hpp"

#include <gtest/gtest.h>

#include <string>

namespace evenkeel {
namespace {

TEST(UsualChunk, ReadsTheNextWords) {
    const auto chunk = read_usual_chunk(
        R"({"id":"x","object":"chat.completion.chunk","created":1,"model":"gpt","system_fingerprint":"f","choices":[)"
        R"( {"index":0,"delta":{"role":"assistant","content":"Hé"},"logprobs":{"content":[1]},"finish_reason":null} ],)"
        R"("usage":null,"x_unknown":null})");
    ASSERT_TRUE(chunk);
    EXPECT_EQ(chunk->model, "gpt");
    EXPECT_EQ(chunk->content, "Hé");
    EXPECT_EQ(chunk->finish, "");
    EXPECT_FALSE(chunk->usage);
}

TEST(UsualChunk, ReadsAWholeAnswer) {
    const auto chunk = read_usual_chunk(
        R"({"choices":[{"message":{"content":"Fine.","refusal":null,"annotations":[]},"finish_reason":"stop"}],)"
        R"("usage":{"prompt_tokens":7,"completion_tokens":2,"total_tokens":9,"details":{"cached":1}}})");
    ASSERT_TRUE(chunk);
    EXPECT_EQ(chunk->content, "Fine.");
    EXPECT_EQ(chunk->finish, "stop");
    ASSERT_TRUE(chunk->usage);
    EXPECT_EQ(chunk->usage->input, 7);
    EXPECT_EQ(chunk->usage->output, 2);
}

TEST(UsualChunk, LeavesEverythingElseToTheParser) {
    const auto usual = [](std::string_view json) { return read_usual_chunk(json).has_value(); };
    EXPECT_TRUE(usual(R"({"choices":[{"delta":{}}]})"));
    for (const char* other : {
             R"({"choices":[]})",
             R"({"choices":[{"delta":{}},{"index":1,"delta":{}}]})",
             R"({"choices":[{"index":1,"delta":{}}]})",
             R"({"choices":[{"delta":{}}],"error":{"message":"x"}})",
             R"({"choices":[{"delta":{}}],"x_nanogpt_pricing":{"cost":1}})",
             R"({"choices":[{"delta":{}}],"usage":{"prompt_tokens":1,"cost":0.5}})",
             R"({"choices":[{"delta":{}}],"usage":{}})",
             R"({"choices":[{"delta":{"tool_calls":[{"index":0}]}}]})",
             R"({"choices":[{"delta":{"reasoning_content":"hm"}}]})",
             R"({"choices":[{"delta":{"refusal":"no"}}]})",
             R"({"choices":[{"delta":{"content":"a\nb"}}]})",
             R"({"choices":[{"delta":{"content":[{"text":"a"}]}}]})",
             R"({"choices":[{"delta":{"content":7}}]})",
             R"({"choices":[{"text":"a"}]})",
             R"({"choices":[{"delta":{},"usage":{"prompt_tokens":1}}]})",
             R"({"choices":{"delta":{}}})",
             R"({"choices":[{"delta":{}}])",
             R"({"model":"gpt"})",
             R"([])",
             "",
         })
        EXPECT_FALSE(usual(other)) << other;
}

}  // namespace
}  // namespace evenkeel
