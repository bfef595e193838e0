#include "llm/answer_stream.hpp"

#include <gtest/gtest.h>

#include "testing/upstream_stage.hpp"

namespace evenkeel {
namespace {

using namespace std::chrono_literals;
using testing::HttpScript;
using testing::replying;
using testing::UpstreamStage;
using Dialect = UpstreamStage::Dialect;

/// A chunk of the OpenAI dialect with that delta.
std::string delta(std::string_view content) {
    return R"(data: {"model":"m","choices":[{"index":0,"delta":)" + std::string(content) +
           R"(,"finish_reason":null}]})"
           "\n\n";
}
std::string text(std::string_view words) { return delta(R"({"content":")" + std::string(words) + "\"}"); }
std::string finish(std::string_view word) {
    return R"(data: {"model":"m","choices":[{"index":0,"delta":{},"finish_reason":")" + std::string(word) + "\"}]}\n\n";
}
const std::string done = "data: [DONE]\n\n";
std::string again_and_again(std::string_view piece) {
    std::string all;
    for (int i = 0; i < 400; ++i) all += piece;
    return all;
}
std::string document(std::string_view members) { return "{\"id\":\"1\",\"model\":\"m\"," + std::string(members) + "}"; }

/// What a body under status 200 comes to.
struct Lie {
    std::string_view what;
    std::string body;
    std::string_view code;
    ErrorClass cls = ErrorClass::bad_answer;
    std::string_view shown = "";  ///< What had been handed over before, where the body came in one receive.
};

