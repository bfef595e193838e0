#include "llm/event_buffer.hpp"

#include <gtest/gtest.h>

namespace evenkeel {
namespace {

using Kind = ReplyEvent::Kind;

TEST(EventBuffer, keeps_texts_right_while_it_grows) {
    EventBuffer buffer;
    std::vector<std::string> said;
    for (int i = 0; i < 1000; ++i) {
        said.push_back("word " + std::to_string(i));
        buffer.add(i % 2 == 0 ? Kind::content : Kind::reasoning, said.back());
    }
    const auto events = buffer.events();
    ASSERT_EQ(events.size(), said.size());
    for (std::size_t i = 0; i < said.size(); ++i) EXPECT_EQ(events[i].text, said[i]);
    EXPECT_EQ(events[1].kind, Kind::reasoning);
}

TEST(EventBuffer, may_be_looked_at_and_added_to_in_turn) {
    EventBuffer buffer;
    buffer.add(Kind::content, "a");
    EXPECT_EQ(buffer.events().size(), 1u);
    buffer.add_usage({.input = 1, .output = 2});
    buffer.add(Kind::content, std::string(100, 'b'));
    buffer.add_finish(FinishReason::length);
    const auto events = buffer.events();
    EXPECT_EQ(events[0].text, "a");
    EXPECT_EQ(events[1].usage.output, 2);
    EXPECT_EQ(events[2].text, std::string(100, 'b'));
    EXPECT_EQ(events[3].finish, FinishReason::length);
    buffer.clear();
    EXPECT_TRUE(buffer.empty());
    EXPECT_TRUE(buffer.events().empty());
}

}  // namespace
}  // namespace evenkeel
