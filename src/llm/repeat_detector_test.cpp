#include "llm/repeat_detector.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace evenkeel {
namespace {

std::string times(std::string_view piece, std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += piece;
    return text;
}

/// After how many bytes it was noticed, the text coming in pieces of `size`.
std::optional<std::size_t> noticed_after(std::string_view text, std::size_t size) {
    RepeatDetector detector;
    for (std::size_t at = 0; at < text.size(); at += size) {
        detector.feed(text.substr(at, size));
        if (detector.is_endless()) return std::min(text.size(), at + size);
    }
    return std::nullopt;
}

/// Words that never come in the same order twice.
std::string prose(std::size_t bytes) {
    std::string text;
    for (unsigned n = 1; text.size() < bytes; ++n)
        text += "word" + std::to_string(n * 2654435761u) + (n % 7 ? " " : ".\n");
    return text;
}

TEST(RepeatDetector, notices_a_text_that_comes_again_and_again) {
    for (const std::size_t period : {1u, 2u, 7u, 31u, 100u, 512u}) {
        for (const std::size_t size : {1u, 7u, 64u, 5'000u, 100'000u}) {
            const std::string text = prose(300) + times(prose(period).substr(0, period), 60'000 / period);
            const auto after = noticed_after(text, size);
            ASSERT_TRUE(after) << period << ", pieces of " << size;
            EXPECT_LE(*after,
                      RepeatDetector::starts_at + RepeatDetector::bytes_default + 3 * RepeatDetector::period_max + size)
                << period;
        }
    }
}

TEST(RepeatDetector, notices_it_however_late_it_begins) {
    const auto after = noticed_after(prose(50'000) + times(" and then the tide turned again,", 400), 32);
    ASSERT_TRUE(after);
    EXPECT_LE(*after, 50'000u + 5'200u);
}

TEST(RepeatDetector, lets_be_what_people_ask_for) {
    EXPECT_FALSE(noticed_after(prose(200'000), 20));
    EXPECT_FALSE(noticed_after(times("I will not talk in class.\n", 100), 20)) << "a hundred lines";
    EXPECT_FALSE(noticed_after(prose(3'000) + times("-", 2'000) + prose(3'000), 20)) << "a rule";
    std::string table;
    for (int row = 0; row < 2'000; ++row) table += "| " + std::to_string(row) + " | 0 | 0 | 0 | 0 | 0 |\n";
    EXPECT_FALSE(noticed_after(table, 20)) << "rows that differ in their number alone";
}

TEST(RepeatDetector, can_be_switched_off) {
    RepeatDetector off(0);
    off.feed(times("x", 100'000));
    EXPECT_FALSE(off.is_endless());
}

}  // namespace
}  // namespace evenkeel
