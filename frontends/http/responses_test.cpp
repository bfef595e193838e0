#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/durable_stage.hpp"

namespace evenkeel {
namespace {

using namespace std::chrono_literals;
using testing::answering;
using testing::cutting;
using testing::data_of;
using testing::DurableStage;
using testing::failing;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Told;

std::string text_in(std::string_view json, std::string_view name) {
    JsonDoc document;
    return std::string(document.parse(json).value()[name].string_or(""));
}

constexpr const char* hello = R"({"input":"Hello?"})";
constexpr const char* streamed = R"({"input":"Hello?","stream":true})";
constexpr const char* background = R"({"input":"Hello?","background":true})";

TEST(Responses, a_question_is_answered_and_kept_and_can_be_fetched_and_removed) {
    DurableStage stage;
    stage.cloud.always(answering("Fine, thanks."));
    const Told told = stage.ask("POST", "/v1/responses", hello);
    EXPECT_EQ(told.status, 200);
    EXPECT_EQ(told.field("x-evenkeel-provider"), "cloud");
    EXPECT_THAT(told.body, HasSubstr(R"("status":"completed")"));
    EXPECT_THAT(told.body, HasSubstr("Fine, thanks."));
    const std::string path = "/v1/responses/" + text_in(told.body, "id");
    EXPECT_EQ(stage.ask("GET", path).body, told.body);
    EXPECT_THAT(stage.ask("GET", path + "/input_items").body, HasSubstr(R"("text":"Hello?")"));
    EXPECT_THAT(stage.ask("DELETE", path).body, HasSubstr(R"("deleted":true)"));
    EXPECT_EQ(stage.ask("GET", path).status, 404);
    EXPECT_EQ(stage.ask("DELETE", path).status, 404);
}

TEST(Responses, in_the_background_wait_through_an_outage_and_a_kill) {
    DurableStage stage;
    stage.route.down_until(stage.sim.scheduler.now() + 600s);
    const Told told = stage.ask("POST", "/v1/responses", background);
    EXPECT_EQ(told.status, 200);
    EXPECT_THAT(told.body, HasSubstr(R"("status":"queued")"));
    const std::string path = "/v1/responses/" + text_in(told.body, "id");
    stage.kill_and_restart();
    EXPECT_THAT(stage.ask("GET", path).body, HasSubstr(R"("status":"queued")"));
    stage.route.down_until(stage.sim.scheduler.now());
    stage.sim.scheduler.run_for(30s);
    EXPECT_THAT(stage.ask("GET", path).body, HasSubstr(R"("status":"completed")"));
    EXPECT_EQ(stage.cloud.asked().size(), 1U);
}

TEST(Responses, a_stream_is_taken_up_again_behind_any_number) {
    DurableStage stage;
    stage.cloud.always(answering("One two three."));
    const Told live = stage.ask("POST", "/v1/responses", streamed);
    EXPECT_EQ(live.status, 200);
    EXPECT_THAT(live.field("content-type"), HasSubstr("text/event-stream"));
    const auto all = data_of(live.body);
    ASSERT_GT(all.size(), 8U);
    EXPECT_THAT(all.back(), HasSubstr("response.completed"));
    JsonDoc document;
    const std::string id(document.parse(all[0]).value()["response"]["id"].string_or(""));
    for (std::size_t seen = 0; seen + 1 < all.size(); ++seen) {
        const Told rest =
            stage.ask("GET", "/v1/responses/" + id + "?stream=true&starting_after=" + std::to_string(seen));
        const auto events = data_of(rest.body);
        ASSERT_EQ(events.size(), all.size() - seen - 1) << seen;
        // What stands in created and in_progress depends on when it is told; every other event is the same.
        if (seen >= 1) EXPECT_EQ(events, std::vector<std::string>(all.begin() + static_cast<int>(seen) + 1, all.end()));
    }
}

TEST(Responses, an_answer_that_was_begun_anew_is_never_told_behind_the_lost_words) {
    DurableStage stage;
    stage.cloud.always(cutting("These words are lost for ever", 3));
    stage.local.always(answering("Other words."));
    const Told live = stage.ask("POST", "/v1/responses", streamed);
    const auto events = data_of(live.body);
    EXPECT_THAT(live.body, HasSubstr("These"));
    EXPECT_THAT(live.body, Not(HasSubstr("Other")));
    EXPECT_THAT(events.back(), HasSubstr("stream_position_lost"));
    stage.sim.scheduler.run_for(10s);
    JsonDoc document;
    const std::string path =
        "/v1/responses/" + std::string(document.parse(events[0]).value()["response"]["id"].string_or(""));
    const Told lost = stage.ask("GET", path + "?stream=true&starting_after=5");
    EXPECT_EQ(lost.status, 410);
    EXPECT_THAT(lost.body, HasSubstr("stream_position_lost"));
    EXPECT_THAT(stage.ask("GET", path).body, HasSubstr("Other words."));
    EXPECT_THAT(stage.ask("GET", path + "?stream=true&starting_after=1").body, HasSubstr("response.completed"));
}

TEST(Responses, go_on_from_an_earlier_one) {
    DurableStage stage;
    stage.cloud.always(answering("Two."));
    const std::string first =
        text_in(stage.ask("POST", "/v1/responses", R"({"input":"One?","instructions":"Old."})").body, "id");
    const Told second =
        stage.ask("POST", "/v1/responses", R"({"input":"Three?","previous_response_id":")" + first + R"("})");
    EXPECT_EQ(second.status, 200);
    const std::string items =
        stage.ask("GET", "/v1/responses/" + text_in(second.body, "id") + "/input_items?order=asc").body;
    EXPECT_THAT(items, HasSubstr("One?"));
    EXPECT_THAT(items, HasSubstr("Two."));
    EXPECT_THAT(items, Not(HasSubstr("Old.")));
    const Told missing = stage.ask("POST", "/v1/responses",
                                   R"({"input":"x","previous_response_id":"resp_0193c1d27f3a7abc8def0123456789ab"})");
    EXPECT_EQ(missing.status, 400);
    EXPECT_THAT(missing.body, HasSubstr("previous_response_not_found"));
}

TEST(Responses, nobody_who_waited_in_vain_leaves_work_behind) {
    DurableStage stage;
    stage.route.down_until(stage.sim.scheduler.now() + 600s);
    const Told told = stage.ask("POST", "/v1/responses", hello);
    EXPECT_EQ(told.status, 503);
    EXPECT_THAT(told.body, HasSubstr("all_providers_unavailable"));
    EXPECT_EQ(told.field("x-should-retry"), "true");
    stage.route.down_until(stage.sim.scheduler.now());
    stage.sim.scheduler.run_for(30s);
    EXPECT_EQ(stage.cloud.asked().size(), 0U);
}

TEST(Responses, can_be_cancelled_while_they_wait_and_while_they_are_answered) {
    DurableStage stage;
    stage.cloud.always(testing::stalling("Half of it", 2));
    const std::string path = "/v1/responses/" + text_in(stage.ask("POST", "/v1/responses", background).body, "id");
    stage.sim.scheduler.run_for(1s);
    EXPECT_THAT(stage.ask("GET", path).body, HasSubstr(R"("status":"in_progress")"));
    EXPECT_THAT(stage.ask("POST", path + "/cancel").body, HasSubstr(R"("status":"cancelled")"));
    EXPECT_EQ(stage.cloud.running(), 0U);
    EXPECT_THAT(stage.ask("POST", path + "/cancel").body, HasSubstr(R"("status":"cancelled")")) << "again is no error";
    EXPECT_EQ(stage.ask("POST", path + "/nonsense").status, 404);
}

TEST(Responses, that_are_not_stored_leave_nothing) {
    DurableStage stage;
    stage.cloud.always(answering("Fine."));
    const Told told = stage.ask("POST", "/v1/responses", R"({"input":"Hello?","store":false})");
    EXPECT_THAT(told.body, HasSubstr("Fine."));
    EXPECT_EQ(stage.ask("GET", "/v1/responses/" + text_in(told.body, "id")).status, 404);
    const auto events =
        data_of(stage.ask("POST", "/v1/responses", R"({"input":"Hello?","store":false,"stream":true})").body);
    ASSERT_GT(events.size(), 6U);
    EXPECT_THAT(events.front(), HasSubstr("response.created"));
    EXPECT_THAT(events.back(), HasSubstr("response.completed"));
}

TEST(Responses, with_a_key_are_asked_once_and_another_body_is_refused) {
    DurableStage stage;
    stage.cloud.always(answering("Fine."));
    const HttpHeaders key{{"Idempotency-Key", "k1"}};
    const Told first = stage.ask("POST", "/v1/responses", hello, key);
    EXPECT_EQ(stage.ask("POST", "/v1/responses", hello, key).body, first.body);
    EXPECT_EQ(stage.cloud.asked().size(), 1U);
    const Told other = stage.ask("POST", "/v1/responses", R"({"input":"Other?"})", key);
    EXPECT_EQ(other.status, 422);
    EXPECT_THAT(other.body, HasSubstr("conflict"));
}

TEST(Responses, of_a_program_that_left_are_finished_and_kept) {
    DurableStage stage;
    stage.cloud.always(answering("One two three four.", 100ms, 1s));
    {
        auto leaving = stage.ask("POST", "/v1/responses", background);
        stage.stop();
        stage.sim.scheduler.run_for(30s);
        stage.serve();
        EXPECT_THAT(stage.ask("GET", "/v1/responses/" + text_in(leaving.body, "id")).body,
                    HasSubstr("One two three four."));
    }
}

}  // namespace
}  // namespace evenkeel
