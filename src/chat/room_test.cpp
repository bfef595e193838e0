#include "chat/room.hpp"

#include "testing/sim.hpp"

namespace evenkeel {
namespace {
using namespace std::chrono_literals;
using Kind = TurnEvent::Kind;

class RoomTest : public ::testing::Test {
protected:
    TurnEvent next(TurnStream& stream) {
        auto event = sim.run(stream.next());
        EXPECT_TRUE(event.has_value());
        EXPECT_TRUE(event->has_value());
        return **event;
    }
    TurnEvent answered(std::string text) { return {.kind = Kind::answered, .answer = Answer{.text = std::move(text)}}; }
    testing::Sim sim;
    std::shared_ptr<Room> room = std::make_shared<Room>(sim.scheduler, Id{}, "c");
};

TEST_F(RoomTest, joins_the_deltas_that_wait_into_one) {
    auto watch = room->watch(3);
    EXPECT_EQ(next(*watch).kind, Kind::accepted);
    room->say("Hel");
    room->say("lo");
    EXPECT_EQ(next(*watch).text, "Hello");
    room->say(".");
    EXPECT_EQ(next(*watch).text, ".");
    room->end(answered("Hello."));
    EXPECT_EQ(next(*watch).answer->text, "Hello.");
    EXPECT_FALSE(sim.run(watch->next()).value().has_value());
}

TEST_F(RoomTest, strikes_what_a_watcher_read_and_nothing_that_it_did_not) {
    auto reader = room->watch(0);
    auto sleeper = room->watch(0);
    static_cast<void>(next(*reader));
    static_cast<void>(next(*sleeper));
    room->say("false sta");
    EXPECT_EQ(next(*reader).text, "false sta");
    room->restart("nanogpt broke off");
    room->say("Right.");
    const auto struck = next(*reader);
    EXPECT_EQ(struck.kind, Kind::restarted);
    EXPECT_EQ(struck.text, "nanogpt broke off");
    EXPECT_EQ(next(*reader).text, "Right.");
    EXPECT_EQ(next(*sleeper).text, "Right.");
}

TEST_F(RoomTest, a_watcher_that_comes_late_gets_the_text_so_far) {
    room->say("Half an ");
    auto watch = room->watch(0);
    EXPECT_EQ(next(*watch).kind, Kind::accepted);
    EXPECT_EQ(next(*watch).text, "Half an ");
}

TEST_F(RoomTest, tells_only_the_latest_news_and_none_that_text_has_overtaken) {
    auto watch = room->watch(0);
    static_cast<void>(next(*watch));
    room->progress("asking nanogpt");
    room->progress("asking ollama");
    EXPECT_EQ(next(*watch).text, "asking ollama");
    room->queued(2, "all down", 5s, std::nullopt);
    const auto queued = next(*watch);
    EXPECT_EQ(queued.kind, Kind::queued);
    EXPECT_EQ(queued.position, 2);
    EXPECT_EQ(queued.eta, Millis{5s});
    room->progress("asking nanogpt");
    room->say("Yes");
    EXPECT_EQ(next(*watch).kind, Kind::delta);
}

TEST_F(RoomTest, an_answer_given_elsewhere_replaces_what_was_streamed_here) {
    auto watch = room->watch(0);
    static_cast<void>(next(*watch));
    room->say("Half");
    static_cast<void>(next(*watch));
    room->end(answered("Whole."));
    EXPECT_EQ(next(*watch).kind, Kind::restarted);
    EXPECT_EQ(next(*watch).text, "Whole.");
    EXPECT_EQ(next(*watch).kind, Kind::answered);
}

TEST_F(RoomTest, tells_when_somebody_left_and_when_the_end_was_told) {
    int left = 0;
    room->on_left = [&left] { ++left; };
    auto watch = room->watch(0);
    static_cast<void>(next(*watch));
    room->end(answered(""));
    EXPECT_FALSE(room->told_at());
    static_cast<void>(next(*watch));
    EXPECT_EQ(room->told_at(), sim.scheduler.now());
    watch.reset();
    EXPECT_EQ(left, 1);
    EXPECT_EQ(room->watchers(), 0U);
}

TEST_F(RoomTest, a_closed_room_says_so_to_those_who_wait_and_outlives_its_owner) {
    auto watch = room->watch(0);
    static_cast<void>(next(*watch));
    room->close(Error{.cls = ErrorClass::transient, .code = "owner_gone"});
    room.reset();
    EXPECT_EQ(sim.run(watch->next()).error().code, "owner_gone");
}

}  // namespace
}  // namespace evenkeel
