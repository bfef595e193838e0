#include "config/value.hpp"

namespace evenkeel {
namespace {

using As = Written::As;
constexpr Limits no_limits{.low = 0, .high = -1};

Written plain(std::string text) { return {As::plain, std::move(text)}; }

TEST(Value, is_read_shown_and_read_again_alike) {
    std::string text;
    bool truth = false;
    std::int64_t whole = 0;
    double real = 0;
    std::optional<double> maybe;
    Millis duration{};
    ByteSize size;
    Rate rate;
    struct Case {
        Slot slot;
        std::string_view written, shown;
    };
    for (const Case& each :
         {Case{&text, "a \"b\"", "\"a \\\"b\\\"\""}, Case{&truth, "yes", "true"}, Case{&truth, "0", "false"},
          Case{&whole, "-7", "-7"}, Case{&real, "0.5", "0.5"}, Case{&maybe, "0.15", "0.15"},
          Case{&duration, "90m", "\"90m\""}, Case{&size, "64KiB", "\"64KiB\""}, Case{&size, "1000", "\"1000B\""},
          Case{&rate, "25/s", "\"25/s\""}, Case{&rate, "600/m", "\"10/s\""}, Case{&rate, "30/m", "\"30/m\""},
          Case{&rate, "30/h", "\"30/h\""}, Case{&rate, "0/s", "\"0/s\""}}) {
        ASSERT_TRUE(assign(each.slot, plain(std::string(each.written)), no_limits)) << each.written;
        EXPECT_EQ(written_value(each.slot), each.shown);
    }
    EXPECT_EQ(written_value(Slot(std::in_place_type<std::optional<double>*>, &maybe)), "0.15");
    maybe.reset();
    EXPECT_EQ(written_value(&maybe), "unset");
}

TEST(Value, a_list_is_read_from_a_file_and_from_the_environment) {
    std::vector<std::string> list;
    const std::vector<std::string> both{"a.example", "*.b.example"};
    ASSERT_TRUE(assign(&list, {As::list, "a.example,*.b.example"}, no_limits));
    EXPECT_EQ(list, both);
    EXPECT_EQ(written_value(&list), R"(["a.example", "*.b.example"])");
    ASSERT_TRUE(assign(&list, {As::string, "one"}, no_limits));
    EXPECT_EQ(list, std::vector<std::string>{"one"});
    ASSERT_TRUE(assign(&list, plain(" a.example ,, *.b.example"), no_limits));
    EXPECT_EQ(list, both);
    EXPECT_FALSE(assign(&list, {As::integer, "7"}, no_limits));
    EXPECT_FALSE(assign(&list, {As::other, "[…]"}, no_limits));
    EXPECT_EQ(list, both);
    ASSERT_TRUE(assign(&list, {As::list, ""}, no_limits));
    EXPECT_EQ(written_value(&list), "[]");
    EXPECT_EQ((Written{As::list, "a,b"}).shown(), R"(["a", "b"])");
    EXPECT_EQ(type_name(&list), "list of texts");
    std::string text;
    EXPECT_FALSE(assign(&text, {As::list, "a"}, no_limits));
}

TEST(Value, of_the_wrong_type_is_refused_and_leaves_the_slot_alone) {
    std::int64_t whole = 5;
    Millis duration{5};
    bool truth = true;
    std::string text = "keep";
    EXPECT_FALSE(assign(&whole, {As::string, "7"}, no_limits));
    EXPECT_FALSE(assign(&whole, {As::real, "7.0"}, no_limits));
    EXPECT_FALSE(assign(&whole, plain("99999999999999999999"), no_limits));
    EXPECT_FALSE(assign(&whole, plain("7x"), no_limits));
    EXPECT_FALSE(assign(&duration, {As::integer, "7"}, no_limits));
    EXPECT_FALSE(assign(&duration, plain("-7s"), no_limits));
    EXPECT_FALSE(assign(&truth, {As::string, "true"}, no_limits));
    EXPECT_FALSE(assign(&truth, plain("maybe"), no_limits));
    EXPECT_FALSE(assign(&text, {As::other, "[…]"}, no_limits));
    EXPECT_EQ(whole, 5);
    EXPECT_EQ(duration, Millis{5});
    EXPECT_TRUE(truth);
    EXPECT_EQ(text, "keep");
}

TEST(Value, out_of_range_names_the_range_in_its_own_unit) {
    Millis duration{};
    std::int64_t whole = 0;
    ByteSize size;
    std::string text;
    EXPECT_EQ(assign(&duration, plain("2m"), {.low = 50, .high = 60'000}).error().code, "Use 50ms to 1m.");
    EXPECT_EQ(assign(&whole, plain("0"), {.low = 1, .high = 9}).error().code, "Use 1 to 9.");
    EXPECT_EQ(assign(&size, plain("1B"), {.low = 1024, .high = 1 << 20}).error().code, "Use 1KiB to 1MiB.");
    EXPECT_EQ(assign(&text, plain("c"), {.low = 0, .high = -1, .words = "auto|never"}).error().code,
              "Use one of: auto, never.");
    EXPECT_TRUE(assign(&duration, plain("1m"), {.low = 50, .high = 60'000}));
    EXPECT_TRUE(assign(&duration, plain("50ms"), {.low = 50, .high = 60'000}));
    double real = 0;
    EXPECT_FALSE(assign(&real, plain("nan"), {.low = 0, .high = 2}));
    EXPECT_FALSE(assign(&real, plain("inf"), no_limits));
}

TEST(Value, says_what_it_is) {
    Millis duration{};
    std::string text;
    EXPECT_EQ(type_name(&duration), "duration");
    EXPECT_EQ(type_name(&text), "text");
    EXPECT_EQ(limits_text(&text, {.low = 0, .high = -1, .words = "a|b"}), "a, b");
    EXPECT_EQ(limits_text(&duration, no_limits), "");
}

}  // namespace
}  // namespace evenkeel
