#include "resilience/held_reply.hpp"

#include <gtest/gtest.h>

#include <string>

#include "testing/scripted_provider.hpp"
#include "testing/sim.hpp"

namespace evenkeel {
namespace {

using namespace std::chrono_literals;
using testing::Script;

Task<Result<std::unique_ptr<ReplyStream>>> open_and_hold(Provider& provider, const ChatRequest& request, Call& call,
                                                         std::size_t bytes_max) {
    auto opened = co_await provider.open(request, call);
    if (!opened) co_return opened;
    co_return co_await hold(std::move(*opened), bytes_max);
}

struct World {
    testing::Sim sim;
    testing::ScriptedProvider provider{sim.env(), "cloud"};
    ChatRequest request = testing::question("?");
    Call call;
    Result<std::unique_ptr<ReplyStream>> held(std::size_t bytes_max) {
        return sim.run(open_and_hold(provider, request, call, bytes_max));
    }
};

TEST(HeldReply, everything_comes_in_one_batch_in_order) {
    World world;
    world.provider.always(Script()
                              .reasoning("hm")
                              .content("Hel")
                              .wait(10ms)
                              .content("lo")
                              .tool_call("{}")
                              .wait(10ms)
                              .usage(7, 2)
                              .finish());
    auto held = world.held(1'000);
    ASSERT_TRUE(held);
    EXPECT_EQ(world.provider.running(), 0u) << "the provider is done with before anything is read";
    const auto batch = world.sim.run((*held)->next());
    ASSERT_TRUE(batch);
    EXPECT_TRUE(batch->end);
    EXPECT_EQ(batch->wire, "hmHello{}");
    ASSERT_EQ(batch->events.size(), 6u);
    EXPECT_EQ(batch->events[1].text, "Hel");
    EXPECT_EQ(batch->events[2].text, "lo");
    EXPECT_EQ(batch->events[3].kind, ReplyEvent::Kind::tool_call);
    EXPECT_EQ(batch->events[4].usage.output, 2);
    EXPECT_EQ(batch->events[5].finish, FinishReason::stop);
}

TEST(HeldReply, a_break_or_too_much_is_an_error) {
    World world;
    world.provider.then(testing::cutting("one two three", 2)).then(testing::answering(std::string(600, 'x')));
    EXPECT_EQ(world.held(1'000).error().code, "cut");
    EXPECT_EQ(world.held(1'000).error().code, "too_large");
    EXPECT_EQ(world.provider.running(), 0u);
}

}  // namespace
}  // namespace evenkeel
