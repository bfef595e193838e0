#include <gtest/gtest.h>

#include <string>

#include "evenkeel/evenkeel.hpp"

namespace evenkeel {
namespace {

TEST(Bot, answers_with_honest_figures) {
    auto bot = Bot::open({.practice = true});
    ASSERT_TRUE(bot.has_value()) << bot.error().what;
    const auto reply = bot->chat("c", "What is the capital of France?");
    ASSERT_TRUE(reply.has_value()) << reply.error().what;
    EXPECT_EQ(reply->status, Reply::Status::answered);
    EXPECT_NE(reply->text.find("capital of France"), std::string::npos);
    EXPECT_EQ(reply->provider, "cloud");
    EXPECT_FALSE(reply->degraded);
    EXPECT_GT(reply->output_tokens, 0);
    EXPECT_TRUE(reply->cost_usd.has_value());
}

TEST(Bot, streams_the_same_text_that_it_returns) {
    auto bot = Bot::open({.practice = true});
    ASSERT_TRUE(bot.has_value()) << bot.error().what;
    std::string streamed;
    std::size_t pieces = 0;
    const auto reply = bot->stream_chat("c", "Stream?", [&](std::string_view text, bool restart) {
        if (restart) streamed.clear();
        streamed += text;
        ++pieces;
    });
    ASSERT_TRUE(reply.has_value()) << reply.error().what;
    EXPECT_EQ(streamed, reply->text);
    EXPECT_GT(pieces, 1u);
}

TEST(Bot, wrong_questions_and_settings_are_explained) {
    auto bot = Bot::open({.practice = true});
    ASSERT_TRUE(bot.has_value());
    const auto empty = bot->chat("c", "");
    ASSERT_FALSE(empty.has_value());
    EXPECT_EQ(empty.error().exit_code, 65);
    const auto none = Bot::open({.config_file = "/nowhere/evenkeel.toml"});
    ASSERT_FALSE(none.has_value());
    EXPECT_EQ(none.error().exit_code, 78);
}

}  // namespace
}  // namespace evenkeel
