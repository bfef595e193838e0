#include "llm/openai_provider.hpp"

#include <gtest/gtest.h>

#include "core/json.hpp"
#include "testing/upstream_stage.hpp"

namespace evenkeel {
namespace {

using namespace std::chrono_literals;
using testing::HttpScript;
using testing::replying;
using testing::UpstreamStage;

/// As NanoGPT sends it: usage and price on the finish chunk.
constexpr std::string_view stream =
    "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"model\":\"small-0924\",\"choices\":[{\"index\":0,"
    "\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}\n\n"
    "data: {\"id\":\"c1\",\"model\":\"small-0924\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Very \"},"
    "\"finish_reason\":null}]}\n\n"
    "data: {\"id\":\"c1\",\"model\":\"small-0924\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"w\\u00e9ll "
    "\xF0\x9F"
    "\x99\x82\"},\"finish_reason\":null}]}\n\n"
    "data: {\"id\":\"c1\",\"model\":\"small-0924\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],"
    "\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":5,\"total_tokens\":17},"
    "\"x_nanogpt_pricing\":{\"amount\":0.00031,\"currency\":\"USD\"}}\n\n"
    "data: [DONE]\n\n";
constexpr std::string_view said = "Very w\xC3\xA9ll \xF0\x9F\x99\x82";

TEST(OpenAiProvider, streams_an_answer_with_its_figures) {
    UpstreamStage stage;
    stage.http->then(replying(200, std::string(stream)));
    const auto got = stage.ask_it();
    EXPECT_FALSE(got.error) << describe(*got.error);
    EXPECT_EQ(got.text, said);
    EXPECT_EQ(got.finish, FinishReason::stop);
    EXPECT_EQ(got.wire, stream);
    const Attempt& attempt = stage.attempt();
    EXPECT_EQ(attempt.outcome, Attempt::Outcome::answered);
    EXPECT_EQ(attempt.provider, "cloud");
    EXPECT_EQ(attempt.model, "small-0924");
    EXPECT_EQ(attempt.usage->input, 12);
    EXPECT_EQ(attempt.usage->output, 5);
    EXPECT_FALSE(attempt.usage->estimated);
    EXPECT_DOUBLE_EQ(*attempt.cost_usd, 0.00031);
    EXPECT_EQ(stage.http->bodies_ended, 1u) << "the connection could not be used again";
    EXPECT_EQ(stage.http->replies_open, 0u);
}

TEST(OpenAiProvider, reads_a_stream_the_same_however_it_is_split) {
    for (std::size_t at = 1; at < stream.size(); ++at) {
        UpstreamStage stage;
        stage.http->then(testing::replying_split(stream, at));
        const auto got = stage.ask_it();
        ASSERT_FALSE(got.error) << "split at " << at << ": " << describe(*got.error);
        ASSERT_EQ(got.text, said) << "split at " << at;
        ASSERT_EQ(got.wire, stream) << "split at " << at;
        ASSERT_EQ(stage.attempt().usage->output, 5) << "split at " << at;
    }
    UpstreamStage stage;
    stage.http->then(testing::replying_in_pieces(stream, 1));
    EXPECT_EQ(stage.ask_it().text, said);
}

TEST(OpenAiProvider, asks_as_the_dialect_wants_it) {
    UpstreamStage stage;
    stage.request.turns.insert(stage.request.turns.begin(), Turn{Role::system, "Be \"brief\"."});
    stage.http->then(replying(200, std::string(stream)));
    stage.ask_it();
    const HttpRequest& sent = stage.http->requests.at(0);
    EXPECT_EQ(sent.method, "POST");
    EXPECT_EQ(sent.target, "/api/v1/chat/completions");
    EXPECT_THAT(sent.headers, ::testing::Contains(std::pair<std::string, std::string>(
                                  "Authorization", "Bearer " + std::string(stage.key))));
    EXPECT_EQ(sent.body,
              R"({"model":"small","messages":[{"role":"system","content":"Be \"brief\"."},)"
              R"({"role":"user","content":"How are you?"}],"stream":true,"stream_options":{"include_usage":true},)"
              R"("max_tokens":1000,"temperature":0.7})");
}

TEST(OpenAiProvider, sends_no_authorization_without_a_key_and_no_stream_options_without_a_stream) {
    UpstreamStage stage(UpstreamStage::Dialect::openai, {.name = "lab", .base_path = "/v1", .model = "m"});
    stage.request.stream = false;
    stage.request.model = "other/model:online";
    stage.request.temperature.reset();
    stage.http->then(
        replying(200, R"({"model":"x","choices":[{"message":{"content":"Hi."},"finish_reason":"stop"}]})"));
    const auto got = stage.ask_it();
    EXPECT_EQ(got.text, "Hi.");
    EXPECT_EQ(got.batches, 1u);
    const HttpRequest& sent = stage.http->requests.at(0);
    for (const auto& [name, value] : sent.headers) EXPECT_NE(name, "Authorization");
    EXPECT_EQ(sent.body, R"({"model":"other/model:online","messages":[{"role":"user","content":"How are you?"}],)"
                         R"("stream":false,"max_tokens":1000})");
}

