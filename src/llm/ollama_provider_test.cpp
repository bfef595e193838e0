#include "llm/ollama_provider.hpp"

#include <gtest/gtest.h>

#include "testing/upstream_stage.hpp"

namespace evenkeel {
namespace {

using namespace std::chrono_literals;
using testing::HttpScript;
using testing::replying;

/// Ollama 0.17.4, as observed.
constexpr std::string_view stream =
    R"({"model":"smollm2:135m","created_at":"2026-11-22T17:31:18.534612902Z",)"
    R"("message":{"role":"assistant","content":"The"},"done":false})"
    "\n"
    R"({"model":"smollm2:135m","created_at":"2026-11-22T17:31:18.6Z","message":{"role":"assistant",)"
    R"("content":" caf\u00e9 \ud83d\ude42."},"done":false})"
    "\n"
    R"({"model":"smollm2:135m","created_at":"2026-11-22T17:31:18.755005397Z",)"
    R"("message":{"role":"assistant","content":""},"done":true,"done_reason":"stop",)"
    R"("total_duration":632777982,"load_duration":51207785,"prompt_eval_count":16,)"
    R"("prompt_eval_duration":355846800,"eval_count":8,"eval_duration":194086732})"
    "\n";
constexpr std::string_view said = "The caf\xC3\xA9 \xF0\x9F\x99\x82.";

struct Stage : testing::UpstreamStage {
    Stage() : UpstreamStage(Dialect::ollama) {}
};

TEST(OllamaProvider, streams_an_answer_with_its_figures) {
    Stage stage;
    stage.http->then(replying(200, std::string(stream)));
    const auto got = stage.ask_it();
    EXPECT_FALSE(got.error) << describe(*got.error);
    EXPECT_EQ(got.text, said);
    EXPECT_EQ(got.finish, FinishReason::stop);
    EXPECT_EQ(got.wire, stream);
    EXPECT_EQ(stage.attempt().outcome, Attempt::Outcome::answered);
    EXPECT_EQ(stage.attempt().model, "smollm2:135m");
    EXPECT_EQ(stage.attempt().usage->input, 16);
    EXPECT_EQ(stage.attempt().usage->output, 8);
    EXPECT_EQ(stage.http->bodies_ended, 1u);
}

TEST(OllamaProvider, reads_a_stream_the_same_however_it_is_split) {
    for (std::size_t at = 1; at < stream.size(); ++at) {
        Stage stage;
        stage.http->then(testing::replying_split(stream, at));
        const auto got = stage.ask_it();
        ASSERT_FALSE(got.error) << "split at " << at << ": " << describe(*got.error);
        ASSERT_EQ(got.text, said) << "split at " << at;
        ASSERT_EQ(got.wire, stream) << "split at " << at;
    }
}

TEST(OllamaProvider, asks_with_a_constant_window_and_forbids_silent_cuts) {
    Stage stage;
    stage.http->then(replying(200, std::string(stream)));
    stage.ask_it();
    EXPECT_EQ(stage.http->requests.at(0).target, "/api/chat");
    EXPECT_EQ(stage.http->requests.at(0).body,
              R"({"model":"llama3.1:8b","messages":[{"role":"user","content":"How are you?"}],"stream":true,)"
              R"("truncate":false,"shift":false,"keep_alive":"5m",)"
              R"("options":{"num_ctx":8192,"num_predict":1000,"temperature":0.7}})");
}

TEST(OllamaProvider, writes_a_bare_keep_alive_as_a_number) {
    testing::UpstreamStage stage(testing::UpstreamStage::Dialect::ollama,
                                 {.name = "l", .model = "m", .context_tokens = 8192, .keep_alive = "-1"});
    stage.http->then(replying(200, std::string(stream)));
    stage.ask_it();
    EXPECT_THAT(stage.http->requests.at(0).body, ::testing::HasSubstr(R"("keep_alive":-1,)"));
}

TEST(OllamaProvider, reads_one_json_answer_where_no_stream_was_asked) {
    Stage stage;
    stage.request.stream = false;
    stage.http->then(replying(200, R"({"model":"m","message":{"role":"assistant","content":"Fine."},"done":true,)"
                                   R"("done_reason":"length","eval_count":3})"));
    const auto got = stage.ask_it();
    EXPECT_EQ(got.text, "Fine.");
    EXPECT_EQ(got.finish, FinishReason::length);
    EXPECT_EQ(got.batches, 1u);
    EXPECT_EQ(stage.attempt().usage->input, 0);
    EXPECT_EQ(stage.attempt().usage->output, 3);
}

TEST(OllamaProvider, a_tool_call_is_content_and_the_reason_to_stop) {
    Stage stage;
    stage.http->then(
        replying(200, R"({"model":"m","message":{"role":"assistant","content":"","tool_calls":[{"id":"call_1",)"
                      R"("function":{"index":0,"name":"w","arguments":{"city":"Paris"}}}]},"done":false})"
                      "\n"
                      R"({"model":"m","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop"})"
                      "\n"));
    const auto got = stage.ask_it();
    EXPECT_FALSE(got.error);
    EXPECT_EQ(got.finish, FinishReason::tool_calls);
}

struct Progressing : Stage {
    Progressing() {
        call.on_progress = [this](const Progress& progress) { told.push_back(progress.kind); };
        http->then(HttpScript().wait(20s).bytes(std::string(stream)));
    }
    std::vector<Progress::Kind> told;
};

TEST(OllamaProvider, says_that_a_cold_model_is_being_loaded) {
    Progressing stage;
    stage.http->at("/api/ps", replying(200, R"({"models":[{"name":"other:7b","model":"other:7b"}]})"));
    EXPECT_EQ(stage.ask_it().text, said);
    EXPECT_EQ(stage.told, (std::vector{Progress::Kind::asking, Progress::Kind::loading}));
    EXPECT_EQ(stage.http->requests.at(0).target, "/api/chat") << "the question is never held up by the check";
}

TEST(OllamaProvider, says_nothing_of_a_model_that_is_in_memory_or_just_answered) {
    Progressing stage;
    stage.http->at("/api/ps", replying(200, R"({"models":[{"name":"llama3.1:8b"}]})"));
    stage.ask_it();
    EXPECT_EQ(stage.told, (std::vector{Progress::Kind::asking}));
    EXPECT_EQ(stage.http->requests.size(), 2u);
    stage.http->then(replying(200, std::string(stream)));
    stage.ask_it();
    EXPECT_EQ(stage.http->requests.size(), 3u) << "a model that just answered is not looked for";
}

TEST(OllamaProvider, a_check_that_hangs_or_fails_changes_nothing) {
    for (const HttpScript& check : {HttpScript().hang(), replying(500, "no"), replying(200, "{}")}) {
        Progressing stage;
        stage.http->at("/api/ps", check);
        EXPECT_EQ(stage.ask_it().text, said);
        EXPECT_EQ(stage.told, (std::vector{Progress::Kind::asking}));
        EXPECT_EQ(stage.http->replies_open, 0u);
    }
}

TEST(OllamaProvider, lists_its_models) {
    Stage stage;
    stage.http->then(replying(200, R"({"models":[{"name":"a:1b","model":"a:1b"},{"name":"b:latest"}]})"));
    const auto names = stage.run(stage.provider->models(stage.scheduler.now() + 5s));
    EXPECT_EQ(*names, (std::vector<std::string>{"a:1b", "b:latest"}));
    EXPECT_EQ(stage.http->requests.at(0).target, "/api/tags");
}

}  // namespace
}  // namespace evenkeel
