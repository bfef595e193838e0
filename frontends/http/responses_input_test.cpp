#include "frontends/http/responses_input.hpp"

#include <gtest/gtest.h>

namespace evenkeel {
namespace {

struct Case {
    const char* name;
    const char* input;
    const char* messages;
};

class ResponsesInputBecomes : public ::testing::TestWithParam<Case> {};

TEST_P(ResponsesInputBecomes, chat_messages) {
    JsonDoc document;
    const auto read = read_responses_input(document.parse(GetParam().input).value());
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_EQ(read->messages, GetParam().messages);
}

INSTANTIATE_TEST_SUITE_P(
    Table, ResponsesInputBecomes,
    ::testing::Values(
        Case{"Text", R"("Hi")", R"({"role":"user","content":"Hi"})"},
        Case{"EasyMessages", R"([{"role":"developer","content":"Be brief."},{"role":"user","content":"Hi"}])",
             R"({"role":"system","content":"Be brief."},{"role":"user","content":"Hi"})"},
        Case{"OneTextPart", R"([{"type":"message","role":"user","content":[{"type":"input_text","text":"Hi"}]}])",
             R"({"role":"user","content":"Hi"})"},
        Case{"AnswerSentBack",
             R"([{"type":"message","id":"msg_1","role":"assistant","status":"completed","content":[)"
             R"({"type":"output_text","text":"A","annotations":[]},{"type":"refusal","refusal":"B"}]},)"
             R"({"role":"user","content":"Go on"}])",
             R"({"role":"assistant","content":"AB"},{"role":"user","content":"Go on"})"},
        Case{"Image",
             R"([{"role":"user","content":[{"type":"input_text","text":"See"},)"
             R"({"type":"input_image","image_url":"data:image/png;base64,AA==","detail":"low"}]}])",
             R"({"role":"user","content":[{"type":"text","text":"See"},)"
             R"({"type":"image_url","image_url":{"url":"data:image/png;base64,AA==","detail":"low"}}]})"},
        Case{"ImageAlone", R"([{"role":"user","content":[{"type":"input_image","image_url":"https://x/y.png"}]}])",
             R"({"role":"user","content":[{"type":"image_url","image_url":{"url":"https://x/y.png"}}]})"},
        Case{"File", R"([{"role":"user","content":[{"type":"input_file","filename":"a.pdf","file_data":"AA=="}]}])",
             R"({"role":"user","content":[{"type":"file","file":{"filename":"a.pdf","file_data":"AA=="}}]})"},
        Case{
            "CallsAndOutputs",
            R"([{"role":"user","content":"Rain?"},{"type":"reasoning","id":"rs_1","summary":[]},)"
            R"({"type":"function_call","id":"fc_1","call_id":"a","name":"f","arguments":"{}"},)"
            R"({"type":"function_call","id":"fc_2","call_id":"b","name":"g","arguments":"{\"x\":1}"},)"
            R"({"type":"function_call_output","call_id":"a","output":"yes"},)"
            R"({"type":"function_call_output","call_id":"b","output":[{"type":"input_text","text":"no"}]}])",
            R"({"role":"user","content":"Rain?"},{"role":"assistant","content":null,"tool_calls":[)"
            R"({"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},)"
            R"({"id":"b","type":"function","function":{"name":"g","arguments":"{\"x\":1}"}}]},)"
            R"({"role":"tool","tool_call_id":"a","content":"yes"},{"role":"tool","tool_call_id":"b","content":"no"})"}),
    [](const auto& tested) { return tested.param.name; });

struct Refusal {
    const char* name;
    const char* input;
    const char* code;
    const char* says;
};

class ResponsesInputRefuses : public ::testing::TestWithParam<Refusal> {};

TEST_P(ResponsesInputRefuses, by_name) {
    JsonDoc document;
    const auto read = read_responses_input(document.parse(GetParam().input).value());
    ASSERT_FALSE(read) << read->messages;
    EXPECT_EQ(read.error().code, GetParam().code);
    EXPECT_EQ(read.error().origin, Origin::caller);
    EXPECT_NE(read.error().detail.find(GetParam().says), std::string::npos) << read.error().detail;
}

