#include "chat/desk.hpp"

namespace evenkeel {
namespace {

TEST(Desk, reads_each_event_word_back_and_no_other) {
    for (auto kind = TurnEvent::Kind::accepted; kind <= TurnEvent::Kind::dead;
         kind = static_cast<TurnEvent::Kind>(static_cast<int>(kind) + 1))
        EXPECT_EQ(turn_event_from(to_string(kind)), kind);
    EXPECT_EQ(to_string(TurnEvent::Kind::restarted), "restarted");
    EXPECT_EQ(to_string(TurnEvent::Kind::dead), "dead");
    EXPECT_FALSE(turn_event_from("asked"));
    EXPECT_FALSE(turn_event_from(""));
}

}  // namespace
}  // namespace evenkeel
