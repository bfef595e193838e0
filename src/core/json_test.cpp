#include "core/json.hpp"

#include <gtest/gtest.h>

namespace evenkeel {
namespace {

TEST(Json, look_ups_need_no_checks_in_between) {
    JsonDoc doc;
    const Json root = *doc.parse(R"({"a":[{"b":"text"},2.0,2.5,null,true],"n":-3})");
    EXPECT_EQ(root["a"].at(0)["b"].string(), "text");
    EXPECT_EQ(root["a"].at(1).integer(), 2);
    EXPECT_FALSE(root["a"].at(2).integer());
    EXPECT_EQ(root["a"].at(2).number(), 2.5);
    EXPECT_TRUE(root["a"].at(3).is_nothing());
    EXPECT_EQ(root["a"].at(4).boolean(), true);
    EXPECT_EQ(root["n"].integer_or(0), -3);
    EXPECT_TRUE(root["x"]["y"].at(7).is_missing());
    EXPECT_EQ(root["x"].string_or("none"), "none");
    EXPECT_EQ(root["a"].size(), 5u);
    EXPECT_EQ(root["a"].elements().size(), 5u);
    EXPECT_EQ(root.members().at(1).first, "n");
    EXPECT_EQ(root["a"].at(0).to_text(), R"({"b":"text"})");
}

TEST(Json, broken_text_is_an_error_that_says_so) {
    JsonDoc doc;
    for (const char* broken : {"", "{", "[1,]", "{\"a\" 1}", "nul", "1 2", "\"\xff\""}) {
        const auto result = doc.parse(broken);
        ASSERT_FALSE(result.has_value()) << broken;
        EXPECT_EQ(result.error().code, "invalid_json");
        EXPECT_TRUE(doc.root().is_missing());
    }
}

TEST(Json, depth_is_bounded) {
    JsonDoc doc;
    EXPECT_TRUE(doc.parse(std::string(60, '[') + std::string(60, ']')).has_value());
    EXPECT_FALSE(doc.parse(std::string(70, '[') + std::string(70, ']')).has_value());
    EXPECT_FALSE(doc.parse(std::string(1'000'000, '[')).has_value());
}

TEST(Json, a_document_can_be_used_again_for_longer_text) {
    JsonDoc doc;
    ASSERT_TRUE(doc.parse("[1]").has_value());
    const std::string longer = "[\"" + std::string(100'000, 'x') + "\"]";
    EXPECT_EQ((*doc.parse(longer)).at(0).string()->size(), 100'000u);
}

}  // namespace
}  // namespace evenkeel
