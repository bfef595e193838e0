#include "frontends/http/responses_request.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace evenkeel {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const Id some_id = parse_id("0193c1d27f3a7abc8def0123456789ab").value();

TEST(ResponsesRequest, becomes_a_chat_request) {
    const auto request = read_responses_request(
        R"({"model":"m","input":"Hi","instructions":"Be brief.","temperature":0.5,"top_p":0.9,"max_output_tokens":7,)"
        R"("tools":[{"type":"function","name":"f","parameters":{"type":"object"},"strict":true}],)"
        R"("tool_choice":{"type":"function","name":"f"},"parallel_tool_calls":false,"reasoning":{"effort":"low"},)"
        R"("text":{"format":{"type":"json_schema","name":"s","schema":{"type":"object"},"strict":true},)"
        R"("verbosity":"low"},"user":"u1","metadata":{"a":"b"},"include":["reasoning.encrypted_content"]})");
    ASSERT_TRUE(request) << request.error().detail;
    EXPECT_EQ(chat_body_of(*request, ""),
              R"({"model":"m","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"}],)"
              R"("max_tokens":7,"temperature":0.5,"top_p":0.9,)"
              R"("tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"},"strict":true}}],)"
              R"("tool_choice":{"type":"function","function":{"name":"f"}},)"
              R"("response_format":{"type":"json_schema",)"
              R"("json_schema":{"name":"s","schema":{"type":"object"},"strict":true}},)"
              R"("verbosity":"low","reasoning_effort":"low","parallel_tool_calls":false,"user":"u1"})");
    EXPECT_EQ(request->user, "u1");
    EXPECT_EQ(request->question, "Hi");
    EXPECT_TRUE(request->store);
    EXPECT_FALSE(request->background || request->stream);
    EXPECT_THAT(request->echo, HasSubstr(R"("metadata":{"a":"b"})"));
    EXPECT_THAT(request->echo, HasSubstr(R"("instructions":"Be brief.")"));
    EXPECT_THAT(request->echo, HasSubstr(R"("reasoning":{"effort":"low","summary":null})"));
}

TEST(ResponsesRequest, of_the_least_has_what_openai_fills_in) {
    const auto request = read_responses_request(R"({"input":"Hi"})").value();
    EXPECT_EQ(chat_body_of(request, ""), R"({"model":"","messages":[{"role":"user","content":"Hi"}]})");
    for (const char* member :
         {R"("instructions":null)", R"("metadata":{})", R"("parallel_tool_calls":true)", R"("temperature":1.0)",
          R"("text":{"format":{"type":"text"}})", R"("tool_choice":"auto")", R"("tools":[])", R"("top_p":1.0)",
          R"("truncation":"disabled")", R"("background":false)", R"("store":true)"})
        EXPECT_THAT(request.echo, HasSubstr(member));
}

struct Refusal {
    const char* name;
    const char* body;
    const char* code;
    const char* says;
};

class ResponsesRequestRefuses : public ::testing::TestWithParam<Refusal> {};

