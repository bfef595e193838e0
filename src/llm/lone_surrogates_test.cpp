#include "llm/lone_surrogates.hpp"

#include <gtest/gtest.h>

namespace evenkeel {
namespace {

constexpr std::string_view smile = "\xF0\x9F\x99\x82";
constexpr std::string_view lost = "\xEF\xBF\xBD";

TEST(LoneSurrogates, leaves_whole_pairs_and_everything_else_alone) {
    for (const std::string_view sound : {R"({"a":"\ud83d\ude42"})", R"({"a":"\\ud83d"})", R"({"a":"\u00e9 \n \" \\"})",
                                         R"({"a":"\u12)", "\\", "", "{}"})
        EXPECT_EQ(with_stand_ins(sound), std::nullopt) << sound;
}

TEST(LoneSurrogates, stand_ins_are_what_json_can_carry) {
    EXPECT_EQ(with_stand_ins(R"("\ud83d")"), "\"\xF4\x8D\xA0\xBD\"");
    EXPECT_EQ(with_stand_ins(R"("\ude42x\ud83d\ude42")"), "\"\xF4\x8D\xB9\x82x\\ud83d\\ude42\"");
}

std::string joined(std::initializer_list<std::string_view> escapes) {
    SurrogateJoiner joiner;
    std::string all;
    for (const std::string_view escape : escapes)
        all += joiner.feed(with_stand_ins(escape).value_or(std::string(escape)));
    return all + joiner.finish();
}

TEST(SurrogateJoiner, makes_one_character_of_two_halves) {
    EXPECT_EQ(joined({R"(a\ud83d)", R"(\ude42b)"}), "a" + std::string(smile) + "b");
    EXPECT_EQ(joined({R"(\ud83d)", "", R"(\ude42)"}), smile);
    EXPECT_EQ(joined({"plain \xF4\x8F\xBF\xBD text"}), "plain \xF4\x8F\xBF\xBD text");
}

TEST(SurrogateJoiner, replaces_a_half_that_stays_alone) {
    EXPECT_EQ(joined({R"(a\ud83d)", "b"}), "a" + std::string(lost) + "b");
    EXPECT_EQ(joined({R"(a\ud83d)"}), "a" + std::string(lost));
    EXPECT_EQ(joined({R"(\ude42b)"}), std::string(lost) + "b");
    EXPECT_EQ(joined({R"(\ud83d)", R"(\ud83d)", R"(\ude42)"}), std::string(lost) + std::string(smile));
}

}  // namespace
}  // namespace evenkeel
