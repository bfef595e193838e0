#include <gtest/gtest.h>

#include "llm/reply_reader.hpp"

namespace evenkeel {
namespace {

struct Read {
    std::string content, reasoning, tool_calls;
    std::optional<Error> error;
};

Read read_all(ReplyReader& reader, std::string_view body) {
    Read got;
    if (auto fed = reader.feed(body); !fed) got.error = fed.error();
    if (!got.error)
        if (auto finished = reader.finish(); !finished) got.error = finished.error();
    for (const ReplyEvent& event : reader.events().events()) {
        if (event.kind == ReplyEvent::Kind::content) got.content += event.text;
        if (event.kind == ReplyEvent::Kind::reasoning) got.reasoning += event.text;
        if (event.kind == ReplyEvent::Kind::tool_call) got.tool_calls += event.text;
    }
    return got;
}

Read read_delta(std::string_view delta) {
    const auto reader = make_openai_reader();
    return read_all(*reader, "data: {\"choices\":[{\"delta\":" + std::string(delta) + "}]}\n\n");
}

TEST(OpenAiReader, knows_reasoning_under_all_its_names) {
    for (const std::string_view delta :
         {R"({"reasoning_content":"Hm"})", R"({"reasoning":"Hm"})",
          R"({"reasoning_details":[{"type":"reasoning.text","text":"Hm"}]})",
          R"({"reasoning_details":[{"type":"reasoning.summary","summary":"Hm"}]})", R"({"thinking":"Hm"})",
          R"({"content":"<think>Hm"})", R"({"content":[{"type":"thinking","thinking":[{"type":"text","text":"Hm"}]}]})",
          R"({"reasoning":"Hm","reasoning_details":[{"text":"Hm"}],"content":""})"}) {
        const Read got = read_delta(delta);
        EXPECT_EQ(got.reasoning, "Hm") << delta;
        EXPECT_EQ(got.content, "") << delta;
    }
}

TEST(OpenAiReader, takes_null_and_empty_for_no_content) {
    for (const std::string_view delta : {R"({"content":null})", R"({"content":""})", R"({"content":[]})", R"({})",
                                         R"({"role":"assistant","reasoning":"","content":""})"}) {
        const auto reader = make_openai_reader();
        read_all(*reader, "data: {\"choices\":[{\"delta\":" + std::string(delta) + "}]}\n\n");
        EXPECT_TRUE(reader->events().empty()) << delta;
        EXPECT_TRUE(reader->facts().has(Fact::reply)) << delta;
    }
}

TEST(OpenAiReader, passes_tool_calls_on_as_received) {
    EXPECT_EQ(read_delta(R"({"tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"f",)"
                         R"("arguments":"{\"a\":1}"}}]})")
                  .tool_calls,
              R"({"index":0,"id":"c","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}})");
}

TEST(OpenAiReader, ignores_everything_after_the_end_marker) {
    const auto reader = make_openai_reader();
    const Read got = read_all(*reader, "data: [DONE]\n\ndata: {\"error\":\"late\"}\n\ndata: nonsense\n\n");
    EXPECT_FALSE(got.error);
    EXPECT_TRUE(reader->is_complete());
}

TEST(OpenAiReader, remembers_the_last_model_that_was_named) {
    const auto reader = make_openai_reader();
    read_all(*reader, "data: {\"model\":\"a\",\"choices\":[]}\n\ndata: {\"model\":\"\",\"choices\":[]}\n\n");
    EXPECT_EQ(reader->model(), "a");
}

TEST(OpenAiReader, is_content_with_fewer_answers_than_were_asked_for_once_all_that_began_have_ended) {
    const std::string first = R"({"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"})";
    const std::string second = R"({"index":1,"delta":{"content":"Ho"},"finish_reason":null})";
    const auto whole = [](const std::string& body) {
        const auto reader = make_openai_reader(3);
        EXPECT_FALSE(read_all(*reader, body).error);
        return reader->facts().has(Fact::finish);
    };
    EXPECT_TRUE(whole("data: {\"choices\":[" + first + "]}\n\ndata: [DONE]\n\n"));
    EXPECT_TRUE(whole(R"({"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]})"));
    EXPECT_FALSE(whole("data: {\"choices\":[" + first + "," + second + "]}\n\ndata: [DONE]\n\n"));
    EXPECT_FALSE(whole("data: {\"choices\":[" + first + "]}\n\n")) << "others may still come";
}

TEST(OpenAiReader, bounds_a_document) {
    const auto reader = make_openai_reader();
    ASSERT_TRUE(reader->feed("{\"a\":\""));
    const std::string piece(1024 * 1024, 'x');
    std::optional<Error> error;
    for (int i = 0; i < 17 && !error; ++i)
        if (auto fed = reader->feed(piece); !fed) error = fed.error();
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, "too_large");
    EXPECT_EQ(error->cls, ErrorClass::bad_answer);
}

TEST(OpenAiReader, keeps_nothing_of_blanks_that_never_end) {
    const auto reader = make_openai_reader();
    for (int i = 0; i < 1000; ++i) ASSERT_TRUE(reader->feed("\n\n\n\n"));
    EXPECT_FALSE(reader->facts().has(Fact::body));
    EXPECT_EQ(read_all(*reader, R"({"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]})").content, "Hi");
}

}  // namespace
}  // namespace evenkeel
