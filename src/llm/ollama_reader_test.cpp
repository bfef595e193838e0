#include <gtest/gtest.h>

#include "llm/reply_reader.hpp"

namespace evenkeel {
namespace {

using Kind = ReplyEvent::Kind;

TEST(OllamaReader, tells_thinking_from_content) {
    const auto reader = make_ollama_reader();
    ASSERT_TRUE(
        reader->feed("{\"message\":{\"thinking\":\"Hm\",\"content\":\"\"},\"done\":false}\n"
                     "{\"message\":{\"content\":\"Hi\"},\"done\":false}\n"));
    const auto events = reader->events().events();
    ASSERT_EQ(events.size(), 2u);
    EXPECT_EQ(events[0].kind, Kind::reasoning);
    EXPECT_EQ(events[0].text, "Hm");
    EXPECT_EQ(events[1].text, "Hi");
    EXPECT_FALSE(reader->is_complete());
}

TEST(OllamaReader, is_complete_with_the_done_line_and_ignores_what_follows) {
    const auto reader = make_ollama_reader();
    ASSERT_TRUE(reader->feed("{\"message\":{\"content\":\"Hi\"},\"done\":false}\n{\"done\":true}\nnonsense\n"));
    EXPECT_TRUE(reader->is_complete());
    EXPECT_TRUE(reader->facts().has(Fact::finish)) << "a done line without a reason is a stop";
    EXPECT_FALSE(reader->usage()) << "counts that are left out are not zero";
}

TEST(OllamaReader, takes_counts_that_are_there) {
    const auto reader = make_ollama_reader();
    ASSERT_TRUE(reader->feed("{\"done\":true,\"done_reason\":\"\",\"eval_count\":8}\n"));
    EXPECT_EQ(reader->usage()->input, 0);
    EXPECT_EQ(reader->usage()->output, 8);
}

TEST(OllamaReader, an_error_line_ends_it_whatever_came_before) {
    const auto reader = make_ollama_reader();
    ASSERT_TRUE(reader->feed("{\"message\":{\"content\":\"Half\"},\"done\":false}\n"));
    const auto failed =
        reader->feed("{\"error\":\"an error was encountered while running the model: unexpected EOF\"}\n");
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().cls, ErrorClass::transient);
}

TEST(OllamaReader, reads_a_last_line_without_its_end) {
    const auto reader = make_ollama_reader();
    ASSERT_TRUE(reader->feed("{\"message\":{\"content\":\"Hi\"},\"done\":true}"));
    EXPECT_FALSE(reader->facts().has(Fact::finish));
    ASSERT_TRUE(reader->finish());
    EXPECT_TRUE(reader->facts().has(Fact::finish));
}

}  // namespace
}  // namespace evenkeel