const Lie openai_lies[] = {
    {"an empty body", "", "empty_body"},
    {"blanks", "\n\n \n", "empty_body"},
    {"a web page", "<!DOCTYPE html><html>502</html>", "html"},
    {"plain text", "upstream connect error", "not_an_answer"},
    {"an empty object", "{}", "not_an_answer"},
    {"an empty array", "[]", "not_an_answer"},
    {"null", "data: null\n\n" + done, "not_an_answer"},
    {"[DONE] alone", done, "not_an_answer"},
    {"comments alone", ": OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\n", "not_an_answer"},
    {"cut JSON", R"({"choices":[{"message":{"content":"Hel)", "invalid_json"},
    {"choices null", document(R"("choices":null)"), "no_choices"},
    {"choices empty", document(R"("choices":[],"usage":{"prompt_tokens":3,"completion_tokens":0})"), "no_choices"},
    {"content null", document(R"("choices":[{"message":{"content":null},"finish_reason":"stop"}])"), "empty_answer"},
    {"whitespace in JSON", document(R"("choices":[{"message":{"content":" \n"},"finish_reason":"stop"}])"),
     "blank_answer"},
    {"JSON without a finish", document(R"("choices":[{"message":{"content":"Hi"},"finish_reason":null}])"),
     "no_finish"},
    {"a filtered question in JSON",
     document(R"("choices":[{"message":{"content":""},"finish_reason":"content_filter"}])"), "content_filter",
     ErrorClass::policy},
    {"whitespace in a stream", text("  ") + text("\\n") + finish("stop") + done, "blank_answer"},
    {"a stream without text", delta(R"({"role":"assistant","content":""})") + finish("stop") + done, "empty_answer"},
    {"reasoning only", delta(R"({"reasoning_content":"Hm"})") + finish("stop") + done, "reasoning_only"},
    {"reasoning up to the limit", delta(R"({"reasoning":"Hm"})") + finish("length") + done, "reasoning_only"},
    {"inline reasoning only", text("<think>Hm, let me see") + finish("length") + done, "reasoning_only"},
    {"a filtered question", finish("content_filter") + done, "content_filter", ErrorClass::policy},
    {"a role and then the end", delta(R"({"role":"assistant"})"), "cut", ErrorClass::transient},
    {"a cut answer", text("Half an") + text(" answer"), "cut", ErrorClass::transient, "Half an answer"},
    {"a cut answer, its last event not whole", text("Half") + "data: {\"choices\":[{\"del", "cut",
     ErrorClass::transient, "Half"},
    {"[DONE] without a finish", text("Half") + done, "no_finish"},
    {"an empty finish word", text("Half") + finish("") + done, "no_finish"},
    {"Zhipu's network_error", text("Half") + finish("network_error") + done, "finish_error", ErrorClass::transient},
    {"Ollama's lost error on /v1",
     text("Half") +
         R"(data: {"model":"","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]})"
         "\n\n",
     "cut", ErrorClass::transient, "Half"},
    {"a malformed chunk", text("Half") + "data: {\"choices\":[{\"delta\":{\"content\":\"x\n\n" + done, "invalid_json",
     ErrorClass::bad_answer, ""},
    {"NanoGPT's failure in mid-stream",
     text("Half") +
         R"(data: {"choices":[{"index":0,"delta":{},"finish_reason":"error"}],"error":{"status":503,)"
         R"("message":"down","code":"all_fallbacks_failed"}})"
         "\n\n" +
         done,
     "all_fallbacks_failed", ErrorClass::overload, ""},
    {"OpenRouter's failure in mid-stream",
     R"(data: {"id":"g","error":{"code":502,"message":"Provider disconnected"},)"
     R"("choices":[{"delta":{"content":""},"finish_reason":"error"}]})"
     "\n\n",
     "", ErrorClass::transient},
    {"an error object", R"({"error":{"message":"x","type":"server_error","code":null}})", "server_error",
     ErrorClass::transient},
    {"an error string", R"({"error":"Unexpected endpoint or method: POST /chat/completions"})", "",
     ErrorClass::account},
    {"an error number", R"({"error":429,"message":"slow"})", "", ErrorClass::overload},
    {"vLLM's error object",
     R"(data: {"object":"error","message":"no","code":400})"
     "\n\n" +
         done,
     "", ErrorClass::request},
    {"vLLM's missing model",
     R"({"object":"error","message":"The model `x` does not exist.","type":"NotFoundError","code":404})",
     "NotFoundError", ErrorClass::model_gone},
    {"detail", R"({"detail":"Internal error"})", "", ErrorClass::transient},
    {"MiniMax's balance", R"({"base_resp":{"status_code":1008,"status_msg":"insufficient balance"},"choices":null})",
     "base_resp_1008", ErrorClass::account},
    {"Gemini's array", R"([{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"quota"}}])",
     "RESOURCE_EXHAUSTED", ErrorClass::overload},
    {"llama.cpp's field named error",
     "error: {\"code\":400,\"message\":\"the request exceeds the available context size\"}\n\n" + done, "",
     ErrorClass::capacity},
    {"an error event without that member", "event: error\ndata: {\"code\":500,\"details\":\"boom\"}\n\n", "",
     ErrorClass::transient},
    {"LM Studio's error event", "event: error\ndata: {\"error\":{\"message\":\"boom\"},\"message\":\"boom\"}\n\n", "",
     ErrorClass::transient},
    {"a model that repeats itself", text("Well, ") + again_and_again(text("the tide turned again, ")),
     "endless_repeat"},
    {"a model that repeated itself up to its limit",
     document(R"("choices":[{"message":{"content":")" + again_and_again("the tide turned again, ") +
              R"("},"finish_reason":"length"}])"),
     "endless_repeat"},
    {"a tool call that is no JSON",
     delta(R"({"tool_calls":[{"index":0,"function":{"name":"f","arguments":"{\"x\":"}}]})") + finish("tool_calls") +
         done,
     "garbled_tool_call"},
    {"a tool call in JSON that is no JSON",
     document(R"("choices":[{"message":{"content":null,"tool_calls":[{"id":"a","function":{"name":"f",)"
              R"("arguments":"sure!"}}]},"finish_reason":"tool_calls"}])"),
     "garbled_tool_call"},
    {"an error and then [DONE]",
     R"(data: {"error":{"message":"boom","type":"server_error"}})"
     "\n\n" +
         done,
     "server_error", ErrorClass::transient},
    {"Azure's filter in mid-stream",
     text("Half") + R"(data: {"error":{"code":"content_filter","message":"filtered"}})"
                    "\n\n",
     "content_filter", ErrorClass::policy},
};

