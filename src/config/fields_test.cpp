#include "config/fields.hpp"

#include <algorithm>
#include <set>

namespace evenkeel {
namespace {

TEST(Fields, each_default_is_a_value_that_its_own_range_admits) {
    for (const Field& field : fields())
        for (const std::string_view fallback : {field.fallback, field.fallback_ollama}) {
            if (fallback.empty()) continue;
            Settings settings;
            ProviderSettings provider;
            const auto done =
                assign(field.slot(settings, provider), {Written::As::plain, std::string(fallback)}, field.limits);
            EXPECT_TRUE(done) << field.section << '.' << field.name << " = " << fallback;
        }
}

TEST(Fields, are_told_apart_explained_and_in_a_known_section) {
    std::set<std::string> seen;
    const auto known = section_names();
    for (const Field& field : fields()) {
        EXPECT_TRUE(seen.insert(std::string(field.section) + "." + std::string(field.name)).second) << field.name;
        EXPECT_NE(std::ranges::find(known, field.section), known.end()) << field.section;
        EXPECT_GT(field.help.size(), 10u) << field.name;
        EXPECT_TRUE(field.help.ends_with('.') || field.help.ends_with(')')) << field.name << ": " << field.help;
    }
}

TEST(Fields, each_has_a_place_of_its_own) {
    Settings settings;
    ProviderSettings provider;
    std::set<void*> places;
    for (const Field& field : fields())
        EXPECT_TRUE(
            places.insert(std::visit([](auto* place) -> void* { return place; }, field.slot(settings, provider)))
                .second)
            << field.section << '.' << field.name;
}

TEST(Fields, every_bound_has_a_range) {
    for (const Field& field : fields()) {
        Settings settings;
        ProviderSettings provider;
        const Slot slot = field.slot(settings, provider);
        const bool counts = !std::holds_alternative<std::string*>(slot) && !std::holds_alternative<bool*>(slot) &&
                            !std::holds_alternative<std::vector<std::string>*>(slot);
        EXPECT_EQ(counts, field.limits.low <= field.limits.high) << field.section << '.' << field.name;
    }
}

TEST(Fields, have_names_in_the_environment) {
    EXPECT_EQ(environment_name(*find_field("queue", "ttl")), "EVENKEEL_QUEUE_TTL");
    EXPECT_EQ(environment_name(*find_field("storage", "dir")), "EVENKEEL_DATA");
    EXPECT_EQ(environment_name(*find_field("provider", "model")), "");
    EXPECT_EQ(provider_environment_name("ollama", "base_url"), "OLLAMA_HOST");
    EXPECT_EQ(provider_environment_name("nanogpt", "model"), "NANOGPT_MODEL");
    EXPECT_EQ(provider_environment_name("other", "model"), "");
    EXPECT_EQ(find_field("queue", "nothing"), nullptr);
}

}  // namespace
}  // namespace evenkeel
