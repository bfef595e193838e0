#include "config/names.hpp"

namespace evenkeel {
namespace {

TEST(Names, environment_goes_before_dotenv_and_an_empty_value_is_none) {
    const Names names({{"A", "env"}, {"B", ""}, {"D", " "}}, {{"A", "file", 1}, {"B", "file", 2}, {"C", "", 3}},
                      ".env");
    EXPECT_EQ(names.find("A")->value, "env");
    EXPECT_EQ(names.find("A")->file, "environment");
    EXPECT_EQ(names.find("B")->value, "file");
    EXPECT_EQ(names.find("B")->file, ".env");
    EXPECT_EQ(names.find("B")->line, 2);
    EXPECT_FALSE(names.find("C"));
    EXPECT_FALSE(names.find("D"));
}

TEST(Names, of_one_name_the_last_line_wins) {
    const Names names({}, {{"A", "1", 1}, {"A", "2", 5}}, ".env");
    EXPECT_EQ(names.find("A")->value, "2");
    EXPECT_EQ(names.find("A")->line, 5);
}

TEST(Names, finds_prefixes) {
    const Names names({{"OLLAMA_NUM_PARALLEL", "2"}, {"PATH", "/bin"}}, {}, ".env");
    EXPECT_TRUE(names.any_with_prefix("OLLAMA_"));
    EXPECT_FALSE(names.any_with_prefix("NANOGPT_"));
}

TEST(Names, warns_of_slips_and_of_nothing_else) {
    const Names names(
        {{"EVENKEEL_QUEUE_TLL", "1h"}, {"EVENKEEL_FAILPOINTS", "x"}, {"OLLAMA_MODELS", "/models"}, {"PATH", "/"}},
        {{"NANOGPT_KEY", "sk-secret", 4}, {"OLLAMA_URL", "http://x", 5}}, ".env");
    const auto found = names.likely_slips({"EVENKEEL_QUEUE_TTL", "NANOGPT_API_KEY", "OLLAMA_HOST", "OLLAMA_MODEL"});
    ASSERT_EQ(found.size(), 3u);
    EXPECT_EQ(found[0].remedy, "Did you mean EVENKEEL_QUEUE_TTL?");
    EXPECT_EQ(found[1].remedy, "Did you mean NANOGPT_API_KEY?");
    EXPECT_EQ(found[1].line, 4);
    EXPECT_EQ(to_text(found, "warning").find("secret"), std::string::npos);
    EXPECT_EQ(found[2].remedy, "Did you mean OLLAMA_HOST?");
}

}  // namespace
}  // namespace evenkeel
