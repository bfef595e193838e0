#include "chat/engine.hpp"
#include "testing/chat_bench.hpp"

namespace evenkeel {
namespace {
using namespace std::chrono_literals;
using testing::ChatBench;

Task<int> hand_back(Engine& engine) {
    co_await engine.hand_back();
    co_return 0;
}

TEST(EngineHandBack, what_was_being_answered_is_queued_again_and_counts_no_crash) {
    ChatBench bench;
    bench.cloud.always(testing::answering("It is a fine day."));
    auto stream = bench.ask("How is it?");
    const Id id = bench.id_of(*stream);
    bench.sim.scheduler.run_for(110ms);
    ASSERT_EQ(bench.view(id).state, JobState::working);
    EXPECT_EQ(bench.sim.run(hand_back(*bench.engine)), 0);
    EXPECT_EQ(bench.view(id).state, JobState::queued);
    EXPECT_EQ(bench.view(id).crashes, 0);
    EXPECT_EQ(bench.engine->working(), 0U);
}

TEST(EngineHandBack, the_next_owner_answers_it) {
    ChatBench bench;
    bench.cloud.always(testing::answering("It is a fine day."));
    const Id id = bench.id_of(*bench.ask("How is it?"));
    bench.sim.scheduler.run_for(110ms);
    EXPECT_EQ(bench.sim.run(hand_back(*bench.engine)), 0);
    bench.engine.reset();
    bench.start();
    bench.sim.scheduler.run_for(60s);
    EXPECT_EQ(bench.view(id).state, JobState::answered);
}

TEST(EngineHandBack, an_engine_for_a_look_at_the_data_leaves_the_queue_alone) {
    ChatOptions options;
    options.works_queue = false;
    ChatBench bench(options);
    bench.route.down_until(bench.sim.scheduler.now() + 5s);
    bench.cloud.always(testing::failing(ErrorClass::transient));
    bench.local.always(testing::failing(ErrorClass::transient));
    const Id id = bench.id_of(*bench.ask("How is it?"));
    bench.sim.scheduler.run_for(2s);
    bench.cloud.always(testing::answering("Fine."));
    bench.sim.scheduler.run_for(60s);
    EXPECT_EQ(bench.view(id).state, JobState::queued);
}

}  // namespace
}  // namespace evenkeel
