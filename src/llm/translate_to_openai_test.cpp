#include <gtest/gtest.h>

#include "llm/translate.hpp"

namespace evenkeel {
namespace {

std::string translated(std::string_view json, bool stream = false) {
    const auto body = parse_caller_body(Dialect::ollama, json);
    EXPECT_TRUE(body);
    const auto text = openai_body_of(*body, R"("gpt")", stream);
    return text ? *text : text.error().code;
}

TEST(TranslateToOpenAi, MapsOptionsFormatAndThinking) {
    EXPECT_EQ(translated(R"({"model":"x","messages":[{"role":"user","content":"Hi"}],"format":"json","think":"max",)"
                         R"("options":{"num_predict":7,"num_ctx":5,"temperature":0,"seed":3,"stop":["a"],"top_k":1}})"),
              R"({"model":"gpt","stream":false,"messages":[{"role":"user","content":"Hi"}],)"
              R"("response_format":{"type":"json_object"},"reasoning_effort":"high","max_tokens":7,"temperature":0,)"
              R"("stop":["a"],"seed":3})");
    EXPECT_EQ(
        translated(R"({"messages":[],"format":{"type":"object"},"options":{"num_predict":-1,"seed":-1}})", true),
        R"({"model":"gpt","stream":true,"stream_options":{"include_usage":true},"messages":[],)"
        R"("response_format":{"type":"json_schema","json_schema":{"name":"answer","schema":{"type":"object"}}}})");
}

TEST(TranslateToOpenAi, JoinsNamelessCallsWithTheirResults) {
    EXPECT_EQ(
        translated(R"({"messages":[{"role":"assistant","content":"","tool_calls":[{"function":{"name":"f",)"
                   R"("arguments":{"a":1}}}]},{"role":"tool","content":"2","tool_name":"f"}],"tools":[{"t":1}]})"),
        R"({"model":"gpt","stream":false,"messages":[{"role":"assistant","content":"","tool_calls":[)"
        R"({"id":"call_0","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]},)"
        R"({"role":"tool","content":"2","tool_call_id":"call_0"}],"tools":[{"t":1}]})");
}

TEST(TranslateToOpenAi, PutsImagesIntoDataUrls) {
    EXPECT_EQ(translated(R"({"messages":[{"role":"user","content":"See","images":["/9j/AA"]}]})"),
              R"({"model":"gpt","stream":false,"messages":[{"role":"user","content":[{"type":"text","text":"See"},)"
              R"({"type":"image_url","image_url":{"url":"data:image/jpeg;base64,/9j/AA"}}]}]})");
}

TEST(TranslateToOpenAi, RefusesAMessageWithoutARole) {
    EXPECT_EQ(translated(R"({"messages":[{"content":"x"}]})"), "invalid_value");
}

}  // namespace
}  // namespace evenkeel