TEST(AnswerStream, calls_no_lie_under_200_an_answer) {
    for (const bool streamed : {true, false}) {
        for (const Lie& lie : openai_lies) {
            UpstreamStage stage;
            stage.request.stream = streamed;
            stage.http->then(replying(200, lie.body));
            const auto got = stage.ask_it();
            ASSERT_TRUE(got.error) << lie.what << " was taken for \"" << got.text << '"';
            EXPECT_EQ(got.error->code, lie.code) << lie.what << ": " << describe(*got.error);
            EXPECT_EQ(got.error->cls, lie.cls) << lie.what << ": " << describe(*got.error);
            EXPECT_EQ(got.error->http_status, lie.code == "invalid_json" ? 0 : 200) << lie.what;
            EXPECT_EQ(got.text, lie.shown) << lie.what;
            EXPECT_EQ(stage.attempt().outcome, lie.shown.empty() ? Attempt::Outcome::failed : Attempt::Outcome::cut)
                << lie.what;
            EXPECT_EQ(stage.attempt().error->code, lie.code) << lie.what;
            EXPECT_EQ(stage.http->replies_open, 0u) << lie.what;
        }
    }
}

TEST(AnswerStream, judges_the_same_however_a_lie_is_split) {
    for (const Lie& lie : openai_lies) {
        UpstreamStage stage;
        stage.http->then(testing::replying_in_pieces(lie.body, 1));
        const auto got = stage.ask_it();
        ASSERT_TRUE(got.error) << lie.what;
        EXPECT_EQ(got.error->code, lie.code) << lie.what << ": " << describe(*got.error);
        EXPECT_FALSE(got.finish) << lie.what << ": nobody may be told that it is whole";
        EXPECT_EQ(got.error->cls, lie.cls) << lie.what << ": " << describe(*got.error);
    }
}

const Lie ollama_lies[] = {
    {"an empty body", "", "empty_body"},
    {"a web page", "<html>", "html"},
    {"no done line", "{\"model\":\"m\",\"message\":{\"content\":\"Half\"},\"done\":false}\n", "cut",
     ErrorClass::transient, "Half"},
    {"an error line after 200",
     "{\"model\":\"m\",\"message\":{\"content\":\"Half\"},\"done\":false}\n"
     "{\"error\":\"an error was encountered while running the model: unexpected EOF\"}\n",
     "", ErrorClass::transient, ""},
    {"an error line at once", "{\"error\":\"llama runner process has terminated: signal: killed\"}\n", "",
     ErrorClass::transient},
    {"a done line without text",
     "{\"model\":\"m\",\"message\":{\"content\":\"\"},\"done\":true,\"done_reason\":\"stop\"}\n", "empty_answer"},
    {"a model that was only loaded", R"({"model":"m","message":{"content":""},"done":true,"done_reason":"load"})",
     "empty_answer"},
    {"blanks", "{\"message\":{\"content\":\" \"},\"done\":true}\n", "blank_answer"},
    {"thinking only",
     "{\"message\":{\"content\":\"\",\"thinking\":\"Hm\"},\"done\":false}\n{\"done\":true,\"done_reason\":\"length\"}"
     "\n",
     "reasoning_only"},
    {"half a line", "{\"message\":{\"content\":\"Half\"},\"do", "invalid_json"},
    {"another API", "{\"status\":\"success\"}\n", "not_an_answer"},
    {"a model that repeats itself",
     again_and_again("{\"message\":{\"content\":\"the tide turned again, \"},\"done\":false}\n"), "endless_repeat"},
};

TEST(AnswerStream, calls_no_lie_of_an_ollama_an_answer) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{4096}}) {
        for (const Lie& lie : ollama_lies) {
            UpstreamStage stage(Dialect::ollama);
            stage.http->then(testing::replying_in_pieces(lie.body, piece));
            const auto got = stage.ask_it();
            ASSERT_TRUE(got.error) << lie.what;
            EXPECT_EQ(got.error->code, lie.code) << lie.what << ": " << describe(*got.error);
            EXPECT_EQ(got.error->cls, lie.cls) << lie.what << ": " << describe(*got.error);
            if (piece > 1 && lie.code != endless_repeat_code) {
                EXPECT_EQ(got.text, lie.shown) << lie.what;
            }
        }
    }
}

