#include "chat/courier.hpp"

#include "testing/chat_bench.hpp"

namespace evenkeel {
namespace {
using namespace std::chrono_literals;

class CourierTest : public ::testing::Test {
protected:
    /// A question that was answered while nobody watched.
    Id answered(std::string conversation = "home") {
        auto stream = bench.ask("Q?", std::move(conversation));
        const Id id = bench.id_of(*stream);
        stream.reset();
        bench.sim.scheduler.run_for(1s);
        return id;
    }
    std::unique_ptr<DeliveryStream> subscribe(std::string conversation = "") {
        return bench.sim.run(bench.engine->deliveries("terminal", std::move(conversation))).value();
    }
    Result<Delivery> next(DeliveryStream& stream) { return bench.sim.run(stream.next()); }
    testing::ChatBench bench;
};

TEST_F(CourierTest, gives_each_item_to_one_stream_and_to_another_when_that_one_leaves) {
    const Id first = answered("a"), second = answered("b");
    auto one = subscribe(), two = subscribe();
    EXPECT_EQ(next(*one)->id, first);
    EXPECT_EQ(next(*two)->id, second);
    auto waiting = two->next();
    waiting.handle().resume();
    bench.sim.scheduler.run_for(5s);
    EXPECT_FALSE(waiting.done());
    one.reset();
    bench.sim.scheduler.settle();
    ASSERT_TRUE(waiting.done());
    EXPECT_EQ(waiting.handle().promise().take()->id, first);
}

TEST_F(CourierTest, gives_it_again_to_a_stream_that_did_not_say_it_was_shown) {
    const Id id = answered();
    auto stream = subscribe();
    EXPECT_EQ(next(*stream)->id, id);
    const Instant given = bench.sim.scheduler.now();
    EXPECT_EQ(next(*stream)->id, id);
    EXPECT_GE(bench.sim.scheduler.now() - given, 60s);
}

TEST_F(CourierTest, finds_what_lies_behind_a_whole_page_of_given_ones) {
    std::vector<Id> ids;
    for (int i = 0; i < 40; ++i) ids.push_back(answered("c" + std::to_string(i)));
    auto stream = subscribe();
    for (const Id& id : ids) EXPECT_EQ(next(*stream)->id, id);
}

TEST_F(CourierTest, keeps_to_the_conversation_it_was_asked_for) {
    static_cast<void>(answered("a"));
    const Id id = answered("b");
    auto stream = subscribe("b");
    EXPECT_EQ(next(*stream)->id, id);
}

TEST_F(CourierTest, a_stream_outlives_the_engine_and_says_so) {
    auto stream = subscribe();
    auto waiting = stream->next();
    waiting.handle().resume();
    bench.sim.scheduler.run_for(1s);
    bench.engine.reset();
    bench.sim.scheduler.settle();
    ASSERT_TRUE(waiting.done());
    EXPECT_EQ(waiting.handle().promise().take().error().code, "owner_gone");
}

}  // namespace
}  // namespace evenkeel
