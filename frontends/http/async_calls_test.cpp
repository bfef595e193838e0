#include "frontends/http/async_calls.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/durable_stage.hpp"

namespace evenkeel {
namespace {

using namespace std::chrono_literals;
using testing::answering;
using testing::cutting;
using testing::DurableStage;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Script;
using testing::Told;

constexpr const char* hello = R"({"messages":[{"role":"user","content":"Hello?"}]})";
constexpr const char* streamed = R"({"messages":[{"role":"user","content":"Hello?"}],"stream":true})";
const HttpHeaders async{{"Prefer", "respond-async"}};
const HttpHeaders key{{"Idempotency-Key", "k1"}};
constexpr const char* place = "/v1/chat/completions";

std::string id_in(std::string_view json) {
    JsonDoc document;
    return std::string(document.parse(json).value()["id"].string_or(""));
}

TEST(AsyncCalls, are_accepted_polled_and_fetched_after_the_outage) {
    DurableStage stage;
    stage.route.down_until(stage.sim.scheduler.now() + 600s);
    const Told told = stage.ask("POST", place, hello, async);
    EXPECT_EQ(told.status, 202);
    EXPECT_THAT(told.body, HasSubstr(R"("status":"queued")"));
    const std::string path = std::string(place) + "/" + id_in(told.body);
    stage.kill_and_restart();
    EXPECT_EQ(stage.ask("GET", path).status, 202);
    stage.route.down_until(stage.sim.scheduler.now());
    stage.sim.scheduler.run_for(30s);
    const Told done = stage.ask("GET", path);
    EXPECT_EQ(done.status, 200);
    EXPECT_THAT(done.body, HasSubstr(R"("object":"chat.completion")"));
    EXPECT_THAT(done.body, HasSubstr("Fine."));
    EXPECT_EQ(id_in(done.body), id_in(told.body));
    EXPECT_THAT(stage.ask("DELETE", path).body, HasSubstr("chat.completion.deleted"));
    EXPECT_EQ(stage.ask("GET", path).status, 404);
}

TEST(AsyncCalls, can_be_cancelled) {
    DurableStage stage;
    stage.route.down_until(stage.sim.scheduler.now() + 600s);
    const std::string path = std::string(place) + "/" + id_in(stage.ask("POST", place, hello, async).body);
    EXPECT_THAT(stage.ask("POST", path + "/cancel").body, HasSubstr(R"("status":"cancelled")"));
    EXPECT_EQ(stage.ask("GET", path).status, 409);
    EXPECT_EQ(stage.ask("POST", path).status, 404);
}

TEST(AsyncCalls, one_key_is_one_answer_whole_and_streamed) {
    for (const char* body : {hello, streamed}) {
        DurableStage stage;
        stage.cloud.always(Script()
                               .content("Fi")
                               .wait(5ms)
                               .content("ne.")
                               .tool_call(R"({"function":{"name":"f","arguments":{"x":1}}})")
                               .usage(3, 4)
                               .finish(FinishReason::tool_calls));
        const Told first = stage.ask("POST", place, body, key);
        EXPECT_EQ(first.status, 200);
        EXPECT_EQ(first.field("x-evenkeel-provider"), "cloud");
        stage.sim.scheduler.run_for(60s);
        EXPECT_EQ(stage.ask("POST", place, body, key).body, first.body);
        stage.kill_and_restart();
        EXPECT_EQ(stage.ask("POST", place, body, key).body, first.body);
        EXPECT_EQ(stage.cloud.asked().size(), 1U);
        EXPECT_EQ(stage.ask("POST", place, R"({"messages":[]})", key).status, 422);
    }
}

TEST(AsyncCalls, a_key_in_an_outage_is_answered_when_it_comes_again) {
    DurableStage stage;
    stage.route.down_until(stage.sim.scheduler.now() + 600s);
    EXPECT_EQ(stage.ask("POST", place, hello, key).status, 503);
    EXPECT_EQ(stage.ask("POST", place, hello, key).status, 503);
    stage.route.down_until(stage.sim.scheduler.now());
    stage.sim.scheduler.run_for(30s);
    EXPECT_EQ(stage.ask("POST", place, hello, key).status, 200);
    EXPECT_EQ(stage.cloud.asked().size(), 1U);
}

TEST(AsyncCalls, a_stream_that_is_begun_anew_ends_in_an_error_and_the_whole_can_be_fetched) {
    DurableStage stage;
    stage.cloud.always(cutting("These words are lost", 2));
    stage.local.always(answering("Other words."));
    const Told live = stage.ask("POST", place, streamed, key);
    EXPECT_THAT(live.body, HasSubstr("begun anew"));
    EXPECT_THAT(live.body, Not(HasSubstr("Other")));
    EXPECT_THAT(live.body, Not(HasSubstr("[DONE]")));
    stage.sim.scheduler.run_for(10s);
    EXPECT_THAT(stage.ask("POST", place, streamed, key).body, HasSubstr("Other"));
}

TEST(AsyncCalls, what_cannot_be_kept_is_refused_by_name) {
    DurableStage stage;
    const Told several = stage.ask("POST", place, R"({"messages":[{"role":"user","content":"x"}],"n":2})", key);
    EXPECT_EQ(several.status, 400);
    EXPECT_THAT(several.body, HasSubstr("'n'"));
    EXPECT_THAT(stage.ask("POST", place, R"({"messages":[],"logprobs":true})", async).body, HasSubstr("logprobs"));
    const HttpHeaders webhook{{"Prefer", "respond-async"}, {"x-evenkeel-webhook", "https://example.com/"}};
    EXPECT_EQ(stage.ask("POST", place, hello, webhook).status, 403) << "no key allows it";
    EXPECT_EQ(stage.ask("POST", place, hello, {{"Idempotency-Key", std::string(256, 'k')}}).status, 400);
}

TEST(AsyncCalls, store_true_is_kept_and_store_false_is_not) {
    DurableStage stage;
    const Told kept = stage.ask("POST", place, R"({"messages":[{"role":"user","content":"x"}],"store":true})");
    EXPECT_EQ(stage.ask("GET", std::string(place) + "/" + id_in(kept.body)).body, kept.body);
    const Told plain = stage.ask("POST", place, R"({"messages":[{"role":"user","content":"x"}],"store":false})");
    EXPECT_EQ(plain.status, 200);
    EXPECT_EQ(stage.ask("GET", std::string(place) + "/" + id_in(plain.body)).status, 404);
}

}  // namespace
}  // namespace evenkeel
