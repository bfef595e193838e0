#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "practice/dialect.hpp"

namespace evenkeel::practice {
namespace {

using ::testing::HasSubstr;

const Moment noon{WallTime{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}}, Instant{Nanos{1'000'034'612}}};

Result<Question> read(std::string_view body) { return make_ollama_dialect()->read(body); }
Reply reply_to(std::string_view body) { return {.question = read(body).value(), .id = "7", .started = noon}; }
constexpr std::string_view hello = R"({"model":"m","messages":[{"role":"user","content":"hi"}]})";

TEST(OllamaDialect, streams_unless_told_not_to) {
    EXPECT_TRUE(read(hello)->stream);
    EXPECT_FALSE(read(R"({"model":"m","stream":false,"messages":[]})")->stream);
}

TEST(OllamaDialect, refuses_in_the_words_of_the_real_one) {
    EXPECT_EQ(read("").error().detail, "missing request body");
    EXPECT_EQ(read("{").error().detail, "unexpected EOF");
    EXPECT_EQ(read("{}").error().detail, "model is required");
    EXPECT_EQ(read(R"({"model":"m","messages":[{"role":"user","content":[]}]})").error().cls, ErrorClass::request);
    EXPECT_EQ(read(R"({"model":"m","truncate":false,"options":{"num_ctx":3},)"
                   R"("messages":[{"role":"user","content":"too many words for this window"}]})")
                  .error()
                  .detail,
              "the input length exceeds the context length");
}

TEST(OllamaDialect, sends_one_line_a_token_and_a_done_line_with_counts) {
    const auto dialect = make_ollama_dialect();
    const Reply reply = reply_to(hello);
    const std::string head = R"({"model":"m","created_at":"2026-01-01T00:00:00.000034612Z","message":)";
    EXPECT_EQ(dialect->token(reply, "The", noon), head + R"({"role":"assistant","content":"The"},"done":false})"
                                                         "\n");
    EXPECT_EQ(dialect->thought(reply, "hm", noon),
              head + R"({"role":"assistant","content":"","thinking":"hm"},"done":false})"
                     "\n");
    const auto closing = dialect->closing(reply, FinishReason::stop, {.output_tokens = 7, .took = Seconds{1}}, noon);
    ASSERT_EQ(closing.size(), 1u);
    EXPECT_EQ(closing[0], head + R"({"role":"assistant","content":""},"done":true,"done_reason":"stop",)"
                                 R"("total_duration":1070000000,"load_duration":50000000,"prompt_eval_count":5,)"
                                 R"("prompt_eval_duration":20000000,"eval_count":8,"eval_duration":1000000000})"
                                 "\n");
    EXPECT_EQ(dialect->end_marker(), "");
}

TEST(OllamaDialect, fails_in_mid_stream_with_an_error_line) {
    EXPECT_EQ(make_ollama_dialect()->failure(reply_to(hello)),
              "{\"error\":\"an error was encountered while running the model: unexpected EOF\"}\n");
}

TEST(OllamaDialect, has_the_observed_error_pages) {
    const auto dialect = make_ollama_dialect();
    EXPECT_EQ(dialect->model_missing("nope").body, R"({"error":"model 'nope' not found"})");
    EXPECT_EQ(dialect->model_missing("nope").status, 404);
    EXPECT_EQ(dialect->busy().body, R"({"error":"server busy, please try again.  maximum pending requests exceeded"})");
    EXPECT_EQ(dialect->error(503).status, 503);
}

TEST(OllamaDialect, answers_the_small_endpoints) {
    const auto dialect = make_ollama_dialect();
    const Shelf shelf{.models = {"a"}, .loaded = {}};
    EXPECT_EQ(dialect->page({.method = "GET", .path = "/"}, shelf, noon).body, "Ollama is running");
    EXPECT_EQ(dialect->page({.method = "GET", .path = "/api/version"}, shelf, noon).body, R"({"version":"0.17.4"})");
    EXPECT_THAT(dialect->page({.method = "GET", .path = "/api/tags"}, shelf, noon).body, HasSubstr(R"("name":"a")"));
    EXPECT_EQ(dialect->page({.method = "GET", .path = "/api/ps"}, shelf, noon).body, R"({"models":[]})");
    EXPECT_EQ(dialect->page({.method = "GET", .path = "/api/chat"}, shelf, noon).status, 405);
    EXPECT_EQ(dialect->page({.method = "GET", .path = "/api/x"}, shelf, noon).body, "404 page not found");
    EXPECT_THAT(dialect->page({.method = "POST", .path = "/api/show", .body = R"({"model":"a"})"}, shelf, noon).body,
                HasSubstr(R"("llama.context_length":8192)"));
    EXPECT_EQ(dialect->page({.method = "POST", .path = "/api/show", .body = R"({"model":"b"})"}, shelf, noon).status,
              404);
}

TEST(OllamaDialect, loads_a_model_on_a_chat_without_messages) {
    EXPECT_THAT(make_ollama_dialect()->loaded(reply_to(R"({"model":"m"})")).body,
                HasSubstr(R"("content":""},"done":true,"done_reason":"load"})"));
}

}  // namespace
}  // namespace evenkeel::practice
