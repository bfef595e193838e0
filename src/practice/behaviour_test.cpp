#include "practice/behaviour.hpp"

#include <gtest/gtest.h>

namespace evenkeel::practice {
namespace {

TEST(Behaviour, reads_a_word_with_its_arguments_in_any_order) {
    const Behaviour late{.fault = Fault::status, .number = 429, .time = Millis{2'000}};
    EXPECT_EQ(parse_behaviour("status-429-2s"), late);
    EXPECT_EQ(parse_behaviour("status-2s-429"), late);
    EXPECT_EQ(parse_behaviour("status-502-html"), (Behaviour{.fault = Fault::status, .number = 502, .html = true}));
    EXPECT_EQ(parse_behaviour("cut-7"), (Behaviour{.fault = Fault::cut, .number = 7}));
    EXPECT_EQ(parse_behaviour("healthy"), Behaviour{});
}

TEST(Behaviour, has_defaults_for_what_is_left_out) {
    EXPECT_EQ(parse_behaviour("cut")->number, 40u);
    EXPECT_EQ(parse_behaviour("status")->number, 503u);
    EXPECT_FALSE(parse_behaviour("status")->time);
    EXPECT_EQ(parse_behaviour("cold")->time, Millis{5'000});
}

TEST(Behaviour, refuses_what_it_does_not_know) {
    for (const char* text : {"", "nonsense", "cut-x", "cut-1s", "healthy-1", "status-99", "status-600", "slow-3",
                             "silence-html", "cut-99999999999"})
        EXPECT_FALSE(parse_behaviour(text)) << text;
}

TEST(Behaviour, reads_back_what_it_writes) {
    for (const char* text : {"healthy", "refuse", "status-429-2s", "status-502-html", "cut-40", "reasoning-3s",
                             "slow-200ms", "no_finish", "error_200", "model_missing", "garbage"})
        EXPECT_EQ(to_string(*parse_behaviour(text)), text);
}

TEST(FaultScript, prefers_the_models_own_name_then_its_track_then_that_of_all) {
    FaultScript script;
    script.always({.fault = Fault::busy});
    script.always({.fault = Fault::empty}, "small");
    EXPECT_EQ(script.take("fault-cut-3").fault, Fault::cut);
    EXPECT_EQ(script.take("small").fault, Fault::empty);
    EXPECT_EQ(script.take("other").fault, Fault::busy);
    EXPECT_EQ(script.take("fault-nonsense").fault, Fault::busy);
}

TEST(FaultScript, plays_its_steps_before_what_holds_until_told_otherwise) {
    FaultScript script;
    script.always({.fault = Fault::html});
    script.next(2, {.fault = Fault::busy});
    script.next(1, {.fault = Fault::reset});
    EXPECT_EQ(script.present().fault, Fault::busy);
    EXPECT_EQ(script.take("m").fault, Fault::busy);
    EXPECT_EQ(script.take("m").fault, Fault::busy);
    EXPECT_EQ(script.take("m").fault, Fault::reset);
    EXPECT_EQ(script.take("m").fault, Fault::html);
    EXPECT_EQ(script.take("m").fault, Fault::html);
    script.always({});
    EXPECT_EQ(script.take("m").fault, Fault::healthy);
}

TEST(FaultScript, forgets_the_steps_to_come_when_told_what_holds_from_now_on) {
    FaultScript script;
    script.next(5, {.fault = Fault::busy});
    script.always({});
    EXPECT_EQ(script.take("m").fault, Fault::healthy);
}

TEST(FaultScript, keeps_a_bounded_number_of_steps) {
    FaultScript script;
    for (std::size_t i = 0; i < FaultScript::steps_max + 10; ++i) script.next(1, {.fault = Fault::busy});
    std::size_t busy = 0;
    while (script.take("m").fault == Fault::busy) ++busy;
    EXPECT_EQ(busy, FaultScript::steps_max);
}

TEST(FaultScript, is_taken_down_only_by_a_standing_refusal_of_all) {
    FaultScript script;
    script.next(1, {.fault = Fault::refuse});
    script.always({.fault = Fault::refuse}, "one");
    EXPECT_FALSE(script.taken_down());
    script.always({.fault = Fault::refuse});
    EXPECT_TRUE(script.taken_down());
    script.always({});
    EXPECT_FALSE(script.taken_down());
}

}  // namespace
}  // namespace evenkeel::practice
