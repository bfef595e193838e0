#include "daemon/command_status.hpp"

#include "testing/scripted_desk.hpp"
#include "testing/sim.hpp"
#include "testing/test_output.hpp"

namespace evenkeel {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

struct StatusCommands : ::testing::Test {
    testing::Sim sim;
    testing::ScriptedDesk desk{sim.scheduler};
    TestOutput screens{120};
};

constexpr std::string_view status =
    R"x({"owner":{"pid":42,"command":"serve","directory":"/var/lib/evenkeel","generation":7},)x"
    R"x("route":"failover(nanogpt, ollama)",)x"
    R"("providers":[{"name":"nanogpt","kind":"openai","model":"m","local":false,"phase":"open",)"
    R"("since":"2026-11-22T11:58:00.000Z",)"
    R"("why":"503 service_unavailable","next_probe_s":8,"calls":120,"failures":3,"probes":2},)"
    R"({"name":"ollama","kind":"ollama","model":"llama3.1:8b","local":true,"phase":"closed","since":null,)"
    R"("why":"","next_probe_s":null,)"
    R"("calls":4,"failures":0,"probes":0}],"queue":{"queued":3,"working":1,"undelivered":1,"dead":2,)"
    R"("oldest_s":600},)"
    R"("storage":{"engine":"SQLite 3.40.1","schema":3,"file_bytes":1258291,"log_bytes":0}})";

TEST_F(StatusCommands, status_is_readable_at_night) {
    desk.replies["status"] = status;
    EXPECT_EQ(sim.run(run_status(desk, {"cloud2: CLOUD2_KEY is not set"}, screens.output)), 0);
    EXPECT_EQ(screens.out.written,
              "PROVIDER        MODEL        STATE    SINCE      NEXT PROBE  CALLS  FAILED  WHY\n"
              "nanogpt         m            failing  2 min ago  in 8 s        120       3  503 service_unavailable\n"
              "ollama (local)  llama3.1:8b  well     –          –               4       0\n"
              "left out  cloud2: CLOUD2_KEY is not set\n"
              "\n"
              "queue  3 waiting, 1 being answered, the oldest asked 10 min ago · 1 answer to be shown · 2 given up "
              "(evenkeel queue list --all)\n"
              "route  failover(nanogpt, ollama)\n"
              "owner  evenkeel serve (process 42), start 7 of this data\n"
              "data   /var/lib/evenkeel · SQLite 3.40.1 · 1.2 MiB and 0 B of log\n");
}

TEST_F(StatusCommands, json_is_printed_as_it_came) {
    desk.replies["status"] = status;
    screens.output.json = true;
    EXPECT_EQ(sim.run(run_status(desk, {}, screens.output)), 0);
    EXPECT_EQ(screens.out.written, std::string(status) + "\n");
}

TEST_F(StatusCommands, cost_shows_spend_and_savings_and_admits_what_is_unknown) {
    desk.replies["cost"] =
        R"({"from":"2026-10-24","spend":[{"day":"2026-11-21","provider":"nanogpt","model":"m","tries":3,)"
        R"("answers":2,"input_tokens":1200,)"
        R"("output_tokens":340,"estimated":false,"cost_usd":0.25,"cost_unknown":0},{"day":"2026-11-22",)"
        R"("provider":"ollama","model":"l",)"
        R"("tries":1,"answers":1,"input_tokens":10,"output_tokens":20,"estimated":true,"cost_usd":0,)"
        R"("cost_unknown":1}],)"
        R"("total":{"tries":4,"answers":3,"input_tokens":1210,"output_tokens":360,"estimated":true,)"
        R"("cost_usd":0.25,"cost_unknown":1},)"
        R"("reference":{"name":"OpenAI GPT-4o","input_usd":2.5,"output_usd":10.0,)"
        R"("source":"https://example.com","read_on":"2026-11-22"},)"
        R"("savings":{"tokens":{"input":1210,"output":360},"reference_usd":3.5,"spent_usd":0.25,)"
        R"("saved_usd":null,"saved_at_most_usd":3.25,)"
        R"("days":2,"per_day_usd":1.625,"per_year_usd":593.125}})";
    EXPECT_EQ(sim.run(run_cost(desk, {.days = 30}, screens.output)), 0);
    EXPECT_THAT(
        screens.out.written,
        AllOf(HasSubstr("2026-11-21  nanogpt   m            2      3      1,200 + 340    $0.25\n"),
              HasSubstr("2026-11-22  ollama    l            1      1         ≈10 + 20  unknown\n"),
              HasSubstr("saved at most"), HasSubstr("$3.25"), HasSubstr("$593.12"), HasSubstr("$0.25 + unknown"),
              HasSubstr("read 2026-11-22 at https://example.com"), HasSubstr("price_input")));
    EXPECT_EQ(desk.calls.at(0).second, R"({"days":30,"by_key":false})");
}

TEST_F(StatusCommands, cost_by_key_names_each_key_and_what_no_key_stands_for) {
    desk.replies["cost"] =
        R"({"from":"2026-10-24","spend":[{"day":"2026-11-22","provider":"p","model":"m","tries":3,"answers":3}],)"
        R"("by_key":[{"id":"0193c1d2-7f3a-7abc-8def-0123456789ab","name":"bot","revoked":false,"tries":2,"answers":1,)"
        R"("input_tokens":1000,"output_tokens":20,"estimated":false,"cost_usd":0.25,"cost_unknown":0},)"
        R"({"id":"0193c1d2-7f3a-7abd-8def-0123456789ab","name":"old","revoked":true,"tries":1,"answers":1},)"
        R"({"id":null,"name":null,"revoked":false,"tries":1,"answers":1,"cost_usd":0,"cost_unknown":1}]})";
    EXPECT_EQ(sim.run(run_cost(desk, {.by_key = true}, screens.output)), 0);
    EXPECT_EQ(desk.calls.at(0).second, R"({"days":30,"by_key":true})");
    for (const char* part : {"bot", "1,000 + 20", "$0.25", "old (revoked)", "no key (chat, queue, probes)"})
        EXPECT_THAT(screens.out.written, HasSubstr(part));
}

TEST_F(StatusCommands, cost_of_nothing_says_so) {
    desk.replies["cost"] = R"({"from":"2026-10-24","spend":[]})";
    EXPECT_EQ(sim.run(run_cost(desk, {}, screens.output)), 0);
    EXPECT_EQ(screens.out.written, "Nothing was asked since 2026-10-24.\n");
}

TEST_F(StatusCommands, backup_gives_the_owner_an_absolute_path) {
    desk.replies["backup"] = R"({"file":"/home/ada/copy.db"})";
    EXPECT_EQ(sim.run(run_backup(desk, {.file = "copy.db"}, "/home/ada", screens.output)), 0);
    EXPECT_EQ(desk.calls.at(0).second, R"({"file":"/home/ada/copy.db"})");
    EXPECT_EQ(sim.run(run_backup(desk, {.file = "/tmp/copy.db"}, "/home/ada", screens.output)), 0);
    EXPECT_EQ(desk.calls.at(1).second, R"({"file":"/tmp/copy.db"})");
}

}  // namespace
}  // namespace evenkeel
