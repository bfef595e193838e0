#include "daemon/command_config.hpp"

#include <cstdlib>

#include "config/load_world.hpp"
#include "os/files.hpp"
#include "testing/test_output.hpp"

namespace evenkeel {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(ConfigCommands, check_is_content_with_good_settings) {
    TestOutput screens;
    World world;
    world.environment["OLLAMA_HOST"] = "box";
    EXPECT_EQ(run_config_check(world.load_file("[queue]\nttl = \"1h\"\n"), screens.output), 0);
    EXPECT_EQ(screens.out.written, "The settings are good (evenkeel.toml).\n");
    EXPECT_EQ(screens.err.written, "");
}

TEST(ConfigCommands, check_names_every_fault_and_ends_with_78) {
    TestOutput screens;
    World world;
    EXPECT_EQ(run_config_check(world.load_file("[queue]\ntll = \"24h\"\nmax_pending = 0\n"), screens.output), 78);
    EXPECT_EQ(screens.err.written,
              "error: evenkeel.toml, line 2: [queue] tll = \"24h\"\n"
              "       There is no such setting.\n"
              "       Did you mean \"ttl\"?\n"
              "error: evenkeel.toml, line 3: [queue] max_pending = 0\n"
              "       This is out of range.\n"
              "       Use 1 to 10000000.\n"
              "2 errors; nothing starts until they are mended.\n");
}

TEST(ConfigCommands, warnings_are_kept_back_where_quiet_is_wanted) {
    World world;
    world.files[".env"] = "NANOGPT_API_KEY=your_key_here\n";
    TestOutput loud, quiet;
    quiet.output.quiet = true;
    EXPECT_TRUE(report_problems(world.load(), loud.output));
    EXPECT_TRUE(report_problems(world.load(), quiet.output));
    EXPECT_THAT(loud.err.written, HasSubstr("warning: .env, line 1: NANOGPT_API_KEY"));
    EXPECT_EQ(quiet.err.written, "");
}

TEST(ConfigCommands, show_lists_value_and_source_and_never_a_key) {
    World world;
    world.files[".env"] = "NANOGPT_API_KEY=sk-nano-SECRETSECRET-9f2c\n";
    for (const bool json : {false, true}) {
        TestOutput screens(200);
        screens.output.json = json;
        EXPECT_EQ(run_config_show(world.load_file("[queue]\nttl = \"1h\"\n"), screens.output), 0);
        EXPECT_EQ(screens.out.written.find("SECRET"), std::string::npos);
        EXPECT_THAT(screens.out.written,
                    AllOf(HasSubstr("evenkeel.toml, line 2"), HasSubstr("sk-n…9f2c"), HasSubstr("listen")));
    }
}

TEST(ConfigCommands, init_writes_a_file_once) {
    std::string directory = "/tmp/evenkeel-config-XXXXXX";
    ASSERT_NE(mkdtemp(directory.data()), nullptr);
    const std::string file = directory + "/evenkeel.toml";
    TestOutput screens;
    EXPECT_EQ(run_config_init({.file = file}, screens.output), 0);
    EXPECT_EQ(run_config_init({.file = file}, screens.output), 65);
    EXPECT_THAT(screens.err.written, AllOf(HasSubstr("is there already"), HasSubstr("--force")));
    EXPECT_EQ(run_config_init({.file = file, .force = true}, screens.output), 0);
    EXPECT_THAT(os::read_file(file, 1 << 20).value(), HasSubstr("[queue]"));
    EXPECT_TRUE(os::remove_file(file));
    EXPECT_EQ(std::remove(directory.c_str()), 0);
}

}  // namespace
}  // namespace evenkeel
