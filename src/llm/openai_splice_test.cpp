#include "llm/openai_splice.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/json.hpp"

namespace evenkeel {
namespace {

std::string spliced(const std::string& json, std::string_view model, bool stream) {
    const auto body = parse_caller_body(Dialect::openai, json);
    EXPECT_TRUE(body);
    const SplicedBody parts = splice_openai(*body, model, stream);
    std::string text;
    for (const std::string_view piece : parts.pieces()) text += piece;
    EXPECT_EQ(parts.bytes(), text.size());
    JsonDoc document;
    EXPECT_TRUE(document.parse(text)) << text;
    return text;
}

TEST(OpenAiSplice, ReplacesTheModelAndLeavesEveryOtherByte) {
    EXPECT_EQ(spliced(R"({ "messages": [ ], "model" : "a", "x":1E+02 })", R"("b/c")", false),
              R"({ "messages": [ ], "model" : "b/c", "x":1E+02 })");
    EXPECT_EQ(spliced(R"({"messages":[],"model":"a"})", "", false), R"({"messages":[],"model":"a"})");
    EXPECT_EQ(spliced(R"({"messages":[]})", R"("m")", false), R"({"model":"m","messages":[]})");
    EXPECT_EQ(spliced(R"({"model":null,"messages":[]})", R"("m")", false), R"({"model":"m","messages":[]})");
}

TEST(OpenAiSplice, AsksForUsageWhereverTheCallerDidNot) {
    const auto streamed = [](const std::string& options) {
        return spliced(R"({"stream":true,"messages":[])" + options + "}", "", true);
    };
    EXPECT_EQ(streamed(""), R"({"stream_options":{"include_usage":true},"stream":true,"messages":[]})");
    EXPECT_EQ(streamed(R"(,"stream_options":null)"),
              R"({"stream":true,"messages":[],"stream_options":{"include_usage":true}})");
    EXPECT_EQ(streamed(R"(,"stream_options":{ })"),
              R"({"stream":true,"messages":[],"stream_options":{"include_usage":true }})");
    EXPECT_EQ(streamed(R"(,"stream_options":{"x":1})"),
              R"({"stream":true,"messages":[],"stream_options":{"include_usage":true,"x":1}})");
    EXPECT_EQ(streamed(R"(,"stream_options":{"include_usage":false})"),
              R"({"stream":true,"messages":[],"stream_options":{"include_usage":true}})");
    EXPECT_EQ(streamed(R"(,"stream_options":{"include_usage":true})"),
              R"({"stream":true,"messages":[],"stream_options":{"include_usage":true}})");
}

TEST(OpenAiSplice, ChangesWhetherItStreams) {
    EXPECT_EQ(spliced(R"({"messages":[]})", "", true),
              R"({"stream":true,"stream_options":{"include_usage":true},"messages":[]})");
    EXPECT_EQ(spliced(R"({"messages":[],"stream":true,"stream_options":{"include_usage":true}})", "", false),
              R"({"messages":[],"stream":false,"stream_options":null})");
    EXPECT_EQ(spliced(R"({"messages":[],"stream":null})", R"("m")", true),
              R"({"model":"m","stream_options":{"include_usage":true},"messages":[],"stream":true})");
}

}  // namespace
}  // namespace evenkeel
