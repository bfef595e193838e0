#include "config/document.hpp"

#include "config/fields.hpp"
#include "config/load_world.hpp"
#include "core/json.hpp"
#include "os/files.hpp"

namespace evenkeel {
namespace {

using testing::HasSubstr;

TEST(SettingsDocument, in_the_repository_is_what_the_table_of_fields_says) {
    const auto page = os::read_file(EVENKEEL_SOURCE_DIR "/docs/settings.md", 1024 * 1024);
    ASSERT_TRUE(page) << describe(page.error());
    EXPECT_EQ(*page, settings_markdown());
}

TEST(SettingsDocument, holds_every_field) {
    for (const Field& field : fields()) {
        EXPECT_THAT(settings_markdown(), HasSubstr("| `" + std::string(field.name) + "` |"));
        EXPECT_THAT(settings_file(), HasSubstr("# " + std::string(field.name) + " = "));
    }
}

TEST(SettingsFile, changes_nothing_as_written) {
    World world;
    const Loaded loaded = world.load_file(settings_file());
    ASSERT_TRUE(loaded.errors.empty()) << errors_of(loaded);
    for (const SettingOrigin& each : loaded.settings.origins)
        if (!each.source.empty()) EXPECT_EQ(each.source, "default") << each.section << ' ' << each.name;
}

TEST(SettingsFile, means_the_defaults_when_every_comment_sign_before_a_setting_is_taken_away) {
    World world;
    world.environment["NANOGPT_API_KEY"] = "sk-nano-1234";
    const std::string with_comments = settings_file();
    std::string text;
    for (std::size_t at = 0; at < with_comments.size();) {
        const std::size_t end = with_comments.find('\n', at);
        std::string line = with_comments.substr(at, end - at);
        at = end + 1;
        for (const Field& field : fields())
            if (field.section != "provider" && line.starts_with("# " + std::string(field.name) + " = ")) {
                line = line.substr(2);
                break;
            }
        if (line.starts_with("# [[provider]]") || line.starts_with("# name =")) line = line.substr(2);
        if (line.starts_with("dir =") || line.starts_with("model =")) line = "";
        text += line + "\n";
    }
    const Loaded loaded = world.load_file(text);
    ASSERT_TRUE(loaded.errors.empty()) << errors_of(loaded);
    const Loaded plain = World{.environment = world.environment}.load();
    ASSERT_EQ(loaded.settings.origins.size(), plain.settings.origins.size());
    for (std::size_t i = 0; i < plain.settings.origins.size(); ++i)
        EXPECT_EQ(loaded.settings.origins[i].value, plain.settings.origins[i].value) << plain.settings.origins[i].name;
}

TEST(SettingsFile, keeps_within_the_usual_width) {
    const std::string text = settings_file();
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find('\n', at);
        EXPECT_LE(end - at, 100u) << text.substr(at, end - at);
        at = end + 1;
    }
}

TEST(SettingsJson, shows_value_and_source_and_masks_the_key) {
    World world;
    world.files[".env"] = "NANOGPT_API_KEY=sk-nano-SECRETSECRET-9f2c\n";
    const std::string text = settings_json(world.load().settings);
    EXPECT_EQ(text.find("SECRET"), std::string::npos);
    JsonDoc document;
    const auto root = document.parse(text);
    ASSERT_TRUE(root);
    EXPECT_EQ((*root)["dotenv"].string_or(""), ".env");
    bool found = false;
    for (const Json& each : (*root)["settings"].elements())
        found = found || (each["section"].string_or("") == "provider nanogpt" && each["name"].string_or("") == "key" &&
                          each["value"].string_or("") == "sk-n…9f2c");
    EXPECT_TRUE(found) << text;
}

}  // namespace
}  // namespace evenkeel
