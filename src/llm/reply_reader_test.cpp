#include "llm/reply_reader.hpp"

#include <gtest/gtest.h>

namespace evenkeel {
namespace {

/// The shared part alone: each line of a "dialect" that says what to add.
struct PlainReader final : ReplyReader {
    WireFormat format() const noexcept override { return WireFormat::none; }
    Result<void> feed(std::string_view bytes) override {
        add_content(bytes);
        return {};
    }
    Result<void> finish() override {
        flush_text();
        return {};
    }
    using ReplyReader::add_finish;
    using ReplyReader::add_reasoning;
    using ReplyReader::add_tool_call;
    using ReplyReader::add_usage;
};

TEST(ReplyReader, blanks_become_content_only_with_the_first_word) {
    PlainReader reader;
    ASSERT_TRUE(reader.feed(" \n"));
    EXPECT_FALSE(reader.facts().has_content());
    ASSERT_TRUE(reader.feed("x"));
    ASSERT_TRUE(reader.feed(" "));
    EXPECT_TRUE(reader.facts().has_content());
    EXPECT_EQ(reader.events().events().size(), 3u) << "the blanks are part of the answer all the same";
    EXPECT_EQ(reader.output_bytes(), 4u);
}

TEST(ReplyReader, the_first_finish_and_the_last_usage_count) {
    PlainReader reader;
    reader.add_finish("");
    EXPECT_FALSE(reader.facts().has(Fact::finish));
    reader.add_finish("length");
    reader.add_finish("stop");
    reader.add_usage({.input = 1, .output = 1});
    reader.add_usage({.input = 1, .output = 9});
    EXPECT_TRUE(reader.facts().has(Fact::length));
    EXPECT_EQ(reader.usage()->output, 9);
    const auto events = reader.events().events();
    ASSERT_EQ(events.size(), 3u);
    EXPECT_EQ(events[0].finish, FinishReason::length);
}

TEST(ReplyReader, gives_back_what_only_looked_like_a_tag_before_the_finish) {
    PlainReader reader;
    ASSERT_TRUE(reader.feed("<thi"));
    EXPECT_TRUE(reader.events().empty());
    reader.add_finish("stop");
    const auto events = reader.events().events();
    ASSERT_EQ(events.size(), 2u);
    EXPECT_EQ(events[0].text, "<thi");
    EXPECT_EQ(events[1].kind, ReplyEvent::Kind::finish);
}

TEST(ReplyReader, stop_after_a_tool_call_means_the_call) {
    PlainReader reader;
    JsonDoc call;
    reader.add_tool_call(*call.parse("{}"));
    EXPECT_TRUE(reader.facts().has_content());
    reader.add_finish("stop");
    EXPECT_EQ(reader.events().events().back().finish, FinishReason::tool_calls);
}

TEST(ReplyReader, an_unknown_word_stops_and_is_kept) {
    PlainReader reader;
    reader.add_finish("because");
    EXPECT_TRUE(reader.facts().has(Fact::finish));
    EXPECT_EQ(reader.odd_finish(), "because");
}

}  // namespace
}  // namespace evenkeel
