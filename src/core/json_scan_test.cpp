#include "core/json_scan.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "core/json.hpp"

namespace evenkeel {
namespace {

using Members = std::vector<std::pair<std::string, std::string>>;

std::optional<JsonFlaw> scan(std::string_view text, Members* members = nullptr) {
    return scan_json_object(text, [&](std::string_view name, std::string_view value) {
        if (members != nullptr) members->emplace_back(name, value);
    });
}

std::string flaw_in(std::string_view text) {
    const auto flaw = scan(text);
    return flaw ? describe(*flaw, text) : "none";
}

TEST(JsonScan, GivesTheOuterMembersAsTheyAreWritten) {
    Members members;
    EXPECT_FALSE(scan(R"( {"model" : "a\"b", "n":-1.5e3,"deep":{"x":[1,{"y":null}]}, "t":true} )", &members));
    const Members expected{{"model", R"("a\"b")"}, {"n", "-1.5e3"}, {"deep", R"({"x":[1,{"y":null}]})"}, {"t", "true"}};
    EXPECT_EQ(members, expected);
}

TEST(JsonScan, SaysWhereTheTextIsWrong) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"", "line 1, column 1: there is nothing but blanks"},
        {"[1]", "line 1, column 1: a JSON object must begin with {"},
        {"{\"a\":1}x", "line 1, column 8: something follows the object's end"},
        {"{\n  \"a\": 1\n  \"b\": 2}", "line 3, column 3: a comma or } is missing"},
        {"{\"a\":1,}", "line 1, column 8: a member's name must be a string in double quotes"},
        {"{\"a\" 1}", "line 1, column 6: a colon is missing after the member's name"},
        {"{\"a\":}", "line 1, column 6: this is no value"},
        {"{\"a\":[1 2]}", "line 1, column 9: a comma or ] is missing"},
        {"{\"a\":01}", "line 1, column 6: a number must not begin with 0"},
        {"{\"a\":1.}", "line 1, column 8: a digit is missing after the point"},
        {"{\"a\":1e}", "line 1, column 8: a digit is missing in the exponent"},
        {"{\"a\":nul}", "line 1, column 6: this is no value: true, false and null are the only words"},
        {"{\"a\":\"\\x\"}", "line 1, column 7: this escape does not exist in JSON"},
        {"{\"a\":\"\\u12g4\"}", "line 1, column 7: \\u needs four hexadecimal digits"},
        {"{\"a\":\"x\ny\"}",
         "line 1, column 8: a control character stands in a string: write it as \\n, \\t or \\u00XX"},
        {"{\"a\":\"x", "line 1, column 8: the string is not closed: the text ends here"},
        {"{\"a\":[1", "line 1, column 8: the array is not closed: the text ends here"},
        {"{\"a\":1", "line 1, column 7: the object is not closed: the text ends here"},
        {"{\"a\":\"\xff\"}", "line 1, column 7: these bytes are not UTF-8"},
    };
    for (const auto& [text, what] : cases) EXPECT_EQ(flaw_in(text), what) << text;
}

TEST(JsonScan, BoundsTheDepth) {
    const auto nested = [](std::size_t depth) {
        return "{\"a\":" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
    };
    EXPECT_FALSE(scan(nested(json_depth_max)));
    EXPECT_TRUE(scan(nested(json_depth_max + 1)));
    EXPECT_TRUE(scan("{\"a\":" + std::string(1'000'000, '[')));
}

TEST(JsonScan, FindsSpecialBytesAtEveryPlaceInALongString) {
    for (std::size_t at = 0; at < 100; ++at) {
        std::string text(100, 'x');
        text[at] = '\x01';
        EXPECT_EQ(scan("{\"a\":\"" + text + "\"}").value().at, 6 + at);
        text[at] = '"';
        EXPECT_TRUE(scan("{\"a\":\"" + text + "\"}"));
    }
}

TEST(JsonScan, ReadsEscapesAtEveryPlaceInALongString) {
    for (std::size_t at = 0; at < 200; ++at) {
        for (const std::string_view escape : {R"(\n)", R"(\")", R"(\\)", R"(\u00e9)", R"(\\\")"}) {
            std::string text(200, 'x');
            text.insert(at, escape);
            EXPECT_FALSE(scan("{\"a\":\"" + text + "\"}")) << at << escape;
            EXPECT_TRUE(scan("{\"a\":\"" + text + "\\x\"}")) << at << escape;
        }
    }
}

TEST(JsonScan, AgreesWithTheParserOnEveryPrefixAndEveryChangedByte) {
    const std::string text = R"({"a":[1,-2.5,{"b":"\u00e9\n"}],"c":true,"d":null,"e":"äö"})";
    JsonDoc parser;
    const auto agree = [&](const std::string& changed) {
        const auto root = parser.parse(changed);
        EXPECT_EQ(!scan(changed), root && root->is_object()) << changed;
    };
    for (std::size_t at = 0; at < text.size(); ++at) {
        agree(text.substr(0, at));
        for (const char byte : {'x', '"', ',', '}', '0', '\x01', '\\', '\xff', ' '}) {
            std::string changed = text;
            changed[at] = byte;
            agree(changed);
        }
    }
}

}  // namespace
}  // namespace evenkeel