TEST(AnswerStream, a_204_is_no_answer) {
    for (const bool streamed : {true, false}) {
        UpstreamStage stage;
        stage.request.stream = streamed;
        stage.http->then(replying(204, ""));
        const auto got = stage.ask_it();
        ASSERT_TRUE(got.error);
        EXPECT_EQ(got.error->code, "empty_body");
        EXPECT_EQ(got.error->http_status, 204);
    }
}

TEST(AnswerStream, the_end_of_its_tokens_excuses_a_tool_call_that_is_cut) {
    UpstreamStage stage;
    stage.http->then(
        replying(200, delta(R"({"tool_calls":[{"index":0,"function":{"name":"f","arguments":"{\"x\":"}}]})") +
                          finish("length") + done));
    const auto got = stage.ask_it();
    EXPECT_FALSE(got.error);
    EXPECT_EQ(got.finish, FinishReason::length);
}

TEST(AnswerStream, lets_repeat_itself_who_may) {
    ProviderOptions options{.name = "cloud", .model = "small"};
    options.repeat_bytes_max = 0;
    UpstreamStage stage(Dialect::openai, std::move(options));
    stage.http->then(replying(200, again_and_again(text("the tide turned again, ")) + finish("stop") + done));
    EXPECT_FALSE(stage.ask_it().error);
}

/// Odd, but answers all the same.
TEST(AnswerStream, takes_an_answer_in_any_dress) {
    const struct {
        std::string_view what;
        std::string body;
        std::string_view text;
        FinishReason finish = FinishReason::stop;
    } answers[] = {
        {"no [DONE]", text("Hi") + finish("stop"), "Hi"},
        {"no blank line after [DONE]", text("Hi") + finish("stop") + "data: [DONE]", "Hi"},
        {"[DONE] with blanks", text("Hi") + finish("stop") + "data:  [DONE] \n\n", "Hi"},
        {"no blank line after the finish", text("Hi") + R"(data: {"choices":[{"delta":{},"finish_reason":"stop"}]})",
         "Hi"},
        {"text and finish in one chunk",
         R"(data:{"choices":[{"delta":{"content":"Hi"},"finish_reason":"length"}]})"
         "\r\n\r\n",
         "Hi", FinishReason::length},
        {"Azure's first chunk",
         R"(data: {"id":"","model":"","object":"","choices":[],"prompt_filter_results":[]})"
         "\n\n" +
             text("Hi") + finish("stop"),
         "Hi"},
        {"a choice without delta",
         R"(data: {"object":"","choices":[{"index":0,"content_filter_results":{}}]})"
         "\n\n" +
             text("Hi") + finish("stop"),
         "Hi"},
        {"a JSON document though a stream was asked",
         document(R"("choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}])"),
         "Hi"},
        {"a document and [DONE]",
         document(R"("choices":[{"message":{"content":"Hi data: x"},"finish_reason":"stop"}])") + "\n\n" + done,
         "Hi data: x"},
        {"blank lines before a document",
         "\n\n\n" + document(R"("choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}])"), "Hi"},
        {"digits as numbers", delta(R"({"content":4})") + delta(R"({"content":2})") + finish("stop"), "42"},
        {"an emoji in two halves",
         delta(R"({"content":"a\ud83d"})") + delta(R"({"content":"\ude42b"})") + finish("stop") + done,
         "a\xF0\x9F\x99\x82"
         "b"},
        {"half an emoji at the end", text("a\\ud83d") + finish("stop") + done, "a\xEF\xBF\xBD"},
        {"content in parts",
         delta(R"({"content":[{"type":"thinking","thinking":[{"type":"text","text":"Hm"}]},{"type":"text",)"
               R"("text":"Hi"}]})") +
             finish("stop"),
         "Hi"},
        {"a second finish", text("Hi") + finish("length") + finish("stop") + done, "Hi", FinishReason::length},
        {"text after the finish", text("Hi") + finish("stop") + text("!") + done, "Hi!"},
        {"a word nobody knows", text("Hi") + finish("because") + done, "Hi"},
        {"a refusal of the model's own", delta(R"({"refusal":"I would rather not."})") + finish("stop") + done,
         "I would rather not."},
        {"text that the filter ended", text("Hi") + finish("content_filter") + done, "Hi",
         FinishReason::content_filter},
        {"a tool call that ends with stop",
         delta(R"({"tool_calls":[{"index":0,"id":"c","function":{"name":"f","arguments":"{}"}}]})") + finish("stop") +
             done,
         "", FinishReason::tool_calls},
        {"inline reasoning", text("<thi") + text("nk>Hm</th") + text("ink>\\n\\nHi") + finish("stop") + done, "Hi"},
        {"only the end of inline reasoning",
         document(R"("choices":[{"message":{"content":"Hm</think>\n\nHi"},"finish_reason":"stop"}])"), "Hi"},
        {"garbage after the finish", text("Hi") + finish("stop") + "data: {\"usage\":\n\n", "Hi"},
        {"other choices",
         R"(data: {"choices":[{"index":1,"delta":{"content":"No"}}]})"
         "\n\n" +
             text("Hi") + finish("stop"),
         "Hi"},
        {"error null beside choices",
         R"(data: {"error":null,"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]})"
         "\n\n",
         "Hi"},
    };
    for (const auto& each : answers) {
        for (const std::size_t piece : {std::size_t{1}, std::size_t{4096}}) {
            UpstreamStage stage;
            stage.http->then(testing::replying_in_pieces(each.body, piece));
            const auto got = stage.ask_it();
            ASSERT_FALSE(got.error) << each.what << ": " << describe(*got.error);
            EXPECT_EQ(got.text, each.text) << each.what;
            EXPECT_EQ(got.finish, each.finish) << each.what;
            EXPECT_EQ(stage.attempt().outcome, Attempt::Outcome::answered) << each.what;
        }
    }
}