TEST_P(ResponsesRequestRefuses, by_name_and_says_what_works) {
    const auto read = read_responses_request(GetParam().body);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, GetParam().code);
    EXPECT_EQ(read.error().cls, ErrorClass::request);
    EXPECT_EQ(read.error().origin, Origin::caller);
    EXPECT_THAT(read.error().detail, HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    Table, ResponsesRequestRefuses,
    ::testing::Values(
        Refusal{"NoJson", "{", "invalid_json", "JSON"}, Refusal{"NoObject", "[]", "invalid_json", "object"},
        Refusal{"NoInput", R"({"model":"m"})", "missing_field", "input"},
        Refusal{"WebSearch", R"({"input":"x","tools":[{"type":"web_search"}]})", "unsupported_parameter",
                "'web_search' is not supported here; tools of type 'function' are"},
        Refusal{"Mcp", R"({"input":"x","tools":[{"type":"mcp","server_url":"x"}]})", "unsupported_parameter", "mcp"},
        Refusal{"NamelessTool", R"({"input":"x","tools":[{"type":"function"}]})", "invalid_value", "name"},
        Refusal{"HostedChoice", R"({"input":"x","tool_choice":{"type":"file_search"}})", "unsupported_parameter",
                "file_search"},
        Refusal{"ChoiceWord", R"({"input":"x","tool_choice":"perhaps"})", "invalid_value", "tool_choice"},
        Refusal{"Conversation", R"({"input":"x","conversation":"c"})", "unsupported_parameter", "previous_response_id"},
        Refusal{"Prompt", R"({"input":"x","prompt":{"id":"p"}})", "unsupported_parameter", "instructions"},
        Refusal{"Logprobs", R"({"input":"x","top_logprobs":3})", "unsupported_parameter", "logprobs"},
        Refusal{"Background", R"({"input":"x","background":true,"store":false})", "invalid_value", "store"},
        Refusal{"Stream", R"({"input":"x","stream":"yes"})", "invalid_value", "stream"},
        Refusal{"Model", R"({"input":"x","model":7})", "invalid_value", "model"},
        Refusal{"Temperature", R"({"input":"x","temperature":3})", "invalid_value", "temperature"},
        Refusal{"Tokens", R"({"input":"x","max_output_tokens":0})", "invalid_value", "max_output_tokens"},
        Refusal{"Format", R"({"input":"x","text":{"format":{"type":"xml"}}})", "invalid_value", "text.format"},
        Refusal{"Metadata", R"({"input":"x","metadata":{"a":1}})", "invalid_value", "metadata"},
        Refusal{"Truncation", R"({"input":"x","truncation":"some"})", "invalid_value", "truncation"}),
    [](const auto& tested) { return tested.param.name; });

TEST(EarlierMessages, hold_what_was_said_but_no_earlier_instructions) {
    const auto first = read_responses_request(R"({"input":"One?","instructions":"Old."})").value();
    Answer answer{.text = "Two."};
    answer.tool_calls = R"([{"id":"","type":"function","function":{"name":"f","arguments":"{}"}}])";
    const auto earlier = earlier_messages(chat_body_of(first, ""), first.echo, some_id, answer);
    ASSERT_TRUE(earlier);
    const auto second = read_responses_request(R"({"input":"Three?","instructions":"New."})").value();
    const std::string body = chat_body_of(second, *earlier);
    EXPECT_EQ(body, R"({"model":"","messages":[{"role":"system","content":"New."},{"role":"user","content":"One?"},)"
                    R"({"role":"assistant","content":"Two.","tool_calls":[)"
                    R"({"id":"call_0193c1d27f3a7abc8def0123456789ab_0","type":"function",)"
                    R"("function":{"name":"f","arguments":"{}"}}]},{"role":"user","content":"Three?"}]})");
    const std::string items = input_items_of(body, second.echo, some_id).value();
    EXPECT_THAT(items, Not(HasSubstr("New.")));
    EXPECT_THAT(items, HasSubstr("Three?"));
}

TEST(EarlierMessages, of_a_broken_record_are_an_error_of_ours) {
    EXPECT_EQ(earlier_messages("{", "{}", some_id, {}).error().cls, ErrorClass::internal);
    EXPECT_EQ(earlier_messages("{}", "{}", some_id, {}).error().cls, ErrorClass::internal);
}

TEST(PublicIds, go_there_and_back) {
    EXPECT_EQ(hex_of(some_id), "0193c1d27f3a7abc8def0123456789ab");
    EXPECT_EQ(id_behind("resp_", "resp_0193c1d27f3a7abc8def0123456789ab"), some_id);
    for (const char* wrong : {"", "resp_", "resp_12", "msg_0193c1d27f3a7abc8def0123456789ab", "0193c1d27f3a7abc8def"})
        EXPECT_FALSE(id_behind("resp_", wrong)) << wrong;
    EXPECT_EQ(call_id_of("given", some_id, 3), "given");
}

}  // namespace
}  // namespace evenkeel
