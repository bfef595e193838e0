#include <gtest/gtest.h>

#include "llm/translate.hpp"

namespace evenkeel {
namespace {

constexpr OllamaLane lane{.model = "llama3.1:8b", .stream = true, .context_tokens = 8192, .keep_alive = "5m"};
constexpr std::string_view set_by_lane =
    R"({"model":"llama3.1:8b","stream":true,"truncate":false,"shift":false,"keep_alive":"5m",)";

Result<std::string> translated(Dialect dialect, std::string_view json) {
    const auto body = parse_caller_body(dialect, json);
    if (!body) return fail(body.error());
    return ollama_body_of(*body, lane);
}

std::string from_openai(std::string_view json) {
    auto body = translated(Dialect::openai, json);
    if (!body) return body.error().code + ": " + body.error().detail;
    EXPECT_TRUE(body->starts_with(set_by_lane)) << *body;
    return body->substr(set_by_lane.size());
}

TEST(TranslateToOllama, MapsTheOptionsThatMeanTheSame) {
    EXPECT_EQ(
        from_openai(R"({"messages":[{"role":"developer","content":"Be kind"}],"max_tokens":9,)"
                    R"("max_completion_tokens":5,"temperature":0.5,"top_p":1,"seed":7,"stop":"END",)"
                    R"("presence_penalty":0.1,"frequency_penalty":0.2,"user":"u","logit_bias":{}})"),
        R"("messages":[{"role":"system","content":"Be kind"}],"options":{"num_ctx":8192,"num_predict":5,)"
        R"("seed":7,"temperature":0.5,"top_p":1,"presence_penalty":0.1,"frequency_penalty":0.2,"stop":["END"]}})");
    EXPECT_EQ(from_openai(R"({"messages":[],"stop":["a","b"],"temperature":null})"),
              R"("messages":[],"options":{"num_ctx":8192,"stop":["a","b"]}})");
}

TEST(TranslateToOllama, MapsToolsThereAndBack) {
    EXPECT_EQ(
        from_openai(R"({"messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function",)"
                    R"("function":{"name":"weather","arguments":"{\"city\":\"Rome\"}"}}]},)"
                    R"({"role":"tool","tool_call_id":"c1","content":"warm"}],"tools":[{"type":"function"}]})"),
        R"("messages":[{"role":"assistant","content":"","tool_calls":[{"id":"c1","function":{"name":"weather",)"
        R"("arguments":{"city":"Rome"}}}]},{"role":"tool","content":"warm","tool_call_id":"c1",)"
        R"("tool_name":"weather"}],"tools":[{"type":"function"}],"options":{"num_ctx":8192}})");
    EXPECT_EQ(from_openai(R"({"messages":[],"tools":[{"type":"function"}],"tool_choice":"none"})"),
              R"("messages":[],"options":{"num_ctx":8192}})");
    EXPECT_EQ(from_openai(R"({"messages":[{"role":"assistant","tool_calls":[{"function":{"name":"f",)"
                          R"("arguments":"{"}}]}]})"),
              "invalid_value: the arguments of the call to 'f' are no JSON");
}

TEST(TranslateToOllama, MapsImagesAndRefusesWhatTheModelCannotSee) {
    EXPECT_EQ(from_openai(R"({"messages":[{"role":"user","content":[{"type":"text","text":"What is it?"},)"
                          R"({"type":"image_url","image_url":{"url":"data:image/png;base64,QUJD"}}]}]})"),
              R"("messages":[{"role":"user","content":"What is it?","images":["QUJD"]}],"options":{"num_ctx":8192}})");
    EXPECT_EQ(translated(Dialect::openai, R"({"messages":[{"role":"user","content":[{"type":"image_url",)"
                                          R"("image_url":{"url":"https://example.com/a.png"}}]}]})")
                  .error()
                  .cls,
              ErrorClass::capacity);
    EXPECT_EQ(from_openai(R"({"messages":[{"role":"user","content":[{"type":"input_audio"}]}]})"),
              "unsupported_content: it cannot read a message part of type 'input_audio'");
    EXPECT_EQ(from_openai(R"({"messages":[],"n":3})"), "unsupported_content: it gives one answer to a question, not 3");
}

TEST(TranslateToOllama, MapsTheFormatOfTheAnswer) {
    EXPECT_EQ(from_openai(R"({"messages":[],"response_format":{"type":"json_object"},"reasoning_effort":"none"})"),
              R"("messages":[],"format":"json","think":false,"options":{"num_ctx":8192}})");
    EXPECT_EQ(from_openai(R"({"messages":[],"response_format":{"type":"json_schema","json_schema":{"name":"x",)"
                          R"("schema":{"type":"object"}}}})"),
              R"("messages":[],"format":{"type":"object"},"options":{"num_ctx":8192}})");
    EXPECT_EQ(from_openai(R"({"messages":[],"response_format":{"type":"text"}})"),
              R"("messages":[],"options":{"num_ctx":8192}})");
}

TEST(TranslateToOllama, KeepsOllamasOwnWordsButForWhatTheLaneSets) {
    EXPECT_EQ(*translated(Dialect::ollama, R"({"model":"x","messages":[{"role":"user","content":"Hi"}],"think":true,)"
                                           R"("options":{"num_ctx":99,"top_k":3},"keep_alive":"1h","stream":false})"),
              R"({"model":"llama3.1:8b","stream":true,"truncate":false,"shift":false,"options":{"num_ctx":8192,)"
              R"("top_k":3},"messages":[{"role":"user","content":"Hi"}],"think":true,"keep_alive":"1h"})");
}

}  // namespace
}  // namespace evenkeel