TEST(AnswerStream, a_broken_connection_is_a_cut_before_the_finish_and_none_after_it) {
    UpstreamStage stage;
    stage.http->then(HttpScript().bytes(text("Half")).cut());
    EXPECT_EQ(stage.ask_it().error->code, "cut");
    EXPECT_EQ(stage.attempt().outcome, Attempt::Outcome::cut);
    EXPECT_EQ(stage.attempt().usage->output, 2) << "what was received is counted";
    stage.http->then(HttpScript().bytes(text("Whole") + finish("stop")).cut());
    EXPECT_EQ(stage.ask_it().text, "Whole");
    EXPECT_EQ(stage.attempt().outcome, Attempt::Outcome::answered);
}

TEST(AnswerStream, a_broken_connection_is_no_empty_or_malformed_answer) {
    for (const char* begun : {"\n", "{\"choices\":[{\"mess", ": comment\n\n"}) {
        UpstreamStage stage;
        stage.http->then(HttpScript().bytes(begun).cut());
        const auto got = stage.ask_it();
        EXPECT_EQ(got.error->cls, ErrorClass::transient) << begun;
        EXPECT_EQ(got.error->code, "cut") << begun;
        EXPECT_EQ(stage.attempt().outcome, Attempt::Outcome::failed) << begun;
    }
}

TEST(AnswerStream, a_server_that_never_closes_does_not_hold_up_a_finished_answer) {
    UpstreamStage stage;
    stage.http->then(HttpScript().bytes(text("Hi") + finish("stop")).hang());
    EXPECT_EQ(stage.ask_it().text, "Hi");
    EXPECT_EQ(stage.attempt().took, AnswerStream::after_finish_max);
    stage.http->then(HttpScript().bytes(text("Hi") + finish("stop") + done).hang());
    EXPECT_EQ(stage.ask_it().text, "Hi");
    EXPECT_EQ(stage.attempt().took, AnswerStream::body_end_max);
}

