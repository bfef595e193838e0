#include "daemon/command_queue.hpp"

#include "testing/scripted_desk.hpp"
#include "testing/sim.hpp"
#include "testing/test_output.hpp"

namespace evenkeel {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view two_questions =
    R"([{"id":"0193c1d2-7f3a-7abc-8def-0123456789ab","conversation":"work","state":"working",)"
    R"("question":"Why is the sky blue?",)"
    R"("age_s":125,"position":0,"eta_s":null,"attempts":1,"reason":""},)"
    R"({"id":"0193c1d2-7f3a-7abd-8def-0123456789ab","conversation":"home","state":"queued",)"
    R"("question":"And the sea?",)"
    R"("age_s":3,"position":1,"eta_s":30,"attempts":0,"reason":"no provider can answer"}])";

struct QueueCommands : ::testing::Test {
    testing::Sim sim;
    testing::ScriptedDesk desk{sim.scheduler};
    TestOutput screens;
};

TEST_F(QueueCommands, list_shows_a_line_per_question_with_ids_that_tell_them_apart) {
    desk.replies["queue.list"] = two_questions;
    TestOutput wide(140);
    EXPECT_EQ(sim.run(run_queue_list(desk, {.all = false, .limit = 100}, wide.output)), 0);
    EXPECT_EQ(wide.out.written,
              "#  ID                  CONVERSATION  STATE      AGE  NEXT TRY  TRIES  QUESTION\n"
              "–  0193c1d2-7f3a-7abc  work          working  2 min  –             1  Why is the sky blue?\n"
              "1  0193c1d2-7f3a-7abd  home          queued     3 s  in 30 s       0  And the sea? · no provider can "
              "answer\n");
    EXPECT_EQ(desk.calls.at(0).second, R"({"all":false,"limit":100})");
}

TEST_F(QueueCommands, list_says_so_when_nothing_waits) {
    desk.replies["queue.list"] = "[]";
    EXPECT_EQ(sim.run(run_queue_list(desk, {}, screens.output)), 0);
    EXPECT_EQ(screens.out.written, "Nothing waits: every question has its answer.\n");
}

TEST_F(QueueCommands, list_says_when_it_was_cut) {
    desk.replies["queue.list"] = two_questions;
    EXPECT_EQ(sim.run(run_queue_list(desk, {.all = false, .limit = 2}, screens.output)), 0);
    EXPECT_THAT(screens.err.written, HasSubstr("--limit N shows more"));
}

TEST_F(QueueCommands, json_is_printed_as_it_came) {
    desk.replies["queue.list"] = two_questions;
    screens.output.json = true;
    EXPECT_EQ(sim.run(run_queue_list(desk, {}, screens.output)), 0);
    EXPECT_EQ(screens.out.written, std::string(two_questions) + "\n");
}

TEST_F(QueueCommands, show_gives_question_answer_and_figures) {
    desk.replies["queue.show"] =
        R"({"id":"0193c1d2-7f3a-7abc-8def-0123456789ab","conversation":"work","state":"delivered",)"
        R"("question":"Why?",)"
        R"("age_s":125,"position":0,"eta_s":null,"attempts":1,"reason":"","frontend":"terminal","user":"",)"
        R"("model":"",)"
        R"("accepted_at":"2026-11-22T11:57:55.000Z","expires_at":"2026-11-23T11:57:55.000Z",)"
        R"("ended_at":"2026-11-22T11:58:00.000Z",)"
        R"("crashes":0,"partial":"","answer":"Because.","figures":{"content":"Because.",)"
        R"("provider":"ollama","model":"llama3.1:8b",)"
        R"("degraded":true,"finish_reason":"stop","tokens":{"input":8,"output":2,"estimated":false},)"
        R"("latency_ms":5000,)"
        R"("first_token_ms":300,"cost_usd":null,"turns_left_out":0,"attempts":[]}})";
    EXPECT_EQ(sim.run(run_queue_show(desk, {.id = "0193c1"}, screens.output)), 0);
    for (const std::string_view part : {"0193c1d2-7f3a-7abc-8def-0123456789ab", "2 min ago", "delivered", "  Why?\n",
                                        "  Because.\n", "ollama · llama3.1:8b", "fallback", "cost unknown"})
        EXPECT_THAT(screens.out.written, HasSubstr(part));
    EXPECT_EQ(desk.calls.at(0).second, R"({"id":"0193c1"})");
}

TEST_F(QueueCommands, show_keeps_what_was_begun_apart_from_an_answer) {
    desk.replies["queue.show"] = R"({"id":"x","state":"dead","question":"Why?","age_s":1,"attempts":20,"crashes":3,)"
                                 R"("reason":"given up","partial":"Be"})";
    EXPECT_EQ(sim.run(run_queue_show(desk, {.id = "0193c1"}, screens.output)), 0);
    EXPECT_THAT(screens.out.written, HasSubstr("Begun, and broken off\n  Be\n"));
    EXPECT_THAT(screens.out.written, HasSubstr("given up"));
}

TEST_F(QueueCommands, cancel_does_all_and_ends_with_the_first_failure) {
    desk.replies["queue.retry"] = R"({"id":"0193c1d2-7f3a-7abc-8def-0123456789ab","state":"queued"})";
    EXPECT_EQ(sim.run(run_queue_retry(desk, {.ids = {"0193c1", "0193c2"}}, screens.output)), 0);
    EXPECT_THAT(screens.out.written, HasSubstr("due now: 0193c1d2-7f3a-7abc-8def-0123456789ab (queued)\n"));
    EXPECT_EQ(sim.run(run_queue_cancel(desk, {.ids = {"0193c1", "0193c2"}}, screens.output)), 65)
        << "an unknown operation is refused";
    EXPECT_EQ(desk.calls.size(), 4u);
}

TEST_F(QueueCommands, export_gives_one_object_a_line) {
    desk.replies["queue.export"] = two_questions;
    EXPECT_EQ(sim.run(run_queue_export(desk, {}, screens.output)), 0);
    EXPECT_EQ(std::ranges::count(screens.out.written, '\n'), 2);
    EXPECT_TRUE(screens.out.written.starts_with("{\"id\":"));
}

TEST_F(QueueCommands, run_until_empty_ends_when_nothing_is_open) {
    desk.replies["status"] = R"({"queue":{"queued":1,"working":1}})";
    Task<int> run = run_queue_run(desk, sim.env(), {.until_empty = true}, screens.output);
    TaskGroup group(sim.scheduler);
    std::optional<int> code;
    const auto keep = [](Task<int> task, std::optional<int>* into) -> Task<void> { *into = co_await std::move(task); };
    group.spawn(keep(std::move(run), &code));
    sim.scheduler.run_for(Seconds{5});
    EXPECT_FALSE(code);
    desk.replies["status"] = R"({"queue":{"queued":0,"working":0}})";
    sim.scheduler.run_for(Seconds{2});
    EXPECT_EQ(code, 0);
    EXPECT_EQ(screens.err.written, "1 waiting, 1 being answered\n0 waiting, 0 being answered\n");
}

TEST_F(QueueCommands, a_desk_that_fails_decides_the_exit_code) {
    EXPECT_EQ(sim.run(run_queue_list(desk, {}, screens.output)), 65);
    desk.replies["queue.show"] = "not json";
    EXPECT_EQ(sim.run(run_queue_show(desk, {.id = "0193c1"}, screens.output)), 70);
    EXPECT_THAT(screens.err.written, HasSubstr("error: "));
}

}  // namespace
}  // namespace evenkeel
