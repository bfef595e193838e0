#include "config/field_loader.hpp"

namespace evenkeel {
namespace {

Given in_file(std::string text, int line) { return {{Written::As::string, std::move(text)}, "e.toml", line, ""}; }

TEST(FieldLoader, the_strongest_good_value_stands_and_a_bad_one_is_told_wherever_it_stands) {
    const Field& field = *find_field("queue", "ttl");
    Millis ttl{};
    std::vector<Problem> errors;
    const Given environment{{Written::As::plain, "2h"}, "environment", 0, "EVENKEEL_QUEUE_TTL"};
    const Given standing =
        assign_given(field, &ttl, "[queue] ttl", {in_file("1h", 1), in_file("soon", 2), environment}, errors);
    EXPECT_EQ(ttl, Millis{7'200'000});
    EXPECT_EQ(standing.name, "EVENKEEL_QUEUE_TTL");
    ASSERT_EQ(errors.size(), 1u);
    EXPECT_EQ(errors[0].line, 2);
    EXPECT_EQ(errors[0].field, "[queue] ttl");
    EXPECT_EQ(errors[0].value, "\"soon\"");
}

TEST(FieldLoader, says_where_a_value_was_given) {
    EXPECT_EQ(Given{}.source(), "default");
    EXPECT_EQ(in_file("x", 3).source(), "e.toml, line 3");
    EXPECT_EQ(given_by({"OLLAMA_HOST", "x", ".env", 2}).source(), ".env, line 2: OLLAMA_HOST");
    EXPECT_EQ(given_by({"OLLAMA_HOST", "x", "environment", 0}).source(), "environment: OLLAMA_HOST");
    EXPECT_EQ((Given{{}, "command line", 0, "--data"}.source()), "--data");
}

}  // namespace
}  // namespace evenkeel