TEST(AnswerStream, takes_usage_wherever_it_stands_and_the_last_one_counts) {
    const std::string one = R"({"prompt_tokens":7,"completion_tokens":1})";
    const std::string two = R"({"prompt_tokens":7,"completion_tokens":2})";
    const std::string bodies[] = {
        text("Hi") + finish("stop") + R"(data: {"choices":[],"usage":)" + two + "}\n\n" + done,
        text("Hi") + R"(data: {"choices":[{"delta":{},"finish_reason":"stop"}],"usage":)" + two + "}\n\n" + done,
        R"(data: {"choices":[{"delta":{"content":"Hi"}}],"usage":)" + one + "}\n\n" +
            R"(data: {"choices":[{"delta":{},"finish_reason":"stop"}],"usage":)" + two + "}\n\n" + done,
        text("Hi") + R"(data: {"choices":[{"delta":{},"finish_reason":"stop"}],"x_groq":{"usage":)" + two + "}}\n\n" +
            done,
        text("Hi") + R"(data: {"choices":[{"delta":{},"finish_reason":"stop","usage":)" + two + "}]}\n\n" + done,
        document(R"("choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}],"usage":)" + two),
        text("Hi") + finish("stop") +
            R"(data: {"choices":[],"usage":{"input_tokens":7,"output_tokens":2}})"
            "\n\n" +
            done,
    };
    for (const std::string& body : bodies) {
        UpstreamStage stage;
        stage.http->then(replying(200, body));
        const auto got = stage.ask_it();
        ASSERT_TRUE(got.usage) << body;
        EXPECT_EQ(got.usage->output, 2) << body;
        EXPECT_EQ(stage.attempt().usage->input, 7) << body;
        EXPECT_FALSE(stage.attempt().usage->estimated) << body;
    }
}

TEST(AnswerStream, costs_what_the_provider_says_else_what_is_configured_else_nobody_knows) {
    const auto cost_of = [](std::string_view members, std::optional<double> price) {
        UpstreamStage stage(Dialect::openai, {.name = "c", .model = "m", .price_input = price, .price_output = price});
        stage.http->then(replying(200, document(R"("choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}],)"
                                                R"("usage":{"prompt_tokens":1000,"completion_tokens":1000)" +
                                                std::string(members))));
        stage.ask_it();
        return stage.attempt().cost_usd;
    };
    EXPECT_EQ(cost_of("}", std::nullopt), std::nullopt);
    EXPECT_DOUBLE_EQ(*cost_of("}", 0.5), 0.001);
    EXPECT_DOUBLE_EQ(*cost_of("}", 0.0), 0.0);
    EXPECT_DOUBLE_EQ(*cost_of(R"(,"cost":0.25})", 0.5), 0.25);
    EXPECT_DOUBLE_EQ(*cost_of(R"(},"x_nanogpt_pricing":{"amount":3,"cost":2,"costUsd":1})", 0.5), 1);
    EXPECT_DOUBLE_EQ(*cost_of(R"(},"x_nanogpt_pricing":{"amount":3,"currency":"XNO"})", 0.5), 0.001);
}

TEST(AnswerStream, tells_of_a_finish_reason_that_nobody_knows) {
    UpstreamStage stage;
    stage.http->then(replying(200, text("Hi") + finish("because") + done));
    stage.ask_it();
    EXPECT_EQ(stage.notes.lines, std::vector<std::string>{"provider.unknown_finish cloud because"});
}

TEST(AnswerStream, never_repeats_the_key_or_the_question_whatever_an_upstream_echoes) {
    const std::string secret(UpstreamStage::key);
    const std::string asked = "Where did I bury the treasure?";
    const std::string bodies[] = {
        R"({"error":{"message":"bad key )" + secret + " for " + asked + R"(","code":")" + secret + R"("}})",
        R"({"error":")" + asked + secret + R"("})",
        R"(data: {"error":{"message":")" + asked + R"(","type":")" + asked + "\"}}\n\n",
        R"({"detail":[{"msg":")" + asked + R"("}]})",
        "<html>" + asked + secret,
        asked + secret,
        text("Hi") + finish(asked) + done,
    };
    for (const int status : {200, 400, 401, 500}) {
        for (const std::string& body : bodies) {
            UpstreamStage stage;
            stage.request = testing::question(asked);
            stage.http->then(replying(status, body));
            const auto got = stage.ask_it();
            std::string told = got.error ? describe(*got.error) : "";
            for (const std::string& line : stage.notes.lines) told += line;
            if (stage.attempt().error) told += describe(*stage.attempt().error);
            EXPECT_EQ(told.find("treasure"), std::string::npos) << told;
            EXPECT_EQ(told.find("1111"), std::string::npos) << told;
            EXPECT_EQ(told.find("8888"), std::string::npos) << told;
        }
    }
}

}  // namespace
}  // namespace evenkeel
