#include "config/load.hpp"

#include "config/load_world.hpp"

namespace evenkeel {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(LoadSettings, of_nothing_gives_the_defaults_and_an_ollama_and_wants_practice) {
    const Loaded loaded = World{}.load();
    ASSERT_TRUE(loaded.errors.empty()) << errors_of(loaded);
    EXPECT_TRUE(loaded.warnings.empty()) << warnings_of(loaded);
    const Settings& settings = loaded.settings;
    EXPECT_TRUE(needs_practice(settings));
    EXPECT_EQ(settings.server.listen, "127.0.0.1:8484");
    EXPECT_EQ(settings.storage.dir, "/home/ada/.local/state/evenkeel");
    EXPECT_EQ(settings.storage.retention, Millis{90 * 86'400'000LL});
    EXPECT_EQ(settings.chat.history_messages, 20);
    EXPECT_EQ(settings.chat.max_tokens, 1000);
    EXPECT_DOUBLE_EQ(settings.chat.temperature, 0.7);
    EXPECT_EQ(settings.queue.ttl, Millis{86'400'000});
    EXPECT_EQ(settings.queue.max_pending, 100'000);
    ASSERT_EQ(settings.providers.size(), 1u);
    const ProviderSettings& ollama = settings.providers[0];
    EXPECT_EQ(ollama.name, "ollama");
    EXPECT_TRUE(ollama.is_ollama());
    EXPECT_EQ(ollama.model, "llama3.1:8b");
    EXPECT_EQ(to_string(ollama.url), "http://127.0.0.1:11434");
    EXPECT_EQ(ollama.context_tokens, 8192);
    EXPECT_EQ(ollama.first_content_timeout, Millis{120'000});
    EXPECT_EQ(ollama.connect_timeout, Millis{2'000});
    EXPECT_TRUE(ollama.local);
    EXPECT_FALSE(ollama.price_input);
}

TEST(LoadSettings, keeps_flag_over_environment_over_dotenv_over_file_over_default) {
    World world;
    const std::string name = "dir";
    const auto source = [&] { return source_of(world.load(), "storage", name); };
    EXPECT_EQ(source(), "default");
    world.files["./evenkeel.toml"] = "[storage]\ndir = \"/from/file\"\n";
    EXPECT_EQ(source(), "evenkeel.toml, line 2");
    world.files[".env"] = "EVENKEEL_DATA=/from/dotenv\n";
    EXPECT_EQ(source(), ".env, line 1: EVENKEEL_DATA");
    world.environment["EVENKEEL_DATA"] = "/from/environment";
    EXPECT_EQ(source(), "environment: EVENKEEL_DATA");
    EXPECT_EQ(world.load().settings.storage.dir, "/from/environment");
    world.data_flag = "/from/flag";
    EXPECT_EQ(source(), "--data");
    EXPECT_EQ(world.load().settings.storage.dir, "/from/flag");
}

TEST(LoadSettings, takes_every_scalar_from_the_environment) {
    World world;
    world.environment["EVENKEEL_QUEUE_TTL"] = "2h";
    world.environment["EVENKEEL_CHAT_TEMPERATURE"] = "0";
    world.environment["EVENKEEL_SERVER_BODY_BYTES_MAX"] = "1MiB";
    const Loaded loaded = world.load();
    ASSERT_TRUE(loaded.errors.empty()) << errors_of(loaded);
    EXPECT_EQ(loaded.settings.queue.ttl, Millis{7'200'000});
    EXPECT_EQ(loaded.settings.chat.temperature, 0);
    EXPECT_EQ(loaded.settings.server.body_bytes_max.bytes, std::size_t{1} << 20);
}

struct Fault {
    std::string_view text;
    std::vector<std::string> says;
};

TEST(LoadSettings, names_file_line_field_value_and_remedy_of_every_fault) {
    const Fault faults[] = {
        {"[queue]\ntll = \"24h\"\n", {"evenkeel.toml, line 2: [queue] tll = \"24h\"", "Did you mean \"ttl\"?"}},
        {"[queu]\nttl = \"24h\"\n", {"line 1: [queu]", "Did you mean \"queue\"?"}},
        {"\n\n[queue]\nttl = \"24x\"\n", {"line 4: [queue] ttl = \"24x\"", "not a duration", "\"24h\""}},
        {"[queue]\nttl = 24\n", {"[queue] ttl = 24", "not a duration", "unit in quotes"}},
        {"[queue]\nmax_pending = 0\n", {"[queue] max_pending = 0", "out of range", "1 to 10000000"}},
        {"[queue]\nmax_pending = \"9\"\n", {"not a whole number", "without quotes"}},
        {"[queue]\nmax_pending = 1.5\n", {"[queue] max_pending = 1.5", "not a whole number"}},
        {"[chat]\ntemperature = 2.5\n", {"[chat] temperature = 2.5", "0 to 2"}},
        {"[chat]\nsystem_prompt = 3\n", {"not text", "quotes"}},
        {"[storage]\nengine = \"sqlit\"\n", {"Did you mean \"sqlite\"?"}},
        {"[server]\nlisten = \"8484\"\n[server2]\n", {"[server2]"}},
        {"[server]\nlisten = \"here:port\"\n", {"line 2: [server] listen = \"here:port\"", "127.0.0.1:8484"}},
        {"[server]\nbody_bytes_max = \"1TB\"\n", {"not a size", "16MiB"}},
        {"ttl = \"24h\"\n", {"line 1: ttl", "outside its section", "[queue]"}},
        {"zzz = 1\n", {"line 1: zzz"}},
        {"[provider]\nname = \"x\"\n", {"line 1: [provider]", "[[provider]]"}},
        {"[[queue]]\nttl = \"1h\"\n", {"line 1: [[queue]]", "Write [queue]"}},
        {"[[provider]]\nkind = \"ollama\"\n", {"line 1: [[provider]] name", "no name"}},
        {"[[provider]]\nname = \"My GPT\"\n", {"line 2: [[provider]] name = \"My GPT\"", "a to z"}},
        {"[[provider]]\nname = \"queue\"\n", {"meaning of its own"}},
        {"[[provider]]\nname = \"a\"\nkind = \"ollama\"\n[[provider]]\nname = \"a\"\n", {"line 5", "Two providers"}},
        {"[[provider]]\nname = \"a\"\nkind = \"olama\"\n", {"line 3", "Did you mean \"ollama\"?"}},
        {"[[provider]]\nname = \"a\"\nbase_url = \"https://x/v1\"\n", {"[[provider]] a: model", "required"}},
        {"[[provider]]\nname = \"a\"\nmodel = \"m\"\n", {"[[provider]] a: base_url", "required"}},
        {"[[provider]]\nname = \"a\"\nmodel = \"m\"\nbase_url = \"x.com/v1\"\n",
         {"line 4", "a: base_url = \"x.com/v1\"", "https://x.com/v1"}},
        {"[[provider]]\nname = \"ollama\"\nmodle = \"m\"\n",
         {"line 3: [[provider]] ollama: modle = \"m\"", "Did you mean \"model\"?"}},
        {"[[provider]]\nname = \"ollama\"\nrate_limit = \"25\"\n", {"not a rate", "\"25/s\""}},
        {"[[provider]]\nname = \"ollama\"\nlocal = \"yes\"\n", {"neither true nor false"}},
        {"[[provider]]\nname = \"ollama\"\napi_key_env = \"A\"\napi_key_file = \"b\"\n", {"named twice"}},
        {"[[provider]]\nname = \"ollama\"\napi_key_file = \"b\"\n", {"line 3", "api_key_file = \"b\"", "chmod 600"}},
        {"[queue]\nretry_delay_min = \"5m\"\nretry_delay_max = \"1m\"\n",
         {"[queue] retry_delay_min", "more than its _max"}},
        {"[route]\nhedge = \"clod\"\n", {"line 2", "[route] hedge", "no such provider"}},
        {"[queue\n", {"evenkeel.toml, line 1", "not valid TOML"}},
    };
    for (const Fault& fault : faults) {
        World world;
        const Loaded loaded = world.load_file(std::string(fault.text));
        ASSERT_FALSE(loaded.errors.empty()) << fault.text;
        for (const std::string& part : fault.says) EXPECT_THAT(errors_of(loaded), HasSubstr(part)) << fault.text;
    }
}

TEST(LoadSettings, tells_of_all_faults_at_once) {
    World world;
    world.files[".env"] = "broken line\n";
    const Loaded loaded = world.load_file("[queue]\ntll = \"24h\"\nmax_pending = 0\n[chatt]\n");
    EXPECT_EQ(loaded.errors.size(), 4u) << errors_of(loaded);
}

TEST(LoadSettings, finds_the_file_by_flag_then_name_then_place) {
    World world;
    world.files["/home/ada/.config/evenkeel/evenkeel.toml"] = "[chat]\nmax_tokens = 1\n";
    EXPECT_EQ(world.load().settings.chat.max_tokens, 1);
    world.files["./evenkeel.toml"] = "[chat]\nmax_tokens = 2\n";
    EXPECT_EQ(world.load().settings.chat.max_tokens, 2);
    world.files["/named.toml"] = "[chat]\nmax_tokens = 3\n";
    world.environment["EVENKEEL_CONFIG"] = "/named.toml";
    EXPECT_EQ(world.load().settings.chat.max_tokens, 3);
    world.files["/flag.toml"] = "[chat]\nmax_tokens = 4\n";
    world.config_flag = "/flag.toml";
    EXPECT_EQ(world.load().settings.chat.max_tokens, 4);
    EXPECT_EQ(world.load().settings.file, "/flag.toml");
}

TEST(LoadSettings, does_not_start_with_a_named_file_that_is_missing_or_unreadable) {
    World world;
    world.config_flag = "/flag.toml";
    EXPECT_THAT(errors_of(world.load()), AllOf(HasSubstr("--config = /flag.toml"), HasSubstr("no such file")));
    world.files["/flag.toml"] = "(unreadable)";
    EXPECT_THAT(errors_of(world.load()), HasSubstr("not permitted"));
    world = World{};
    world.files[".env"] = "(unreadable)";
    EXPECT_THAT(errors_of(world.load()), AllOf(HasSubstr(".env"), HasSubstr("not permitted")));
    world = World{};
    world.files["./evenkeel.toml"] = "(unreadable)";
    EXPECT_THAT(errors_of(world.load()), HasSubstr("./evenkeel.toml"));
}

TEST(LoadSettings, names_a_bad_value_of_the_environment) {
    World world;
    world.environment["EVENKEEL_QUEUE_TTL"] = "tomorrow";
    world.environment["OLLAMA_HOST"] = "ftp://box";
    const std::string text = errors_of(world.load());
    EXPECT_THAT(text, AllOf(HasSubstr("environment: EVENKEEL_QUEUE_TTL = tomorrow"),
                            HasSubstr("environment: OLLAMA_HOST = ftp://box")));
}

TEST(LoadSettings, without_a_home_asks_for_a_data_directory) {
    World world;
    world.state_directory.clear();
    EXPECT_THAT(errors_of(world.load()), HasSubstr("--data DIR"));
    world.data_flag = "/tmp/x";
    EXPECT_TRUE(world.load().errors.empty());
}

}  // namespace
}  // namespace evenkeel
