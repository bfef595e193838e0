#include "daemon/command_conversation.hpp"

#include "testing/scripted_desk.hpp"
#include "testing/sim.hpp"
#include "testing/test_output.hpp"

namespace evenkeel {
namespace {

using ::testing::HasSubstr;

struct ConversationCommands : ::testing::Test {
    testing::Sim sim;
    testing::ScriptedDesk desk{sim.scheduler};
    TestOutput screens;
};

Task<bool> say_no(std::string) { co_return false; }
Task<bool> say_yes(std::string) { co_return true; }

TEST_F(ConversationCommands, list_shows_each_with_its_open_questions) {
    desk.replies["conversation.list"] =
        R"([{"id":"terminal","private":false,"messages":12,"open":1,)"
        R"("first_at":"2026-11-20T12:00:00.000Z","last_at":"2026-11-22T11:55:00.000Z"},)"
        R"({"id":"diary","private":true,"messages":2,"open":0,"first_at":"2026-11-22T11:00:00.000Z",)"
        R"("last_at":"2026-11-22T11:59:30.000Z"}])";
    EXPECT_EQ(sim.run(run_conversation_list(desk, {}, screens.output)), 0);
    EXPECT_EQ(screens.out.written,
              "CONVERSATION  QUESTIONS  OPEN  LAST       BEGUN\n"
              "terminal             12     1  5 min ago  2 d ago\n"
              "diary                 2     –  30 s ago   60 min ago  private\n");
}

TEST_F(ConversationCommands, list_of_none_says_so) {
    desk.replies["conversation.list"] = "[]";
    EXPECT_EQ(sim.run(run_conversation_list(desk, {}, screens.output)), 0);
    EXPECT_EQ(screens.out.written, "There are no conversations yet.\n");
}

TEST_F(ConversationCommands, show_reads_as_a_talk) {
    desk.replies["conversation.show"] =
        R"({"id":"c","messages":[{"id":"a","state":"delivered","question":"Why?","age_s":60,)"
        R"("answer":"Because.",)"
        R"("figures":{"provider":"ollama","model":"m","degraded":true}},{"id":"b","state":"queued",)"
        R"("question":"And?","age_s":2,"reason":"all are down"}]})";
    EXPECT_EQ(sim.run(run_conversation_show(desk, {.id = "c"}, screens.output)), 0);
    EXPECT_EQ(screens.out.written,
              "you · 60 s ago\n  Why?\nollama · m · fallback\n  Because.\n"
              "\n"
              "you · 2 s ago\n  And?\nqueued: all are down\n");
}

TEST_F(ConversationCommands, export_prints_the_json) {
    desk.replies["conversation.export"] = "[]";
    EXPECT_EQ(sim.run(run_conversation_export(desk, {.id = "c"}, screens.output)), 0);
    EXPECT_EQ(screens.out.written, "[]\n");
}

TEST_F(ConversationCommands, delete_asks_first_and_never_removes_without_a_yes) {
    desk.replies["conversation.delete"] = R"({"deleted":"c"})";
    EXPECT_EQ(sim.run(run_conversation_delete(desk, {.id = "c"}, {}, screens.output)), 64);
    EXPECT_THAT(screens.err.written, HasSubstr("--yes"));
    EXPECT_EQ(sim.run(run_conversation_delete(desk, {.id = "c"}, say_no, screens.output)), 130);
    EXPECT_TRUE(desk.calls.empty());
    EXPECT_EQ(sim.run(run_conversation_delete(desk, {.id = "c"}, say_yes, screens.output)), 0);
    EXPECT_EQ(sim.run(run_conversation_delete(desk, {.id = "c", .yes = true}, {}, screens.output)), 0);
    EXPECT_EQ(desk.calls.size(), 2u);
    EXPECT_EQ(screens.out.written, "removed: c\nremoved: c\n");
}

}  // namespace
}  // namespace evenkeel
