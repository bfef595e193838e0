#include "llm/tool_arguments.hpp"

#include <gtest/gtest.h>

#include <string>

namespace evenkeel {
namespace {

struct Calls {
    ToolArguments arguments;
    void add(const std::string& json) {
        JsonDoc document;
        const auto call = document.parse(json);
        ASSERT_TRUE(call);
        arguments.add(*call);
    }
};

TEST(ToolArguments, are_put_together_from_their_pieces) {
    Calls calls;
    calls.add(R"({"index":0,"id":"a","function":{"name":"f","arguments":""}})");
    calls.add(R"({"index":0,"function":{"arguments":"{\"x\":"}})");
    EXPECT_FALSE(calls.arguments.can_be_read());
    calls.add(R"({"index":1,"function":{"arguments":"{}"}})");
    calls.add(R"({"index":0,"function":{"arguments":"1}"}})");
    EXPECT_TRUE(calls.arguments.can_be_read());
}

TEST(ToolArguments, whole_calls_need_no_index) {
    Calls calls;
    calls.add(R"({"function":{"name":"f","arguments":"{}"}})");
    calls.add(R"({"function":{"name":"g","arguments":"[1]"}})");
    EXPECT_TRUE(calls.arguments.can_be_read());
    calls.add(R"({"function":{"name":"h","arguments":"sure, here it is"}})");
    EXPECT_FALSE(calls.arguments.can_be_read());
}

TEST(ToolArguments, may_be_missing_and_may_be_objects_already) {
    Calls calls;
    calls.add(R"({"index":0,"function":{"name":"now"}})");
    calls.add(R"({"index":1,"function":{"name":"f","arguments":{"x":1}}})");
    EXPECT_TRUE(calls.arguments.can_be_read());
}

TEST(ToolArguments, over_the_limit_are_not_judged_and_not_kept) {
    Calls calls;
    for (int i = 0; i < 40; ++i)
        calls.add(R"({"index":0,"function":{"arguments":")" + std::string(8'000, 'x') + R"("}})");
    EXPECT_TRUE(calls.arguments.can_be_read());
}

}  // namespace
}  // namespace evenkeel
