#include "frontends/http/responses_object.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/json.hpp"

namespace evenkeel {
namespace {

using ::testing::HasSubstr;
using Kind = AnswerPiece::Kind;

const Id some_id = parse_id("0193c1d27f3a7abc8def0123456789ab").value();

TEST(OutputItems, are_stretches_of_one_kind_and_calls_stay_whole) {
    OutputItems items(some_id);
    bool begun = false;
    const auto add = [&](Kind kind, std::string text, std::uint32_t call = 0, std::string name = {}) {
        const std::size_t index =
            items.add({.kind = kind, .call = call, .text = std::move(text), .name = std::move(name)}, begun);
        return std::pair(index, begun);
    };
    EXPECT_EQ(add(Kind::reasoning, "h"), std::pair(std::size_t{0}, true));
    EXPECT_EQ(add(Kind::reasoning, "m"), std::pair(std::size_t{0}, false));
    EXPECT_EQ(add(Kind::content, "A"), std::pair(std::size_t{1}, true));
    EXPECT_EQ(add(Kind::tool_call, "{", 0, "f"), std::pair(std::size_t{2}, true));
    EXPECT_EQ(add(Kind::tool_call, "{", 1, "g"), std::pair(std::size_t{3}, true));
    EXPECT_EQ(add(Kind::tool_call, "}", 0), std::pair(std::size_t{2}, false));
    EXPECT_EQ(add(Kind::content, "B"), std::pair(std::size_t{4}, true));
    EXPECT_EQ(items.all()[0].text, "hm");
    EXPECT_EQ(items.all()[0].id, "rs_0193c1d27f3a7abc8def0123456789ab");
    EXPECT_EQ(items.all()[2].text, "{}");
    EXPECT_EQ(items.all()[2].call_id, "call_0193c1d27f3a7abc8def0123456789ab_0");
    EXPECT_EQ(items.all()[4].id, "msg_0193c1d27f3a7abc8def0123456789ab_4");
}

struct State {
    JobState state;
    FinishReason finish;
    bool background;
    ResponseStatus status;
};

class ResponseStatusOf : public ::testing::TestWithParam<State> {};

TEST_P(ResponseStatusOf, the_state_of_its_message) {
    JobView view{.id = some_id, .state = GetParam().state, .reason = "why"};
    if (view.state == JobState::answered || view.state == JobState::delivered)
        view.answer = Answer{.text = "A", .model = "m7", .finish = GetParam().finish};
    const ResponseView response = response_view(view, "{}", GetParam().background);
    EXPECT_EQ(response.status, GetParam().status);
    EXPECT_EQ(response.error, GetParam().status == ResponseStatus::failed ? "why" : "");
}

using enum FinishReason;
INSTANTIATE_TEST_SUITE_P(Table, ResponseStatusOf,
                         ::testing::Values(State{JobState::queued, stop, true, ResponseStatus::queued},
                                           State{JobState::queued, stop, false, ResponseStatus::in_progress},
                                           State{JobState::working, stop, true, ResponseStatus::in_progress},
                                           State{JobState::answered, stop, true, ResponseStatus::completed},
                                           State{JobState::delivered, tool_calls, true, ResponseStatus::completed},
                                           State{JobState::answered, length, false, ResponseStatus::incomplete},
                                           State{JobState::answered, content_filter, false, ResponseStatus::incomplete},
                                           State{JobState::cancelled, stop, true, ResponseStatus::cancelled},
                                           State{JobState::refused, stop, true, ResponseStatus::failed},
                                           State{JobState::expired, stop, true, ResponseStatus::failed},
                                           State{JobState::dead, stop, true, ResponseStatus::failed}));

TEST(ResponseJson, has_every_field_that_the_sdks_need) {
    const Answer answer{.text = "Hello.", .model = "m7", .usage = {.input = 3, .output = 4}};
    const std::string json = response_json({.id = some_id,
                                            .echo = R"({"metadata":{"a":"b"},"tools":[]})",
                                            .status = ResponseStatus::completed,
                                            .created_at = WallTime{Millis{1'700'000'000'123}},
                                            .ended_at = WallTime{Millis{1'700'000'009'000}},
                                            .model = "m7",
                                            .answer = &answer});
    EXPECT_EQ(json,
              R"({"id":"resp_0193c1d27f3a7abc8def0123456789ab","object":"response","created_at":1700000000,)"
              R"("status":"completed","completed_at":1700000009,"error":null,"incomplete_details":null,"model":"m7",)"
              R"("output":[{"id":"msg_0193c1d27f3a7abc8def0123456789ab","type":"message","role":"assistant",)"
              R"("content":[{"type":"output_text","text":"Hello.","annotations":[],"logprobs":[]}],)"
              R"("status":"completed"}],"usage":{"input_tokens":3,"input_tokens_details":{"cached_tokens":0},)"
              R"("output_tokens":4,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":7},)"
              R"("metadata":{"a":"b"},"tools":[]})");
}

TEST(ResponseJson, says_why_it_is_not_whole) {
    const Answer answer{.text = "Hel", .finish = FinishReason::length};
    EXPECT_THAT(response_json({.echo = "{}", .status = ResponseStatus::incomplete, .answer = &answer}),
                HasSubstr(R"("incomplete_details":{"reason":"max_output_tokens"})"));
    EXPECT_THAT(response_json({.echo = "{}", .status = ResponseStatus::failed, .error = "Nobody could answer."}),
                HasSubstr(R"("error":{"code":"server_error","message":"Nobody could answer."})"));
    EXPECT_THAT(response_json({.echo = "{}", .status = ResponseStatus::failed, .error = "No.", .refused = true}),
                HasSubstr(R"("code":"invalid_prompt")"));
}

}  // namespace
}  // namespace evenkeel
