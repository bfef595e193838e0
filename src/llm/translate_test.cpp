#include "llm/translate.hpp"

#include <gtest/gtest.h>

namespace evenkeel {
namespace {

TEST(Translate, FindsTheTextsOfMessagesInBothDialects) {
    const auto body = parse_caller_body(
        Dialect::openai,
        R"({"messages":[{"role":"developer","content":"Be kind"},{"role":"user","content":[{"text":"Hi "},)"
        R"({"text":"you"}]},{"role":"assistant","content":null,"tool_calls":[{"function":)"
        R"({"name":"f","arguments":"{\"city\":\"Rome\"}"}}]},{"role":"tool","content":"warm"},7]})");
    ASSERT_TRUE(body);
    const std::vector<Turn> expected{{Role::system, "Be kind"},
                                     {Role::user, "Hi you"},
                                     {Role::assistant, R"({"city":"Rome"})"},
                                     {Role::user, "warm"},
                                     {Role::user, ""}};
    EXPECT_EQ(turns_of(*body), expected);
}

TEST(Translate, WritesKeepAliveAsOllamaReadsIt) {
    const auto written = [](std::string_view text) {
        std::string out;
        JsonWriter json(out);
        json.object();
        write_keep_alive(json, text);
        json.end_object();
        return out;
    };
    EXPECT_EQ(written("300"), R"({"keep_alive":300})");
    EXPECT_EQ(written("-1"), R"({"keep_alive":-1})");
    EXPECT_EQ(written("5m"), R"({"keep_alive":"5m"})");
    EXPECT_EQ(written(""), "{}");
}

TEST(Translate, BlamesNoProviderForANumberThatCannotBeRead) {
    for (const Dialect dialect : {Dialect::openai, Dialect::ollama}) {
        const auto body =
            parse_caller_body(dialect, R"({"messages":[{"role":"user","content":"Hi"}],"x":123456789012345678901234})");
        ASSERT_TRUE(body);
        const auto told =
            dialect == Dialect::ollama ? openai_body_of(*body, R"("m")", false) : ollama_body_of(*body, {});
        ASSERT_FALSE(told);
        EXPECT_EQ(told.error().origin, Origin::caller);
        EXPECT_EQ(told.error().cls, ErrorClass::capacity);
    }
}

}  // namespace
}  // namespace evenkeel
