#include "llm/reply_writer.hpp"

#include <gtest/gtest.h>

namespace evenkeel {
namespace {

TEST(ToolCalls, JoinsFragmentsByTheirIndex) {
    ToolCalls calls;
    calls.take(R"({"index":0,"id":"c0","type":"function","function":{"name":"f","arguments":""}})");
    calls.take(R"({"index":0,"function":{"arguments":"{\"a\":"}})");
    calls.take(R"({"index":1,"id":"c1","function":{"name":"g","arguments":"{}"}})");
    calls.take(R"({"index":0,"function":{"arguments":"1}"}})");
    ASSERT_EQ(calls.all().size(), 2U);
    EXPECT_EQ(calls.all()[0].id, "c0");
    EXPECT_EQ(calls.all()[0].arguments, R"({"a":1})");
    EXPECT_EQ(calls.all()[1].name, "g");
}

TEST(ToolCalls, TakesWholeCallsAsTheyComeAndPassesOverWhatIsNone) {
    ToolCalls calls;
    calls.take(R"({"function":{"index":0,"name":"f","arguments":{"a":1}}})");
    calls.take(R"({"function":{"index":0,"name":"f","arguments":{"a":2}}})");
    calls.take("nonsense");
    ASSERT_EQ(calls.all().size(), 2U);
    EXPECT_EQ(calls.all()[1].arguments, R"({"a":2})");
    EXPECT_EQ(calls.all()[1].id, "");
}

}  // namespace
}  // namespace evenkeel
