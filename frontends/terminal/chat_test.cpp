#include <gtest/gtest.h>

#include <deque>

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

/// Types its lines one second apart; what is interjected goes to the screen.
class TypedLines final : public LineSource {
public:
    TypedLines(Scheduler& scheduler, Screen& screen, std::deque<std::string> lines)
        : scheduler_(scheduler), screen_(screen), lines_(std::move(lines)) {}
    Task<Result<std::optional<std::string>>> read(std::string prompt) override {
        prompts.push_back(prompt);
        co_await sleep_for(scheduler_, 1s);
        if (lines_.empty()) co_return std::optional<std::string>();
        std::optional<std::string> line = std::move(lines_.front());
        lines_.pop_front();
        co_return line;
    }
    void interject(std::string_view text) override { screen_.write(text); }
    std::vector<std::string> prompts;

private:
    Scheduler& scheduler_;
    Screen& screen_;
    std::deque<std::string> lines_;
};

struct ChatFixture : ::testing::Test {
    int talk(std::deque<std::string> typed, bool terminal = true) {
        ScreenTwin& screen = terminal ? out : pipe;
        TypedLines lines(sim.scheduler, screen, std::move(typed));
        TalkContext context{sim.env(), desk, screen, err, interrupt, [] { return std::string("serve answers."); }};
        const int code = sim.run(chat(context, lines, options));
        prompts = lines.prompts;
        return code;
    }
    testing::Sim sim;
    ScriptedDesk desk{sim.scheduler};
    ScreenTwin out, pipe{false}, err;
    Event interrupt{sim.scheduler};
    ChatOptions options;
    std::vector<std::string> prompts;
};

TEST_F(ChatFixture, a_question_is_answered_token_by_token) {
    desk.script({{turn_event(Kind::accepted)},
                 {turn_event(Kind::delta, "Pa")},
                 {turn_event(Kind::delta, "ris")},
                 {turn_event(Kind::answered, "Paris")}});
    EXPECT_EQ(talk({"Capital of France?"}), 0);
    EXPECT_EQ(desk.submitted.at(0).text, "Capital of France?");
    EXPECT_EQ(desk.submitted.at(0).conversation, "terminal");
    EXPECT_TRUE(out.written.starts_with("Paris\nnanogpt · m")) << out.written;
    EXPECT_EQ(desk.shown_ids.size(), 1u);
}

TEST_F(ChatFixture, a_queued_question_gives_the_prompt_back_and_its_answer_comes_later) {
    desk.script({{turn_event(Kind::accepted)}, {turn_event(Kind::queued, "no provider answers")}});
    Delivery late;
    late.id = turn_event(Kind::queued).id;
    late.question = "Will it rain?";
    late.text = "Yes.";
    late.asked_at = sim.scheduler.wall();
    TaskGroup later(sim.scheduler);
    later.spawn([](Scheduler& s, ScriptedDesk& d, Delivery l) -> Task<void> {
        co_await sleep_for(s, 90s);
        d.deliver(std::move(l));
    }(sim.scheduler, desk, late));
    desk.script({{turn_event(Kind::delta, "Slow"), 120s}, {turn_event(Kind::answered, "Slow")}});
    EXPECT_EQ(talk({"Will it rain?", "And tomorrow?"}), 0);
    const auto queued = out.written.find("Queued as 0193c1d2-7f3a-7abc: no provider answers");
    const auto slow = out.written.find("Slow\n");
    const auto head = out.written.find("you asked «Will it rain?»\nYes.");
    ASSERT_NE(queued, std::string::npos) << out.written;
    ASSERT_NE(head, std::string::npos) << out.written;
    EXPECT_LT(slow, head) << "a late answer waits until the running one is whole";
    EXPECT_EQ(desk.shown_ids.back(), late.id);
}

