#include <gtest/gtest.h>

#include "core/json.hpp"
#include "frontends/terminal/talk.hpp"
#include "testing/screen_twin.hpp"
#include "testing/scripted_desk.hpp"
#include "testing/sim.hpp"

namespace evenkeel::terminal {
namespace {

using namespace std::chrono_literals;
using Kind = TurnEvent::Kind;
using testing::ScriptedDesk;
using testing::turn_event;

struct AskFixture : ::testing::Test {
    int run(bool terminal = false) {
        options.question = "why?";
        TalkContext context{sim.env(), desk,      terminal ? screen : pipe,
                            err,       interrupt, [] { return std::string("Start evenkeel serve."); }};
        return sim.run(ask(context, options));
    }
    testing::Sim sim;
    ScriptedDesk desk{sim.scheduler};
    ScreenTwin screen, pipe{false}, err{false};
    Event interrupt{sim.scheduler};
    AskOptions options;
};

TEST_F(AskFixture, a_pipe_gets_the_whole_answer_and_nothing_else) {
    desk.script({{turn_event(Kind::accepted)},
                 {turn_event(Kind::delta, "Be")},
                 {turn_event(Kind::delta, "cause")},
                 {turn_event(Kind::answered, "Because")}});
    EXPECT_EQ(run(), 0);
    EXPECT_EQ(pipe.written, "Because\n");
    EXPECT_EQ(err.written, "");
    EXPECT_TRUE(desk.submitted.at(0).conversation.starts_with("ask-"));
    EXPECT_EQ(desk.shown_ids.size(), 1u);
}

TEST_F(AskFixture, a_pipe_never_sees_the_text_of_a_broken_answer) {
    desk.script({{turn_event(Kind::delta, "half")},
                 {turn_event(Kind::restarted, "cut")},
                 {turn_event(Kind::delta, "whole")},
                 {turn_event(Kind::answered, "whole")}});
    EXPECT_EQ(run(), 0);
    EXPECT_EQ(pipe.written, "whole\n");
}

TEST_F(AskFixture, a_streaming_pipe_ends_with_75_at_a_cut_and_gets_no_second_text) {
    options.stream = true;
    desk.script({{turn_event(Kind::delta, "half")},
                 {turn_event(Kind::restarted, "nanogpt was cut")},
                 {turn_event(Kind::delta, "whole")}});
    EXPECT_EQ(run(), 75);
    EXPECT_EQ(pipe.written, "half\n");
    EXPECT_NE(err.written.find("nanogpt was cut"), std::string::npos);
    EXPECT_NE(err.written.find("evenkeel queue show 0193c1d2-7f3a-7abc"), std::string::npos);
}

TEST_F(AskFixture, json_is_one_object) {
    options.json = true;
    desk.script({{turn_event(Kind::delta, "x")}, {turn_event(Kind::answered, "x")}});
    EXPECT_EQ(run(), 0);
    JsonDoc doc;
    const Json root = *doc.parse(pipe.written);
    EXPECT_EQ(root["content"].string(), "x");
    EXPECT_EQ(root["id"].string(), "0193c1d2-7f3a-7abc-8def-0123456789ab");
    EXPECT_EQ(root["conversation"].string(), desk.submitted.at(0).conversation);
    EXPECT_EQ(root["provider"].string(), "nanogpt");
}

TEST_F(AskFixture, every_end_that_was_printed_is_said_to_be_shown) {
    for (const bool json : {false, true})
        for (const Kind end : {Kind::answered, Kind::refused, Kind::expired, Kind::dead}) {
            options.json = json;
            desk.shown_ids.clear();
            desk.script({{turn_event(Kind::accepted)}, {turn_event(end, "the end")}});
            run();
            EXPECT_EQ(desk.shown_ids.size(), 1u) << to_string(end);
        }
}

TEST_F(AskFixture, an_answer_that_broke_off_in_a_pipe_is_not_said_to_be_shown) {
    options.stream = true;
    desk.script({{turn_event(Kind::delta, "half")},
                 {turn_event(Kind::restarted, "cut")},
                 {turn_event(Kind::answered, "whole")}});
    EXPECT_EQ(run(), 75);
    EXPECT_TRUE(desk.shown_ids.empty());
}

TEST_F(AskFixture, queued_ends_with_75_and_says_who_will_answer) {
    desk.script({{turn_event(Kind::queued, "both are down")}, {turn_event(Kind::answered, "later"), 1min}});
    EXPECT_EQ(run(), 75);
    EXPECT_EQ(pipe.written, "");
    EXPECT_NE(err.written.find("Queued as 0193c1d2-7f3a-7abc: both are down. Start evenkeel serve."), std::string::npos)
        << err.written;
}

TEST_F(AskFixture, waits_as_long_as_it_is_told_and_no_longer) {
    options.wait = 10min;
    desk.script({{turn_event(Kind::queued)}, {turn_event(Kind::answered, "later"), 5min}});
    EXPECT_EQ(run(), 0);
    EXPECT_EQ(pipe.written, "later\n");
    options.wait = 1min;
    desk.script({{turn_event(Kind::queued)}, {turn_event(Kind::answered, "later"), 5min}});
    EXPECT_EQ(run(), 75);
}

TEST_F(AskFixture, ctrl_c_takes_the_question_back) {
    desk.script({{turn_event(Kind::accepted)}, {turn_event(Kind::answered, "never"), 1h}});
    TaskGroup later(sim.scheduler);
    later.spawn([](Scheduler& s, Event& e) -> Task<void> {
        co_await sleep_for(s, 2s);
        e.pulse();
    }(sim.scheduler, interrupt));
    EXPECT_EQ(run(), 130);
    EXPECT_EQ(desk.cancelled.size(), 1u);
}

TEST_F(AskFixture, refusals_have_their_exit_codes) {
    desk.script({{turn_event(Kind::refused, "The provider refused: bad.")}});
    EXPECT_EQ(run(), 65);
    EXPECT_NE(err.written.find("The provider refused: bad."), std::string::npos);
    EXPECT_EQ(desk.shown_ids.size(), 1u) << "a notice that was printed is not handed out again";
    desk.refuse_next(Error{.cls = ErrorClass::overload, .code = "queue_full", .detail = "full"});
    EXPECT_EQ(run(), 69);
    desk.refuse_next(Error{.cls = ErrorClass::storage, .detail = "disk full"});
    EXPECT_EQ(run(), 74);
}

TEST_F(AskFixture, a_terminal_sees_tokens_and_figures) {
    desk.script(
        {{turn_event(Kind::delta, "He")}, {turn_event(Kind::delta, "llo")}, {turn_event(Kind::answered, "Hello")}});
    EXPECT_EQ(run(true), 0);
    EXPECT_TRUE(screen.written.starts_with("Hello\nnanogpt · m · ")) << screen.written;
}

}  // namespace
}  // namespace evenkeel::terminal
