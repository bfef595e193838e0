#include "llm/think_splitter.hpp"

#include <gtest/gtest.h>

namespace evenkeel {
namespace {

struct Split {
    std::string content, reasoning;
};

Split split_in_pieces(std::string_view text, std::size_t size) {
    Split got;
    ThinkSplitter splitter;
    const auto content = [&](std::string_view piece) {
        EXPECT_FALSE(piece.empty());
        got.content += piece;
    };
    const auto reasoning = [&](std::string_view piece) {
        EXPECT_FALSE(piece.empty());
        got.reasoning += piece;
    };
    for (; !text.empty(); text.remove_prefix(std::min(size, text.size())))
        splitter.feed(text.substr(0, size), content, reasoning);
    splitter.finish(content, reasoning);
    return got;
}

TEST(ThinkSplitter, tells_thought_from_answer_however_the_text_is_split) {
    const struct {
        std::string_view text, content, reasoning;
    } cases[] = {
        {"Hello", "Hello", ""},
        {"<think>Hm</think>Hello", "Hello", "Hm"},
        {"<think>\nHm\n</think>\n\nHello\n", "Hello\n", "\nHm\n"},
        {"\n<think>Hm</think>Hello", "\nHello", "Hm"},
        {"<think></think>Hello", "Hello", ""},
        {"<think>a<b</thin</think>c", "c", "a<b</thin"},
        {"<think>a<</think>c", "c", "a<"},
        {"<think>never ends </th", "", "never ends </th"},
        {"<thinking aloud", "<thinking aloud", ""},
        {"<thi", "<thi", ""},
        {"<b>bold</b>", "<b>bold</b>", ""},
        {"Use <think>x</think> tags", "Use <think>x</think> tags", ""},
        {"<think>a</think>b<think>c</think>", "b<think>c</think>", "a"},
        {" ", " ", ""},
    };
    for (const auto& each : cases)
        for (std::size_t size = 1; size <= each.text.size(); ++size) {
            const Split got = split_in_pieces(each.text, size);
            EXPECT_EQ(got.content, each.content) << each.text << " in pieces of " << size;
            EXPECT_EQ(got.reasoning, each.reasoning) << each.text << " in pieces of " << size;
        }
}

}  // namespace
}  // namespace evenkeel
