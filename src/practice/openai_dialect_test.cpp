#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "practice/dialect.hpp"

namespace evenkeel::practice {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const Moment noon{WallTime{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}}, Instant{Seconds{1}}};

Reply reply_to(std::string_view body) {
    return {.question = make_openai_dialect()->read(body).value(), .id = "7", .started = noon};
}
constexpr std::string_view with_usage = R"({"model":"m","stream":true,"stream_options":{"include_usage":true},)"
                                        R"("messages":[{"role":"user","content":"hi"}]})";
constexpr std::string_view plain = R"({"model":"m","messages":[{"role":"user","content":"hi"}],"max_tokens":9})";

TEST(OpenAiDialect, reads_the_last_user_message_of_either_form) {
    const auto question = make_openai_dialect()->read(
        R"({"model":"m","messages":[{"role":"user","content":"one"},{"role":"assistant","content":null},)"
        R"({"role":"user","content":[{"type":"text","text":"two "},{"type":"text","text":"three"}]}]})");
    ASSERT_TRUE(question);
    EXPECT_EQ(question->text, "two three");
    EXPECT_EQ(question->messages, 3u);
    EXPECT_FALSE(question->stream);
}

TEST(OpenAiDialect, refuses_bad_json_a_missing_model_and_no_messages) {
    const auto dialect = make_openai_dialect();
    for (const char* body : {"", "{", "[]", R"({"messages":[]})", R"({"model":"m","messages":[]})"})
        EXPECT_EQ(dialect->read(body).error().cls, ErrorClass::request) << body;
}

TEST(OpenAiDialect, streams_role_tokens_finish_usage_and_marker) {
    const auto dialect = make_openai_dialect();
    const Reply reply = reply_to(with_usage);
    const std::string head =
        R"(data: {"id":"chatcmpl-7","object":"chat.completion.chunk","created":1767225600,"model":"m","choices":[)";
    EXPECT_EQ(dialect->opening(reply),
              head + R"({"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}],)"
                     "\"usage\":null}\n\n");
    EXPECT_THAT(dialect->token(reply, " word", noon), HasSubstr(R"("delta":{"content":" word"})"));
    EXPECT_THAT(dialect->closing(reply, FinishReason::stop, {.output_tokens = 3}, noon),
                ElementsAre(head + R"({"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"usage":null})"
                                   "\n\n",
                            head + R"(],"usage":{"prompt_tokens":5,"completion_tokens":3,"total_tokens":8}})"
                                   "\n\n",
                            "data: [DONE]\n\n"));
}

TEST(OpenAiDialect, sends_no_usage_where_none_was_asked_for) {
    const auto dialect = make_openai_dialect();
    const Reply reply = reply_to(plain);
    EXPECT_THAT(dialect->token(reply, "x", noon), Not(HasSubstr("usage")));
    EXPECT_EQ(dialect->closing(reply, FinishReason::stop, {}, noon).size(), 2u);
}

TEST(OpenAiDialect, fails_in_mid_stream_as_nanogpt_documents_it) {
    const auto text = make_openai_dialect()->failure(reply_to(with_usage));
    EXPECT_THAT(text, HasSubstr(R"("finish_reason":"error"}],"error":{"status":502,)"));
    EXPECT_TRUE(text.ends_with("data: [DONE]\n\n"));
}

TEST(OpenAiDialect, errors_have_all_four_members) {
    const auto dialect = make_openai_dialect();
    EXPECT_EQ(dialect->error(401).body,
              R"({"error":{"message":"Incorrect API key provided.","type":"invalid_request_error","param":null,)"
              R"("code":"invalid_api_key"}})");
    EXPECT_THAT(dialect->error(500).body, HasSubstr(R"("code":null)"));
    EXPECT_EQ(dialect->error(418).status, 418);
    EXPECT_EQ(dialect->model_missing("x").status, 404);
    EXPECT_EQ(dialect->busy().status, 503);
}

TEST(OpenAiDialect, lists_models_below_any_base_and_knows_no_other_path) {
    const auto dialect = make_openai_dialect();
    const Shelf shelf{.models = {"a", "b"}, .loaded = {}};
    EXPECT_THAT(dialect->page({.method = "GET", .path = "/api/v1/models"}, shelf, noon).body,
                HasSubstr(R"({"id":"b","object":"model","created":1767225600,"owned_by":"practice"})"));
    EXPECT_EQ(dialect->page({.method = "GET", .path = "/nope"}, shelf, noon).status, 404);
    EXPECT_EQ(dialect->page({.method = "GET", .path = "/v1/chat/completions"}, shelf, noon).status, 405);
}

TEST(OpenAiDialect, whole_answer_may_lack_its_finish_reason) {
    const auto dialect = make_openai_dialect();
    const FinishReason stop = FinishReason::stop;
    const Reply reply = reply_to(plain);
    EXPECT_THAT(dialect->whole(reply, "hello", &stop, {}).body, HasSubstr(R"("finish_reason":"stop")"));
    EXPECT_THAT(dialect->whole(reply, "hello", nullptr, {}).body, HasSubstr(R"("finish_reason":null)"));
}

}  // namespace
}  // namespace evenkeel::practice
