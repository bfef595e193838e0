#include "frontends/http/responses_events.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/json.hpp"

namespace evenkeel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Kind = AnswerPiece::Kind;

const Id some_id = parse_id("0193c1d27f3a7abc8def0123456789ab").value();
const ResponseView head{.id = some_id, .echo = "{}", .model = "m"};

/// "type number" of each event.
std::vector<std::string> events_of(std::string_view out) {
    std::vector<std::string> events;
    for (std::size_t at = 0; (at = out.find("data: ", at)) != std::string_view::npos;) {
        at += 6;
        JsonDoc document;
        const Json event = document.parse(out.substr(at, out.find('\n', at) - at)).value();
        events.push_back(std::string(event["type"].string_or("?")) + " " +
                         std::to_string(event["sequence_number"].integer_or(-1)));
    }
    return events;
}

const std::vector<AnswerPiece> hello{{.text = "Hel"}, {.text = "lo"}};

ResponseView whole(const Answer& answer) {
    ResponseView view = head;
    view.status = ResponseStatus::completed;
    view.answer = &answer;
    return view;
}

std::string told(std::int64_t behind, bool background = false, std::int64_t beginning = 0) {
    const Answer answer{.text = "Hello"};
    ResponseEvents events(head, background, behind);
    std::string out;
    events.begin(out);
    EXPECT_TRUE(events.pieces(beginning, hello, out));
    EXPECT_TRUE(events.end(whole(answer), out));
    return out;
}

TEST(ResponseEvents, tell_a_text_as_openai_does) {
    EXPECT_THAT(events_of(told(-1)),
                ElementsAre("response.created 0", "response.in_progress 1", "response.output_item.added 2",
                            "response.content_part.added 3", "response.output_text.delta 4",
                            "response.output_text.delta 5", "response.output_text.done 6",
                            "response.content_part.done 7", "response.output_item.done 8", "response.completed 9"));
    EXPECT_THAT(told(-1), HasSubstr("event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\","
                                    "\"sequence_number\":4,\"item_id\":\"msg_0193c1d27f3a7abc8def0123456789ab\","
                                    "\"output_index\":0,\"content_index\":0,\"delta\":\"Hel\",\"logprobs\":[]}\n\n"));
}

TEST(ResponseEvents, in_the_background_are_queued_first) {
    const auto events = events_of(told(-1, true));
    EXPECT_EQ(events.at(0), "response.created 0");
    EXPECT_EQ(events.at(1), "response.queued 1");
    EXPECT_EQ(events.at(2), "response.in_progress 2");
    EXPECT_THAT(told(-1, true), HasSubstr(R"("status":"queued")"));
}

TEST(ResponseEvents, from_any_place_are_what_follows_it) {
    const auto all = events_of(told(-1));
    for (std::int64_t behind = 0; behind < static_cast<std::int64_t>(all.size()); ++behind)
        EXPECT_EQ(events_of(told(behind)), std::vector<std::string>(all.begin() + behind + 1, all.end())) << behind;
}

TEST(ResponseEvents, of_calls_and_thoughts) {
    ResponseEvents events(head, false, -1);
    std::string out;
    Answer answer;
    events.begin(out);
    EXPECT_TRUE(events.pieces(0,
                              {{.kind = Kind::reasoning, .text = "hm"},
                               {.kind = Kind::tool_call, .call = 0, .text = "", .id = "a", .name = "f"},
                               {.kind = Kind::tool_call, .call = 0, .text = "{}"}},
                              out));
    EXPECT_TRUE(events.end(whole(answer), out));
    EXPECT_THAT(events_of(out),
                ElementsAre("response.created 0", "response.in_progress 1", "response.output_item.added 2",
                            "response.content_part.added 3", "response.reasoning_text.delta 4",
                            "response.reasoning_text.done 5", "response.content_part.done 6",
                            "response.output_item.done 7", "response.output_item.added 8",
                            "response.function_call_arguments.delta 9", "response.function_call_arguments.done 10",
                            "response.output_item.done 11", "response.completed 12"));
    EXPECT_THAT(out, HasSubstr(R"("item":{"id":"fc_0193c1d27f3a7abc8def0123456789ab_1","type":"function_call",)"
                               R"("call_id":"a","name":"f","arguments":"{}","status":"completed"})"));
}

TEST(ResponseEvents, of_another_beginning_have_other_numbers) {
    constexpr std::int64_t jump = 9 * ResponseEvents::numbers_per_beginning;
    const auto events = events_of(told(-1, false, 9));
    EXPECT_EQ(events.at(1), "response.in_progress 1");
    EXPECT_EQ(events.at(2), "response.output_item.added " + std::to_string(2 + jump));
    EXPECT_EQ(events_of(told(jump + 4, false, 9)).front(), "response.output_text.delta " + std::to_string(5 + jump));
}

TEST(ResponseEvents, notice_a_place_that_is_lost) {
    for (const std::int64_t behind : {std::int64_t{5}, 3 * ResponseEvents::numbers_per_beginning + 4}) {
        ResponseEvents events(head, false, behind);
        std::string out;
        events.begin(out);
        EXPECT_FALSE(events.pieces(9, hello, out)) << behind;
        EXPECT_THAT(out, IsEmpty());
        events.lost(out);
        EXPECT_THAT(out, HasSubstr("stream_position_lost"));
        EXPECT_THAT(out, HasSubstr("GET /v1/responses/resp_0193"));
    }
    ResponseEvents before_any(head, false, 1);
    std::string out;
    before_any.begin(out);
    EXPECT_TRUE(before_any.pieces(9, hello, out)) << "who has seen no word of it has lost nothing";
}

TEST(ResponseEvents, notice_a_place_that_was_never_given) {
    const Answer answer{.text = "Hello"};
    ResponseEvents events(head, false, 10);
    std::string out;
    events.begin(out);
    EXPECT_TRUE(events.pieces(0, hello, out));
    EXPECT_FALSE(events.end(whole(answer), out));
}

TEST(ResponseEvents, tell_a_failure_to_whoever_comes_back) {
    ResponseView failed = head;
    failed.status = ResponseStatus::failed;
    failed.error = "Nobody could answer.";
    for (const std::int64_t behind : {-1, 1, 400}) {
        ResponseEvents events(head, false, behind);
        std::string out;
        events.begin(out);
        EXPECT_TRUE(events.end(failed, out));
        EXPECT_THAT(events_of(out).back(), HasSubstr("response.failed")) << behind;
    }
}

TEST(ResponseEvents, tell_an_error_flat_and_nested) {
    ResponseEvents events(head, false, -1);
    std::string out;
    events.error("a_code", "What went wrong.", out);
    EXPECT_EQ(out,
              "event: error\ndata: {\"type\":\"error\",\"sequence_number\":0,\"code\":\"a_code\","
              "\"message\":\"What went wrong.\",\"param\":null,\"error\":{\"type\":\"server_error\","
              "\"code\":\"a_code\",\"message\":\"What went wrong.\",\"param\":null}}\n\n");
}

}  // namespace
}  // namespace evenkeel
