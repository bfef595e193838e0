#include "config/problem.hpp"

#include <array>

namespace evenkeel {
namespace {

TEST(Problem, reads_as_place_fault_and_remedy) {
    EXPECT_EQ(to_text(Problem{"evenkeel.toml", 12, "[queue] ttl", "\"24x\"", "This is not a duration.", "Write 24h."},
                      "error"),
              "error: evenkeel.toml, line 12: [queue] ttl = \"24x\"\n"
              "       This is not a duration.\n"
              "       Write 24h.\n");
    EXPECT_EQ(to_text(Problem{"", 0, "", "", "No provider can be used.", ""}, "warning"),
              "warning: No provider can be used.\n");
}

TEST(Problem, shows_long_and_odd_values_as_one_short_line) {
    const std::string text = to_text(Problem{"f", 1, "a", std::string(500, 'x') + "\n\x1b[31m", "w", "r"}, "error");
    EXPECT_LT(text.size(), 150u);
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

TEST(Problem, suggests_only_what_is_near) {
    constexpr std::array<std::string_view, 4> known{"ttl", "max_pending", "max_attempts", "lease"};
    EXPECT_EQ(nearest("tll", known), "ttl");
    EXPECT_EQ(nearest("max_pendin", known), "max_pending");
    EXPECT_EQ(nearest("Max-Attempts", known), "max_attempts");
    EXPECT_EQ(nearest("colour", known), "");
    EXPECT_EQ(did_you_mean("tll", known, "No."), "Did you mean \"ttl\"?");
    EXPECT_EQ(did_you_mean("colour", known, "No."), "No.");
}

}  // namespace
}  // namespace evenkeel