TEST(OpenAiProvider, opens_at_the_first_content_and_not_before) {
    UpstreamStage stage;
    stage.http->then(HttpScript()
                         .wait(1s)
                         .bytes(": keep-alive\n\n")
                         .wait(1s)
                         .bytes("data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"reasoning\":\"Hm\"}}]}\n\n")
                         .wait(1s)
                         .bytes("data: {\"choices\":[{\"delta\":{\"content\":\"\\n\"}}]}\n\n")
                         .wait(1s)
                         .bytes("data: {\"choices\":[{\"delta\":{\"content\":\"42\"}}]}\n\n")
                         .wait(1s)
                         .bytes("data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"));
    const Instant start = stage.scheduler.now();
    auto stream_ = stage.run(stage.provider->open(stage.request, stage.call));
    ASSERT_TRUE(stream_);
    EXPECT_EQ(stage.scheduler.now() - start, 4s);
    EXPECT_EQ(stage.call.reasoning_since, start + 2s);
    EXPECT_EQ(stage.attempt().first_content_after, 4s);
    const auto got = stage.run(testing::drain(**stream_));
    EXPECT_EQ(got.reasoning, "Hm");
    EXPECT_EQ(got.text, "\n42");
    EXPECT_THAT(got.wire, ::testing::StartsWith(": keep-alive"));
    EXPECT_TRUE(stage.attempt().usage->estimated);
    EXPECT_FALSE(stage.attempt().cost_usd) << "no price is known";
}

TEST(OpenAiProvider, is_cancelled_when_it_is_dropped_before_and_after_the_first_content) {
    UpstreamStage stage;
    stage.http->then(HttpScript().wait(10s).hang());
    {
        auto opening = stage.provider->open(stage.request, stage.call);
        stage.run([](UpstreamStage& s, Task<Result<std::unique_ptr<ReplyStream>>> task) -> Task<bool> {
            auto reply = co_await until(s.scheduler, s.scheduler.now() + 2s, std::move(task));
            co_return reply.has_value();
        }(stage, std::move(opening)));
    }
    EXPECT_EQ(stage.attempt().outcome, Attempt::Outcome::cancelled);
    EXPECT_EQ(stage.attempt().took, 2s);
    EXPECT_TRUE(stage.attempt().usage->estimated) << "a question that was sent may be billed";
    stage.http->then(HttpScript().bytes("data: {\"choices\":[{\"delta\":{\"content\":\"Half\"}}]}\n\n").hang());
    auto stream_ = stage.run(stage.provider->open(stage.request, stage.call));
    ASSERT_TRUE(stream_);
    EXPECT_EQ((*stream_)->attempt(), 1u);
    EXPECT_EQ(stage.attempt().outcome, Attempt::Outcome::running);
    stream_->reset();
    EXPECT_EQ(stage.attempt().outcome, Attempt::Outcome::cancelled);
    EXPECT_EQ(stage.attempt().usage->output, 2);
    EXPECT_EQ(stage.http->replies_open, 0u);
}

TEST(OpenAiProvider, a_refusal_is_classified_and_betrays_neither_key_nor_question) {
    UpstreamStage stage;
    stage.request = testing::question("My secret plan is to move to Ulm.");
    stage.http->then(
        HttpScript(429)
            .header("Retry-After", "30")
            .bytes(R"({"error":{"message":"Slow down, Bearer sk-nano-11112222-3333-4444-5555-666677778888: )"
                   R"('My secret plan is to )"
                   R"(move to Ulm.'","type":"rate_limit_error","code":"rate_limit_exceeded"}})"));
    const auto got = stage.ask_it();
    ASSERT_TRUE(got.error);
    EXPECT_EQ(got.error->cls, ErrorClass::overload);
    EXPECT_EQ(got.error->retry_after, 30s);
    EXPECT_EQ(got.error->http_status, 429);
    EXPECT_EQ(got.error->code, "rate_limit_exceeded");
    EXPECT_EQ(got.error->detail, "cloud answered 429: Slow down, Bearer …: '…'");
    EXPECT_EQ(stage.attempt().outcome, Attempt::Outcome::failed);
    EXPECT_EQ(stage.attempt().error->detail, got.error->detail);
    EXPECT_FALSE(stage.attempt().usage);
}

