#include "telemetry/alerts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace evenkeel {
namespace {

const AlertBook::Condition old_queue{.name = "queue.age", .text = "the oldest question waits for 2 h"};
const AlertBook::Condition bad_key{.name = "provider.account cloud", .text = "the key is refused", .at_once = true};

struct AlertBookTest : testing::Test {
    std::vector<AlertNews> look(const std::vector<AlertBook::Condition>& conditions, Seconds at) {
        return book.look(conditions, Instant{} + at);
    }
    AlertBook book;
};

TEST_F(AlertBookTest, tells_once_what_lasts_and_takes_it_back_once) {
    EXPECT_TRUE(look({old_queue}, Seconds{0}).empty());
    const auto told = look({old_queue}, Seconds{30});
    ASSERT_EQ(told.size(), 1u);
    EXPECT_FALSE(told[0].over);
    EXPECT_EQ(told[0].text, old_queue.text);
    EXPECT_TRUE(look({old_queue}, Seconds{40}).empty());
    EXPECT_THAT(book.open(), testing::ElementsAre("queue.age"));
    EXPECT_TRUE(look({}, Seconds{50}).empty()) << "it may come back";
    const auto over = look({}, Seconds{160});
    ASSERT_EQ(over.size(), 1u);
    EXPECT_TRUE(over[0].over);
    EXPECT_EQ(over[0].lasted, Millis{40'000});
    EXPECT_TRUE(look({}, Seconds{170}).empty());
    EXPECT_TRUE(book.open().empty());
}

TEST_F(AlertBookTest, does_not_ring_for_what_comes_and_goes) {
    for (int second = 0; second < 200; second += 20) {
        EXPECT_TRUE(look({old_queue}, Seconds{second}).empty());
        EXPECT_TRUE(look({}, Seconds{second + 10}).empty());
    }
}

TEST_F(AlertBookTest, does_not_ring_twice_for_a_gap_once_it_rang) {
    (void)look({old_queue}, Seconds{0});
    EXPECT_EQ(look({old_queue}, Seconds{30}).size(), 1u);
    for (int second = 40; second < 600; second += 100) {
        EXPECT_TRUE(look({}, Seconds{second}).empty());
        EXPECT_TRUE(look({old_queue}, Seconds{second + 50}).empty());
    }
}

TEST_F(AlertBookTest, tells_at_once_what_mends_itself_never) {
    EXPECT_EQ(look({bad_key, old_queue}, Seconds{0}).size(), 1u);
    EXPECT_THAT(book.open(), testing::ElementsAre(bad_key.name));
}

}  // namespace
}  // namespace evenkeel
