#include "config/provider_loader.hpp"

#include <tuple>

#include "config/load_world.hpp"

namespace evenkeel {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(ProviderLoader, with_a_key_in_dotenv_asks_nanogpt_first_and_ollama_next) {
    World world;
    world.files[".env"] =
        "NANOGPT_API_KEY=sk-nano-0b2f6f6e-9a4e\nNANOGPT_MODEL=x/y:online\nOLLAMA_HOST=0.0.0.0\nOLLAMA_MODEL=qwen3:4b\n";
    const Loaded loaded = world.load();
    ASSERT_TRUE(loaded.errors.empty()) << errors_of(loaded);
    EXPECT_FALSE(needs_practice(loaded.settings));
    ASSERT_EQ(loaded.settings.providers.size(), 2u);
    const ProviderSettings& nanogpt = loaded.settings.providers[0];
    EXPECT_EQ(nanogpt.name, "nanogpt");
    EXPECT_EQ(nanogpt.model, "x/y:online");
    EXPECT_EQ(to_string(nanogpt.url), "https://nano-gpt.com/api/v1");
    EXPECT_EQ(nanogpt.api_key.reveal(), "sk-nano-0b2f6f6e-9a4e");
    EXPECT_EQ(nanogpt.context_tokens, 128'000);
    EXPECT_EQ(nanogpt.first_content_timeout, Millis{10'000});
    EXPECT_DOUBLE_EQ(nanogpt.rate_limit.per_second, 25);
    EXPECT_FALSE(nanogpt.local);
    EXPECT_EQ(to_string(loaded.settings.providers[1].url), "http://127.0.0.1:11434");
    EXPECT_EQ(loaded.settings.providers[1].model, "qwen3:4b");
    EXPECT_EQ(source_of(loaded, "provider nanogpt", "model"), ".env, line 2: NANOGPT_MODEL");
}

TEST(ProviderLoader, without_a_model_name_uses_one_fixed_default) {
    World world;
    world.environment["NANOGPT_API_KEY"] = "sk-nano-0b2f6f6e";
    const Loaded loaded = world.load();
    EXPECT_EQ(loaded.settings.providers.at(0).model, nanogpt_model);
    EXPECT_EQ(source_of(loaded, "provider nanogpt", "model"), "default");
}

TEST(ProviderLoader, reads_the_providers_of_a_file_in_their_order) {
    World world;
    world.environment["MY_KEY"] = "abc";
    world.secret_files["/k"] = "from-file";
    const Loaded loaded = world.load_file(R"(
[[provider]]
name = "local"
kind = "ollama"
base_url = "gpu-box"
model = "m"
context_tokens = 4096
local = true

[[provider]]
name = "cloud"
base_url = "https://api.example.com/v1/"
api_key_env = "MY_KEY"
model = "n"
price_input = 0.15
price_output = 1
rate_limit = "600/m"
first_content_timeout = "250ms"

[[provider]]
name = "other"
base_url = "http://127.0.0.1:9000/v1"
api_key_file = "/k"
model = "o"
)");
    ASSERT_TRUE(loaded.errors.empty()) << errors_of(loaded);
    ASSERT_EQ(loaded.settings.providers.size(), 3u);
    const auto& [local, cloud, other] =
        std::tie(loaded.settings.providers[0], loaded.settings.providers[1], loaded.settings.providers[2]);
    EXPECT_EQ(to_string(local.url), "http://gpu-box:11434");
    EXPECT_TRUE(local.local);
    EXPECT_EQ(local.context_tokens, 4096);
    EXPECT_EQ(to_string(cloud.url), "https://api.example.com/v1");
    EXPECT_EQ(cloud.api_key.reveal(), "abc");
    EXPECT_EQ(cloud.price_input, 0.15);
    EXPECT_EQ(cloud.price_output, 1.0);
    EXPECT_DOUBLE_EQ(cloud.rate_limit.per_second, 10);
    EXPECT_EQ(cloud.first_content_timeout, Millis{250});
    EXPECT_FALSE(cloud.local);
    EXPECT_TRUE(other.local) << "loopback is local by itself";
    EXPECT_EQ(other.api_key.reveal(), "from-file");
    EXPECT_FALSE(needs_practice(loaded.settings));
}

TEST(ProviderLoader, lets_the_environment_override_the_file_for_the_providers_it_names) {
    World world;
    world.environment["OLLAMA_HOST"] = "box:1234";
    world.environment["OLLAMA_MODEL"] = "qwen3:4b";
    const Loaded loaded = world.load_file("[[provider]]\nname = \"ollama\"\nmodel = \"m\"\nbase_url = \"elsewhere\"\n");
    ASSERT_TRUE(loaded.errors.empty()) << errors_of(loaded);
    EXPECT_TRUE(loaded.settings.providers.at(0).is_ollama()) << "its name says its kind";
    EXPECT_EQ(to_string(loaded.settings.providers[0].url), "http://box:1234");
    EXPECT_EQ(loaded.settings.providers[0].model, "qwen3:4b");
    EXPECT_FALSE(loaded.settings.providers[0].local);
}

TEST(ProviderLoader, never_shows_a_key) {
    World world;
    world.environment["NANOGPT_API_KEY"] = "sk-nano-SECRET with blank";
    Loaded loaded = world.load_file("[[provider]]\nname = \"ollama\"\napi_key = \"sk-SECRET\"\n");
    EXPECT_THAT(errors_of(loaded),
                AllOf(HasSubstr("line 3"), HasSubstr("A key never stands in this file"), HasSubstr("api_key_env")));
    EXPECT_EQ(errors_of(loaded).find("SECRET"), std::string::npos);
    world.files.clear();
    loaded = world.load();
    EXPECT_THAT(errors_of(loaded), AllOf(HasSubstr("environment: NANOGPT_API_KEY"), HasSubstr("no key has")));
    EXPECT_EQ(errors_of(loaded).find("SECRET"), std::string::npos);
    world.environment["NANOGPT_API_KEY"] = "sk-nano-SECRETSECRET-9f2c";
    world.environment["NANOGPT_API_URL"] = "https://user:SECRET@nano-gpt.com/api/v1";
    loaded = world.load();
    EXPECT_EQ(errors_of(loaded).find("SECRET"), std::string::npos) << errors_of(loaded);
    world.environment.erase("NANOGPT_API_URL");
    for (const SettingOrigin& each : world.load().settings.origins)
        EXPECT_EQ(each.value.find("SECRET"), std::string::npos);
}

TEST(ProviderLoader, explains_the_dotenv_of_the_tutorial) {
    World world;
    world.files[".env"] =
        "NANOGPT_API_KEY=your_key_here\nNANOGPT_API_URL=https://api.nanogpt.io/v1\nOLLAMA_HOST=http://"
        "localhost:11434\n";
    const Loaded loaded = world.load();
    ASSERT_TRUE(loaded.errors.empty()) << errors_of(loaded);
    EXPECT_THAT(warnings_of(loaded), AllOf(HasSubstr(".env, line 1: NANOGPT_API_KEY"), HasSubstr("placeholder"),
                                           HasSubstr(".env, line 2: NANOGPT_API_URL = https://api.nanogpt.io/v1"),
                                           HasSubstr("Write https://nano-gpt.com/api/v1")));
    EXPECT_FALSE(loaded.settings.providers.at(0).left_out.empty());
    EXPECT_TRUE(loaded.settings.providers.at(0).api_key.empty());
    EXPECT_TRUE(loaded.settings.providers.at(1).left_out.empty()) << "the local model still answers";
}

TEST(ProviderLoader, takes_a_placeholder_alone_for_nothing_configured) {
    World world;
    world.files[".env"] = "NANOGPT_API_KEY=your_key_here\n";
    const Loaded loaded = world.load();
    ASSERT_TRUE(loaded.errors.empty()) << errors_of(loaded);
    EXPECT_TRUE(needs_practice(loaded.settings));
    world.environment["OLLAMA_KEEP_ALIVE"] = "5m";
    EXPECT_FALSE(needs_practice(world.load().settings)) << "whoever sets OLLAMA_* has an Ollama";
}

TEST(ProviderLoader, says_where_a_missing_key_belongs) {
    World world;
    Loaded loaded = world.load_file("[[provider]]\nname = \"nanogpt\"\n");
    EXPECT_THAT(warnings_of(loaded), HasSubstr("Put NANOGPT_API_KEY=… into the file .env"));
    EXPECT_THAT(errors_of(loaded), HasSubstr("No provider can be used"));
    loaded = world.load_file("[[provider]]\nname = \"nanogpt\"\n[[provider]]\nname = \"ollama\"\n");
    EXPECT_TRUE(loaded.errors.empty()) << errors_of(loaded);
    EXPECT_EQ(loaded.settings.providers.at(0).left_out, "NANOGPT_API_KEY is not set");
}

TEST(ProviderLoader, warns_of_what_works_but_was_hardly_meant) {
    struct Case {
        Variables environment;
        std::string_view says;
    };
    for (const Case& each :
         {Case{{{"OLLAMA_HOST", "box:99999"}}, "not a port"},
          Case{{{"OLLAMA_HOST", "http://box:11434/v1"}}, "Leave out /v1"},
          Case{{{"NANOGPT_API_KEY", "k1"}, {"NANOGPT_API_URL", "http://proxy.lan/v1"}}, "in the clear"},
          Case{{{"NANOGPT_API_KEY", "k1"}, {"NANOGPT_API_URL", "https://nano-gpt.com/api"}},
               "Write https://nano-gpt.com/api/v1"},
          Case{{{"NANOGPT_KEY", "k1"}}, "Did you mean NANOGPT_API_KEY?"}}) {
        World world;
        world.environment.insert(each.environment.begin(), each.environment.end());
        const Loaded loaded = world.load();
        EXPECT_TRUE(loaded.errors.empty()) << errors_of(loaded);
        EXPECT_THAT(warnings_of(loaded), HasSubstr(each.says));
    }
}

}  // namespace
}  // namespace evenkeel
