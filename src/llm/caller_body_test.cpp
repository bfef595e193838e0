#include "llm/caller_body.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace evenkeel {
namespace {

std::string code_of(Dialect dialect, std::string_view json) {
    const auto body = parse_caller_body(dialect, json);
    return body ? "" : body.error().code + ": " + body.error().detail;
}

TEST(CallerBody, ReadsWhatTheGatewayMustKnow) {
    const std::string json = R"({"model":"gpt-4o","messages":[{"role":"user","content":"Hi"}],"stream":true,)"
                             R"("stream_options":{"include_usage":true},"n":2,"x_unknown":{"a":[1]}})";
    const auto body = parse_caller_body(Dialect::openai, json);
    ASSERT_TRUE(body);
    EXPECT_EQ(body->model, "gpt-4o");
    EXPECT_TRUE(body->stream);
    EXPECT_TRUE(body->wants_usage);
    EXPECT_EQ(body->choices, 2U);
    EXPECT_EQ(body->slices.messages, R"([{"role":"user","content":"Hi"}])");
    EXPECT_EQ(body->slices.model, R"("gpt-4o")");
    EXPECT_EQ(body->json.data(), json.data());
}

TEST(CallerBody, TakesTheDialectsDefaultForStreaming) {
    EXPECT_FALSE(parse_caller_body(Dialect::openai, R"({"messages":[]})")->stream);
    EXPECT_TRUE(parse_caller_body(Dialect::ollama, R"({"messages":[]})")->stream);
    EXPECT_FALSE(parse_caller_body(Dialect::ollama, R"({"messages":[],"stream":false})")->stream);
    EXPECT_FALSE(parse_caller_body(Dialect::openai, R"({"messages":[],"stream":null})")->stream);
    EXPECT_EQ(parse_caller_body(Dialect::ollama, R"({"model":"m"})")->slices.messages, "[]");
    EXPECT_EQ(parse_caller_body(Dialect::ollama, R"({"messages":null})")->slices.messages, "[]");
}

TEST(CallerBody, UndoesEscapesInTheModelsName) {
    EXPECT_EQ(parse_caller_body(Dialect::openai, R"({"model":"a\/bé","messages":[]})")->model, "a/b\xc3\xa9");
    EXPECT_EQ(parse_caller_body(Dialect::openai, R"({"model":null,"messages":[]})")->model, "");
}

TEST(CallerBody, LeavesNamesThatMeanNothingHereAsTheyAreWritten) {
    EXPECT_TRUE(parse_caller_body(Dialect::openai, R"({"messages":[],"\u00fcber":1,"\ud83d\ude00":2})"));
}

TEST(CallerBody, RefusesWhatIsWrongAndSaysWhat) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {R"({"messages":[})", "invalid_json: the body is no JSON: line 1, column 14: this is no value"},
        {R"({"model":"m"})", "missing_field: 'messages' is missing"},
        {R"({"messages":"Hi"})", "invalid_value: 'messages' must be an array"},
        {R"({"messages":[],"model":7})", "invalid_value: 'model' must be a string"},
        {R"({"messages":[],"stream":"yes"})", "invalid_value: 'stream' must be true or false"},
        {R"({"messages":[],"stream_options":true})", "invalid_value: 'stream_options' must be an object"},
        {R"({"messages":[],"n":0})", "invalid_value: 'n' must be a whole number from 1 to 128"},
        {R"({"messages":[],"n":1.5})", "invalid_value: 'n' must be a whole number from 1 to 128"},
        {R"({"messages":[],"model":"a","model":"b"})", "duplicate_field: 'model' is given more than once"},
        {R"({"messages":[],"mod\u0065l":"b"})",
         "invalid_value: the name of a member is written with escapes; write it plainly"},
    };
    for (const auto& [json, expected] : cases) EXPECT_EQ(code_of(Dialect::openai, json), expected) << json;
}

}  // namespace
}  // namespace evenkeel