TEST_F(ChatFixture, ctrl_c_cancels_the_answer_and_not_the_chat) {
    desk.script(
        {{turn_event(Kind::accepted)}, {turn_event(Kind::delta, "endless"), 1s}, {turn_event(Kind::delta, "x"), 1h}});
    desk.script({{turn_event(Kind::answered, "Second")}});
    TaskGroup later(sim.scheduler);
    later.spawn([](Scheduler& s, Event& e) -> Task<void> {
        co_await sleep_for(s, 5s);
        e.pulse();
    }(sim.scheduler, interrupt));
    EXPECT_EQ(talk({"first", "second"}), 0);
    EXPECT_EQ(desk.cancelled.size(), 1u);
    EXPECT_NE(out.written.find("endless\nCancelled."), std::string::npos) << out.written;
    EXPECT_NE(out.written.find("Second"), std::string::npos);
}

TEST_F(ChatFixture, ctrl_c_at_the_prompt_gives_a_fresh_line) {
    TaskGroup later(sim.scheduler);
    later.spawn([](Scheduler& s, Event& e) -> Task<void> {
        co_await sleep_for(s, 500ms);
        e.pulse();
    }(sim.scheduler, interrupt));
    EXPECT_EQ(talk({}), 0);
    EXPECT_EQ(prompts.size(), 2u);
}

TEST_F(ChatFixture, commands_are_obeyed_and_typos_explained) {
    options.show = [](std::string what) -> Task<std::string> { co_return "shown " + what; };
    desk.script({{turn_event(Kind::answered, "A")}});
    EXPECT_EQ(talk({"/status", "/model big", "/private", "/statsu", "question", "/reset", "/quit", "never"}), 0);
    EXPECT_NE(out.written.find("shown status"), std::string::npos);
    EXPECT_NE(out.written.find("There is no /statsu. Did you mean /status?"), std::string::npos) << out.written;
    EXPECT_EQ(desk.submitted.size(), 1u);
    EXPECT_EQ(desk.submitted[0].model, "big");
    EXPECT_TRUE(desk.submitted[0].is_private);
    EXPECT_NE(options.conversation, "");
}

TEST_F(ChatFixture, a_pipe_gets_whole_answers_only_and_says_when_one_is_queued) {
    desk.script({{turn_event(Kind::delta, "par")},
                 {turn_event(Kind::restarted, "cut")},
                 {turn_event(Kind::delta, "whole")},
                 {turn_event(Kind::answered, "whole")}});
    desk.script({{turn_event(Kind::queued, "both are down")}});
    EXPECT_EQ(talk({"one", "two"}, false), 75);
    EXPECT_EQ(pipe.written, "whole\n\n");
    EXPECT_NE(err.written.find("Queued as 0193c1d2-7f3a-7abc: both are down"), std::string::npos);
}

TEST_F(ChatFixture, a_pipe_whose_question_was_refused_ends_with_65_also_where_a_later_one_was_answered) {
    desk.script({{turn_event(Kind::refused, "not for me")}});
    desk.script({{turn_event(Kind::answered, "fine")}});
    EXPECT_EQ(talk({"one", "two"}, false), 65);
    EXPECT_NE(err.written.find("not for me"), std::string::npos);
}

TEST_F(ChatFixture, a_question_that_still_waits_weighs_more_than_a_refused_one) {
    desk.script({{turn_event(Kind::queued, "both are down")}});
    desk.script({{turn_event(Kind::refused, "not for me")}});
    EXPECT_EQ(talk({"one", "two"}, false), 75);
}

TEST_F(ChatFixture, a_refused_submit_is_explained_and_the_chat_goes_on) {
    desk.refuse_next(Error{.cls = ErrorClass::overload, .code = "queue_full", .detail = "The queue is full."});
    desk.script({{turn_event(Kind::answered, "fine")}});
    EXPECT_EQ(talk({"one", "two"}), 0);
    EXPECT_NE(out.written.find("The queue is full."), std::string::npos);
    EXPECT_NE(out.written.find("fine"), std::string::npos);
}

TEST(LateHeading, names_the_question_and_its_age) {
    Delivery delivery;
    delivery.question = "What\nis it?";
    delivery.asked_at = WallTime{Millis{1'767'225'600'000}};
    const std::string heading = late_heading(delivery, delivery.asked_at + 5min);
    EXPECT_NE(heading.find("5 min ago, you asked «What is it?»"), std::string::npos) << heading;
}

}  // namespace
}  // namespace evenkeel::terminal