INSTANTIATE_TEST_SUITE_P(
    Table, ResponsesInputRefuses,
    ::testing::Values(
        Refusal{"Nothing", R"([])", "invalid_value", "list of items"},
        Refusal{"Blank", R"("  ")", "invalid_value", "empty"}, Refusal{"Number", R"(7)", "invalid_value", "text"},
        Refusal{"OnlyReasoning", R"([{"type":"reasoning","summary":[]}])", "invalid_value", "nothing"},
        Refusal{"NoObject", R"(["Hi"])", "invalid_value", "object"},
        Refusal{"Role", R"([{"role":"tool","content":"x"}])", "invalid_value", "role"},
        Refusal{"NoContent", R"([{"role":"user"}])", "invalid_value", "content"},
        Refusal{"HostedItem", R"([{"type":"web_search_call","id":"x"}])", "unsupported_parameter", "web_search_call"},
        Refusal{"Reference", R"([{"type":"item_reference","id":"x"}])", "unsupported_parameter",
                "previous_response_id"},
        Refusal{"ImageByFile", R"([{"role":"user","content":[{"type":"input_image","file_id":"f"}]}])",
                "unsupported_parameter", "image_url"},
        Refusal{"FileById", R"([{"role":"user","content":[{"type":"input_file","file_id":"f"}]}])",
                "unsupported_parameter", "file_data"},
        Refusal{"ImageOfAssistant",
                R"([{"role":"assistant","content":[{"type":"input_image","image_url":"https://x"}]}])", "invalid_value",
                "only a user"},
        Refusal{"UnknownPart", R"([{"role":"user","content":[{"type":"smell"},{"type":"input_text","text":"x"}]}])",
                "invalid_value", "smell"},
        Refusal{"CallWithoutId", R"([{"type":"function_call","name":"f","arguments":"{}"}])", "invalid_value",
                "call_id"},
        Refusal{"ArgumentsAsObject", R"([{"type":"function_call","call_id":"a","name":"f","arguments":{}}])",
                "invalid_value", "arguments"},
        Refusal{"OutputWithoutId", R"([{"type":"function_call_output","output":"x"}])", "invalid_value", "call_id"}),
    [](const auto& tested) { return tested.param.name; });

TEST(ResponsesInput, the_question_is_the_last_text_of_a_user) {
    JsonDoc document;
    const auto read = read_responses_input(
        document
            .parse(R"([{"role":"user","content":"one"},{"role":"user","content":[{"type":"input_text","text":"tw"},)"
                   R"({"type":"input_text","text":"o"}]},{"role":"assistant","content":"three"}])")
            .value());
    EXPECT_EQ(read.value().question, "two");
}

TEST(InputItems, are_the_messages_again) {
    JsonDoc document;
    std::string out;
    JsonWriter json(out);
    std::size_t number = 0;
    json.array();
    for (const char* message :
         {R"({"role":"user","content":"Hi"})",
          R"({"role":"assistant","content":"So","tool_calls":[{"id":"a","function":{"name":"f","arguments":"{}"}}]})",
          R"({"role":"tool","tool_call_id":"a","content":"yes"})",
          R"({"role":"user","content":[{"type":"image_url","image_url":{"url":"u"}}]})"})
        write_input_items(json, document.parse(message).value(), "77", number);
    json.end_array();
    EXPECT_EQ(
        out,
        R"([{"id":"msg_77_0","type":"message","status":"completed","role":"user","content":[)"
        R"({"type":"input_text","text":"Hi"}]},)"
        R"({"id":"msg_77_1","type":"message","status":"completed","role":"assistant","content":[)"
        R"({"type":"output_text","text":"So","annotations":[]}]},)"
        R"({"id":"fc_77_2","type":"function_call","status":"completed","call_id":"a","name":"f","arguments":"{}"},)"
        R"({"id":"fco_77_3","type":"function_call_output","status":"completed","call_id":"a","output":"yes"},)"
        R"({"id":"msg_77_4","type":"message","status":"completed","role":"user","content":[)"
        R"({"type":"input_image","detail":"auto","image_url":"u"}]}])");
}

}  // namespace
}  // namespace evenkeel
