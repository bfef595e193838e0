#include "daemon/doctor.hpp"

#include <algorithm>

#include "config/load_world.hpp"
#include "testing/sim.hpp"
#include "testing/test_output.hpp"

namespace evenkeel {
namespace {

using ::testing::HasSubstr;
using Verdict = Check::Verdict;

struct FakeProbes final : DoctorProbes {
    std::map<std::string, Result<std::vector<std::string>>> lists;
    Result<OllamaFindings> ollama_findings = OllamaFindings{.version = "0.17.4", .model_window = 131'072};
    DataFindings data_findings{.directory = "/data", .free_bytes = std::uint64_t{10} << 30};
    std::string sqlite = "3.40.1";
    WallTime now = *parse_wall("2026-11-22T12:00:00.000Z");
    std::vector<std::string> asked;

    Task<Result<std::vector<std::string>>> models(const ProviderSettings& provider, Millis) override {
        asked.push_back(provider.name);
        const auto found = lists.find(provider.name);
        if (found == lists.end())
            co_return provider_fault(ErrorClass::transient, Scope::provider, "connection refused");
        co_return found->second;
    }
    Task<Result<OllamaFindings>> ollama(const ProviderSettings&, Millis) override { co_return ollama_findings; }
    Task<DataFindings> data(const std::string&) override { co_return data_findings; }
    std::string sqlite_version() override { return sqlite; }
    WallTime wall() override { return now; }
};

struct DoctorTest : ::testing::Test {
    DoctorTest() {
        world.environment["NANOGPT_API_KEY"] = "sk-nano-SECRETSECRET-9f2c";
        world.environment["OLLAMA_HOST"] = "localhost";
        probes.lists.insert_or_assign("nanogpt", std::vector<std::string>{"openai/gpt-4o-mini", "openai/gpt-4o"});
        probes.lists.insert_or_assign("ollama", std::vector<std::string>{"llama3.1:8b"});
    }
    std::vector<Check> look() {
        loaded = world.load();
        return sim.run(examine(loaded, probes));
    }
    /// The one check of that name.
    Check check(std::string_view name) {
        const auto checks = look();
        const auto found = std::ranges::find(checks, name, &Check::name);
        if (found != checks.end()) return *found;
        ADD_FAILURE() << "no check " << name;
        return {};
    }
    testing::Sim sim;
    World world;
    Loaded loaded;
    FakeProbes probes;
};

TEST_F(DoctorTest, finds_nothing_wrong_where_nothing_is) {
    TestOutput screens;
    const auto checks = look();
    for (const Check& each : checks) EXPECT_EQ(each.verdict, Verdict::ok) << each.name << ": " << each.seen;
    EXPECT_EQ(show_checks(checks, true, screens.output), 0);
    EXPECT_THAT(screens.out.written, HasSubstr("All is well."));
    EXPECT_EQ(screens.out.written.find("SECRET"), std::string::npos);
}

TEST_F(DoctorTest, tells_how_to_start_an_ollama_that_does_not_answer) {
    probes.lists.erase("ollama");
    EXPECT_EQ(check("ollama: reachable").verdict, Verdict::bad);
    EXPECT_THAT(check("ollama: reachable").seen, HasSubstr("http://localhost:11434: transient: connection refused"));
    EXPECT_THAT(check("ollama: reachable").remedy, HasSubstr("ollama serve"));
}

TEST_F(DoctorTest, tells_how_to_pull_a_model_that_is_missing) {
    probes.lists.insert_or_assign("ollama", std::vector<std::string>{"qwen3:4b"});
    EXPECT_EQ(check("ollama: model").verdict, Verdict::bad);
    EXPECT_EQ(check("ollama: model").remedy, "Run: ollama pull llama3.1:8b");
}

TEST_F(DoctorTest, knows_that_ollama_reads_a_bare_name_as_latest_and_nanogpt_takes_options) {
    world.environment["OLLAMA_MODEL"] = "smollm";
    probes.lists.insert_or_assign("ollama", std::vector<std::string>{"smollm:latest"});
    EXPECT_EQ(check("ollama: model").verdict, Verdict::ok);
    world.environment["NANOGPT_MODEL"] = "openai/gpt-4o:online";
    EXPECT_EQ(check("nanogpt: model").verdict, Verdict::ok);
}

TEST_F(DoctorTest, suggests_the_nearest_model_of_the_list) {
    world.environment["NANOGPT_MODEL"] = "openai/gpt4o-mini";
    EXPECT_EQ(check("nanogpt: model").verdict, Verdict::bad);
    EXPECT_EQ(check("nanogpt: model").remedy, "Did you mean \"openai/gpt-4o-mini\"?");
}

TEST_F(DoctorTest, warns_of_an_old_or_exposed_ollama_and_of_a_window_too_large) {
    probes.ollama_findings = OllamaFindings{.version = "0.9.6", .model_window = 2'048};
    world.environment["OLLAMA_HOST"] = "gpu-box";
    EXPECT_EQ(check("ollama: version").verdict, Verdict::warn);
    EXPECT_THAT(check("ollama: version").seen, HasSubstr("CVE-2026-7482"));
    EXPECT_EQ(check("ollama: window").remedy, "Set context_tokens = 2048.");
    EXPECT_EQ(check("ollama: exposure").verdict, Verdict::warn);
}

TEST_F(DoctorTest, names_the_wrong_host_of_the_tutorial) {
    world.environment["NANOGPT_API_URL"] = "https://api.nanogpt.io/v1";
    probes.lists.erase("nanogpt");
    EXPECT_THAT(check("nanogpt: reachable").remedy, HasSubstr("https://nano-gpt.com/api/v1"));
    const auto checks = look();
    EXPECT_TRUE(std::ranges::any_of(
        checks, [](const Check& each) { return each.name == "settings" && each.verdict == Verdict::warn; }));
}

TEST_F(DoctorTest, never_asks_a_provider_that_has_no_key) {
    world.environment["NANOGPT_API_KEY"] = "your_key_here";
    EXPECT_EQ(check("nanogpt: key").verdict, Verdict::bad);
    EXPECT_EQ(std::ranges::count(probes.asked, "nanogpt"), 0);
    EXPECT_GT(std::ranges::count(probes.asked, "ollama"), 0);
}

TEST_F(DoctorTest, sees_what_threatens_the_data) {
    probes.data_findings = {.directory = "/data",
                            .not_writable = "permission denied",
                            .free_bytes = 1'000,
                            .on_network = true,
                            .owner = "evenkeel serve (process 42)",
                            .damage = "page 7 is not in order"};
    EXPECT_EQ(check("data: directory").verdict, Verdict::bad);
    EXPECT_EQ(check("data: disk").verdict, Verdict::bad);
    EXPECT_EQ(check("data: file system").verdict, Verdict::bad);
    EXPECT_EQ(check("data: soundness").verdict, Verdict::bad);
    EXPECT_THAT(check("data: owner").seen, HasSubstr("evenkeel serve (process 42)"));
}

TEST_F(DoctorTest, warns_of_an_open_door_and_of_a_clock_that_was_never_set) {
    world.environment["EVENKEEL_SERVER_LISTEN"] = "0.0.0.0:8484";
    probes.now = *parse_wall("1970-01-01T00:00:12.000Z");
    EXPECT_EQ(check("server: listen").verdict, Verdict::warn);
    EXPECT_EQ(check("clock").verdict, Verdict::bad);
}

TEST_F(DoctorTest, ends_with_1_where_something_is_bad_and_with_78_where_the_settings_are) {
    TestOutput screens(60);
    const std::vector<Check> checks{
        {Verdict::bad, "ollama: model", "llama3.1:8b is not pulled", "Run: ollama pull llama3.1:8b"},
        {Verdict::ok, "clock", "2026-11-22T12:00:00.000Z", ""}};
    EXPECT_EQ(show_checks(checks, true, screens.output), 1);
    EXPECT_EQ(screens.out.written,
              "bad   ollama: model  llama3.1:8b is not pulled\n"
              "                     → Run: ollama pull llama3.1:8b\n"
              "ok    clock          2026-11-22T12:00:00.000Z\n"
              "\n1 to mend, 0 to look at.\n");
    EXPECT_EQ(show_checks(checks, false, screens.output), 78);
    TestOutput json;
    json.output.json = true;
    show_checks(checks, true, json.output);
    EXPECT_THAT(json.out.written, HasSubstr(R"({"sound":false,"checks":[{"name":"ollama: model","verdict":"bad")"));
}

TEST_F(DoctorTest, shows_broken_settings_and_asks_nobody_then) {
    world.files["./evenkeel.toml"] = "[queue]\ntll = \"1h\"\n";
    const auto checks = look();
    EXPECT_THAT(checks.at(0).seen, HasSubstr("evenkeel.toml, line 2: [queue] tll"));
    EXPECT_TRUE(probes.asked.empty());
}

TEST(Versions, are_compared_by_number) {
    EXPECT_TRUE(is_older("0.9.6", "0.17.1"));
    EXPECT_TRUE(is_older("v0.17.0-rc1", "0.17.1"));
    EXPECT_FALSE(is_older("0.17.1", "0.17.1"));
    EXPECT_FALSE(is_older("1.0", "0.17.1"));
    EXPECT_FALSE(is_older("", "0.17.1"));
}

}  // namespace
}  // namespace evenkeel
