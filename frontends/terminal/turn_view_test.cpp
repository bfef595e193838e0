#include "frontends/terminal/turn_view.hpp"

#include <gtest/gtest.h>

#include "testing/screen_twin.hpp"

namespace evenkeel::terminal {
namespace {

using Kind = TurnEvent::Kind;

TurnEvent event(Kind kind, std::string text = {}) {
    TurnEvent e;
    e.kind = kind;
    e.text = std::move(text);
    return e;
}

TurnEvent answered(std::string text) {
    TurnEvent e = event(Kind::answered);
    e.answer.emplace();
    e.answer->text = std::move(text);
    e.answer->provider = "ollama";
    e.answer->model = "m";
    return e;
}

TEST(TurnView, tokens_appear_and_the_figures_follow) {
    ScreenTwin screen;
    TurnView view(screen);
    view.show(event(Kind::delta, "Hel"));
    EXPECT_EQ(screen.written, "Hel");
    view.show(event(Kind::delta, "lo"));
    view.show(answered("Hello"));
    EXPECT_EQ(screen.written, "Hello\nollama · m · 0 ms · 0+0 tokens · cost unknown\n");
}

TEST(TurnView, an_answer_breaks_between_words_on_a_terminal_and_nowhere_in_a_file) {
    const std::string text = "A sentence of some length that no terminal of eighty columns can hold in one line.";
    ScreenTwin screen, file(false);
    for (ScreenTwin* each : {&screen, &file}) TurnView(*each).show(answered(text));
    EXPECT_TRUE(screen.written.starts_with(
        "A sentence of some length that no terminal of eighty columns can hold in one \nline.\n"))
        << screen.written;
    EXPECT_TRUE(file.written.starts_with(text + "\n")) << file.written;
}

TEST(TurnView, an_answer_without_deltas_is_shown_whole) {
    ScreenTwin screen;
    TurnView view(screen);
    view.show(answered("All at once"));
    EXPECT_TRUE(screen.written.starts_with("All at once\n"));
}

TEST(TurnView, progress_vanishes_when_the_answer_begins) {
    ScreenTwin screen;
    TurnView view(screen);
    view.show(event(Kind::progress, "asking nanogpt"));
    view.show(event(Kind::delta, "Hi"));
    EXPECT_EQ(screen.written, "\r\x1b[K… asking nanogpt\r\x1b[KHi");
}

TEST(TurnView, progress_is_not_written_into_files) {
    ScreenTwin screen(false);
    TurnView view(screen);
    view.show(event(Kind::progress, "asking nanogpt"));
    EXPECT_EQ(screen.written, "");
}

TEST(TurnView, a_broken_answer_is_struck_and_begun_anew) {
    ScreenTwin screen;
    screen.coloured = true;
    TurnView view(screen);
    view.show(event(Kind::delta, "The **half"));
    view.show(event(Kind::restarted, "nanogpt was cut off"));
    EXPECT_NE(screen.written.find("\x1b[2;9mThe half\x1b[0m\n"), std::string::npos) << screen.written;
    EXPECT_NE(screen.written.find("broke off (nanogpt was cut off)"), std::string::npos);
    view.show(event(Kind::delta, "Whole"));
    view.show(answered("Whole"));
    EXPECT_NE(screen.written.find("Whole\n"), std::string::npos);
}

TEST(TurnView, a_queued_question_says_its_id_why_and_when) {
    ScreenTwin screen;
    TurnView view(screen);
    TurnEvent queued = event(Kind::queued, "no provider answers");
    queued.id = *parse_id("0193c1d2-7f3a-7abc-8def-0123456789ab");
    queued.position = 3;
    queued.eta = Millis{125'000};
    view.show(queued);
    EXPECT_EQ(screen.written,
              "Queued as 0193c1d2-7f3a-7abc, place 3: no provider answers; next try in about 2\nmin 5 s\n");
}

}  // namespace
}  // namespace evenkeel::terminal