TEST(OpenAiProvider, a_refusal_whose_body_never_ends_is_judged_by_its_status) {
    UpstreamStage stage;
    stage.http->then(HttpScript(503).bytes("{\"err").hang());
    const Instant start = stage.scheduler.now();
    EXPECT_EQ(stage.ask_it().error->cls, ErrorClass::overload);
    EXPECT_EQ(stage.scheduler.now() - start, 1s);
}

TEST(OpenAiProvider, an_unreachable_upstream_is_told_as_it_is_and_costs_nothing) {
    UpstreamStage stage;
    stage.http->then(
        HttpScript().refuse(provider_fault(ErrorClass::transient, Scope::provider, "refused", "refused").error()));
    const auto got = stage.ask_it();
    EXPECT_EQ(got.error->cls, ErrorClass::transient);
    EXPECT_EQ(got.error->code, "refused");
    EXPECT_FALSE(stage.attempt().usage);
}

TEST(OpenAiProvider, asks_again_without_a_parameter_that_the_model_refuses_and_remembers) {
    UpstreamStage stage;
    const auto unsupported = [](std::string_view name) {
        return replying(400, R"({"error":{"message":"Unsupported parameter","type":"invalid_request_error","param":")" +
                                 std::string(name) + R"(","code":"unsupported_parameter"}})");
    };
    stage.http->then(unsupported("max_tokens"))
        .then(unsupported("temperature"))
        .then(replying(200, std::string(stream)));
    EXPECT_EQ(stage.ask_it().text, said);
    EXPECT_EQ(stage.call.attempts.size(), 3u);
    stage.http->then(replying(200, std::string(stream)));
    EXPECT_EQ(stage.ask_it().text, said);
    EXPECT_THAT(stage.http->requests.back().body, ::testing::EndsWith(R"("max_completion_tokens":1000})"));
    stage.http->then(unsupported("max_tokens"));
    EXPECT_EQ(stage.ask_it().error->cls, ErrorClass::request) << "the same lesson is not paid for twice";
}

TEST(OpenAiProvider, leaves_out_the_oldest_turns_and_says_how_many) {
    UpstreamStage stage(UpstreamStage::Dialect::openai, {.name = "c", .model = "m", .context_tokens = 2000});
    stage.request.turns = {{Role::user, std::string(3000, 'a')}, {Role::assistant, "ok"}, {Role::user, "and now?"}};
    stage.http->then(replying(200, std::string(stream)));
    stage.ask_it();
    EXPECT_EQ(stage.attempt().turns_left_out, 1u);
    EXPECT_THAT(stage.http->requests.back().body,
                ::testing::HasSubstr(R"("messages":[{"role":"user","content":"and now?"}])"));
    stage.request.turns = {{Role::user, std::string(30'000, 'a')}};
    const auto got = stage.ask_it();
    EXPECT_EQ(got.error->cls, ErrorClass::capacity);
    EXPECT_EQ(stage.attempt().outcome, Attempt::Outcome::skipped);
    EXPECT_EQ(stage.http->requests.size(), 1u) << "what cannot fit is not sent";
}

TEST(OpenAiProvider, never_sees_a_private_conversation) {
    UpstreamStage stage;
    stage.call.local_only = true;
    const auto got = stage.ask_it();
    EXPECT_EQ(got.error->code, "private");
    EXPECT_EQ(stage.attempt().outcome, Attempt::Outcome::skipped);
    EXPECT_TRUE(stage.http->requests.empty());
}

TEST(OpenAiProvider, lists_its_models_within_the_deadline) {
    UpstreamStage stage;
    stage.http->then(replying(200, R"({"object":"list","data":[{"id":"a/b:c","object":"model"},{"id":"d"}]})"));
    const auto names = stage.run(stage.provider->models(stage.scheduler.now() + 5s));
    EXPECT_EQ(*names, (std::vector<std::string>{"a/b:c", "d"}));
    EXPECT_EQ(stage.http->requests.at(0).target, "/api/v1/models");
    stage.http->then(HttpScript().hang());
    const auto late = stage.run(stage.provider->models(stage.scheduler.now() + 5s));
    EXPECT_EQ(late.error().cls, ErrorClass::silent);
    stage.http->then(replying(401, R"({"error":{"message":"bad key sk-nano-11112222-3333-4444-5555-666677778888"}})"));
    const auto refused = stage.run(stage.provider->models(stage.scheduler.now() + 5s));
    EXPECT_EQ(refused.error().cls, ErrorClass::account);
    EXPECT_THAT(refused.error().detail, ::testing::Not(::testing::HasSubstr("4444")));
    stage.http->then(replying(200, "<html>hello</html>"));
    EXPECT_EQ(stage.run(stage.provider->models(stage.scheduler.now() + 5s)).error().cls, ErrorClass::bad_answer);
}

}  // namespace
}  // namespace evenkeel
