#include "resilience/resuming.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "testing/route_world.hpp"

namespace evenkeel {
namespace {

using namespace std::chrono_literals;
using testing::answering;
using testing::cutting;
using testing::failing;
using testing::question;
using testing::RouteWorld;
using testing::Script;
using testing::stalling;

constexpr std::string_view canonical = "A keel is the beam along the bottom of a ship, from bow to stern.";
constexpr std::string_view other = "The keel: a long piece of timber on which the whole hull is built.";

/// What a model does that was given the beginning of its answer and goes on from there.
Script going_on(const std::string& beginning) {
    if (beginning == Prefill::question({}).turns.back().text) return answering(" six seven");
    return answering(canonical.substr(beginning.size()));
}

/// The tries that were made: without those who were passed over because they had broken.
std::vector<Attempt> made(const RouteWorld::Reply& reply) {
    std::vector<Attempt> tries = reply.attempts;
    std::erase_if(tries, [](const Attempt& attempt) { return attempt.outcome == Attempt::Outcome::skipped; });
    return tries;
}

struct World : RouteWorld {
    Reply stream(OnCut on_cut = OnCut::resume) {
        Call call;
        call.on_cut = on_cut;
        return ask(std::move(call));
    }
};

TEST(Resuming, a_fallback_that_says_the_same_goes_on_unseen) {
    for (std::size_t words = 1; words < 14; ++words) {
        World world;
        world.cloud->always(cutting(canonical, words));
        world.local->always(answering(canonical));
        const auto reply = world.stream();
        EXPECT_FALSE(reply.drained.error) << words;
        EXPECT_EQ(reply.drained.text, canonical) << words;
        EXPECT_EQ(reply.drained.finish, FinishReason::stop);
        const auto tries = made(reply);
        ASSERT_EQ(tries.size(), 2u);
        EXPECT_EQ(tries[0].outcome, Attempt::Outcome::cut);
        EXPECT_EQ(tries[1].outcome, Attempt::Outcome::answered);
        EXPECT_EQ(world.sim.notes.count("reply.resumed"), 1u);
    }
}

TEST(Resuming, a_fallback_that_says_another_thing_is_asked_to_go_on) {
    for (std::size_t words = 1; words < 14; ++words) {
        World world;
        world.cloud->always(cutting(canonical, words));
        world.local->always(answering(other)).continuing(going_on);
        const auto reply = world.stream();
        EXPECT_FALSE(reply.drained.error) << words;
        EXPECT_EQ(reply.drained.text, canonical) << words;
        EXPECT_EQ(reply.drained.finish, FinishReason::stop);
        // The cut, the other text, the probe, the rest.
        const auto tries = made(reply);
        ASSERT_EQ(tries.size(), 4u);
        EXPECT_EQ(tries[1].outcome, Attempt::Outcome::cancelled);
        EXPECT_EQ(tries[1].error->code, "other_text");
        EXPECT_TRUE(tries[2].probe);
        EXPECT_EQ(tries[3].outcome, Attempt::Outcome::answered);
        EXPECT_EQ(world.local->running(), 0u);
    }
}

TEST(Resuming, what_a_continuation_repeats_is_not_read_twice) {
    World world;
    world.cloud->always(cutting(canonical, 6));
    world.local->always(answering(other)).continuing([](const std::string& beginning) {
        if (beginning == Prefill::question({}).turns.back().text) return answering(" six");
        return answering(canonical.substr(canonical.find("beam along")));
    });
    EXPECT_EQ(world.stream().drained.text, canonical);
}

TEST(Resuming, a_model_that_does_not_go_on_is_not_asked_to) {
    World world;
    world.cloud->always(cutting(canonical, 5));
    world.local->always(answering(other)).continuing([](const std::string&) { return answering("one two three"); });
    for (int i = 0; i < 2; ++i) {
        const auto reply = world.stream();
        ASSERT_TRUE(reply.drained.error);
        EXPECT_EQ(reply.error().code, "cut");
        EXPECT_EQ(reply.drained.text, "A keel is the beam ");
        EXPECT_FALSE(reply.drained.finish);
        world.wait(1min);
    }
    // Another text twice, and one probe: what it showed is remembered.
    EXPECT_EQ(world.local->asked().size(), 3u);
    const std::string saved = world.route->save();
    world.build();
    ASSERT_TRUE(world.route->load(saved));
    world.stream();
    EXPECT_EQ(world.local->asked().size(), 4u);
}

TEST(Resuming, a_stall_is_taken_up_like_a_cut) {
    World world;
    world.cloud->always(stalling(canonical, 5));
    world.local->always(answering(canonical));
    const auto reply = world.stream();
    EXPECT_EQ(reply.drained.text, canonical);
    EXPECT_LT(reply.took, 16'500ms);
}

TEST(Resuming, the_fallback_may_break_too) {
    World world;
    world.cloud->then(cutting(canonical, 3)).always(answering(canonical));
    world.local->always(cutting(canonical, 7));
    const auto reply = world.stream();
    EXPECT_EQ(reply.drained.text, canonical);
    EXPECT_EQ(made(reply).size(), 3u);
}

TEST(Resuming, rescues_of_one_answer_are_bounded) {
    World world;
    world.cloud->always(cutting(canonical, 4));
    world.local->always(cutting(canonical, 6));
    const auto reply = world.stream();
    ASSERT_TRUE(reply.drained.error);
    EXPECT_LE(world.cloud->asked().size() + world.local->asked().size(), 6u);
    EXPECT_TRUE(canonical.starts_with(reply.drained.text));
}

TEST(Resuming, tool_calls_that_were_read_are_never_continued) {
    World world;
    world.cloud->always(Script().content("Wait. ").tool_call(R"({"index":0})").wait(10ms));
    world.local->always(answering("Wait. More."));
    const auto reply = world.stream();
    ASSERT_TRUE(reply.drained.error);
    EXPECT_EQ(reply.drained.text, "Wait. ");
    EXPECT_TRUE(world.local->asked().empty());
}

TEST(Resuming, a_tool_call_instead_of_the_text_is_another_answer) {
    World world;
    world.cloud->always(cutting(canonical, 4));
    world.local->always(Script().tool_call(R"({"index":0})").finish(FinishReason::tool_calls));
    const auto reply = world.stream();
    EXPECT_TRUE(reply.drained.error);
    EXPECT_EQ(reply.drained.text, "A keel is the ");
}

TEST(Resuming, what_the_provider_refuses_or_the_caller_ends_is_not_taken_up) {
    for (const ErrorClass cls : {ErrorClass::policy, ErrorClass::request, ErrorClass::cancelled}) {
        World world;
        world.cloud->always(Script().content("A ").wait(10ms).fail(provider_fault(cls, Scope::request, "no").error()));
        EXPECT_TRUE(world.stream().drained.error);
        EXPECT_TRUE(world.local->asked().empty());
    }
    World world;
    world.cloud->always(stalling(canonical, 3));
    Call call{.deadline = world.sim.scheduler.now() + 5s};
    call.on_cut = OnCut::resume;
    const auto reply = world.ask(std::move(call));
    EXPECT_EQ(reply.error().code, "deadline");
    EXPECT_TRUE(world.local->asked().empty());
}

TEST(Resuming, thoughts_of_the_second_are_not_read_in_the_middle) {
    World world;
    world.cloud->always(Script().reasoning("hm").content("A keel ").wait(10ms));
    world.local->always(Script().reasoning("let me see").content("A keel is").reasoning("so").content(" it.").finish());
    const auto reply = world.stream();
    EXPECT_EQ(reply.drained.text, "A keel is it.");
    EXPECT_EQ(reply.drained.reasoning, "hm");
}

TEST(Resuming, surfaces_that_can_take_text_back_get_the_error) {
    World world;
    world.cloud->always(cutting(canonical, 4));
    world.local->always(answering(canonical));
    EXPECT_TRUE(world.stream(OnCut::fail).drained.error);
    EXPECT_TRUE(world.local->asked().empty());
}

TEST(Resuming, an_answer_over_the_limit_is_no_longer_taken_up) {
    struct Row {
        RescueLimits limits;
        bool rescued;
    };
    const std::size_t kept = canonical.find("bottom");
    for (const Row& row :
         {Row{{.text_max = kept}, true}, Row{{.text_max = kept - 1}, false}, Row{{.total_max = 100}, false}}) {
        World world;
        world.cloud->always(cutting(canonical, 7));
        world.local->always(answering(canonical));
        world.route =
            make_route(world.sim.env(), {{.upstream = world.cloud}, {.upstream = world.local}}, {.rescue = row.limits});
        EXPECT_EQ(world.stream().drained.text == canonical, row.rescued);
    }
}

TEST(Resuming, room_is_given_back_when_a_reply_ends) {
    World world;
    world.route = make_route(world.sim.env(), {{.upstream = world.cloud}, {.upstream = world.local}},
                             {.rescue = {.total_max = 600}});
    world.local->always(answering(canonical));
    for (int i = 0; i < 5; ++i) {
        world.cloud->then(answering(canonical)).then(cutting(canonical, 7));
        EXPECT_EQ(world.stream().drained.text, canonical);
        EXPECT_EQ(world.stream().drained.text, canonical);
        world.wait(1min);
    }
}

TEST(Resuming, a_reader_who_leaves_in_mid_rescue_leaves_nobody_at_work) {
    for (int turns = 1; turns < 120; ++turns) {
        World world;
        world.cloud->always(cutting(canonical, 3));
        world.local->always(answering(other)).continuing(going_on);
        Call call;
        call.on_cut = OnCut::resume;
        const ChatRequest request = question("What is a keel?");
        {
            auto reading = world.sim.run([](RouteWorld& w, const ChatRequest& r, Call& c,
                                            int turns_left) -> Task<bool> {
                auto task = testing::ask(*w.route, r, c);
                co_return (co_await until(w.sim.scheduler, w.sim.scheduler.now() + turns_left * 5ms, std::move(task)))
                    .has_value();
            }(world, request, call, turns));
            static_cast<void>(reading);
        }
        EXPECT_EQ(world.cloud->running() + world.local->running(), 0u);
        for (const Attempt& attempt : call.attempts) EXPECT_NE(attempt.outcome, Attempt::Outcome::running);
    }
}

TEST(CompleteFirst, a_break_is_never_seen) {
    World world;
    world.cloud->always(cutting(canonical, 5));
    world.local->always(answering(other));
    const auto reply = world.stream(OnCut::hold);
    EXPECT_EQ(reply.drained.text, other);
    EXPECT_EQ(reply.drained.wire, other);
    EXPECT_EQ(reply.drained.finish, FinishReason::stop);
    EXPECT_EQ(reply.drained.batches, 1u);
    EXPECT_EQ(reply.by(), "local");
}

TEST(CompleteFirst, when_all_break_there_is_an_error_and_no_text) {
    World world;
    world.cloud->always(cutting(canonical, 5));
    world.local->always(cutting(other, 5));
    const auto reply = world.stream(OnCut::hold);
    ASSERT_TRUE(reply.drained.error);
    EXPECT_EQ(reply.drained.text, "");
    EXPECT_LE(world.cloud->asked().size() + world.local->asked().size(), 6u);
}

}  // namespace
}  // namespace evenkeel
