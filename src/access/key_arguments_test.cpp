#include "access/key_arguments.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace evenkeel {
namespace {

constexpr std::string_view base =
    R"("id":"0193c1d2-7f3a-7abc-8def-0123456789ab","secret":"sk-evk-0123456789012345678901234567890123456789abC")";

Result<NewKey> read(std::string_view more) {
    JsonDoc doc;
    const std::string text = "{" + std::string(base) + "," + std::string(more) + "}";
    return read_new_key(doc.parse(text).value());
}

TEST(NewKey, is_read_with_all_its_limits) {
    const auto key =
        read(R"("name":"bot","scopes":["chat","operator"],"expires_in_s":60,"limits":{"requests_per_minute":60,)"
             R"("tokens_per_day":0,"usd_per_day":0.5,"usd_per_month":7,"concurrent":4,"downgrade":true,)"
             R"("webhooks":["https://a.example","https://b.example/hook"],"models":["gpt-4o"]})");
    ASSERT_TRUE(key) << key.error().detail;
    EXPECT_EQ(key->record.name, "bot");
    EXPECT_EQ(key->record.prefix, "sk-evk-0123");
    EXPECT_TRUE(key->record.scopes.has(KeyScope::chat));
    EXPECT_TRUE(key->record.scopes.has(KeyScope::operate));
    EXPECT_FALSE(key->record.scopes.has(KeyScope::models));
    EXPECT_EQ(key->expires_in, Millis{60'000});
    const KeyLimits expected{.requests_per_minute = 60,
                             .tokens_per_day = 0,
                             .usd_per_day = 0.5,
                             .usd_per_month = 7,
                             .concurrent = 4,
                             .downgrade = true,
                             .webhooks = {"https://a.example/", "https://b.example/hook"},
                             .models = {"gpt-4o"}};
    EXPECT_EQ(key->record.limits, expected);
}

TEST(NewKey, needs_nothing_but_a_name) {
    const auto key = read(R"("name":"bot")");
    ASSERT_TRUE(key);
    EXPECT_EQ(key->record.scopes, usual_key_scopes);
    EXPECT_EQ(key->record.limits, KeyLimits{});
    EXPECT_FALSE(key->expires_in);
}

TEST(NewKey, is_refused_where_something_cannot_be) {
    const std::vector<std::string> wrong{
        R"("name":"")",
        R"("name":" bot")",
        R"("name":"a\nb")",
        R"("name":12)",
        R"("name":")" + std::string(65, 'n') + "\"",
        R"("name":"b","scopes":["chats"])",
        R"("name":"b","scopes":[7])",
        R"("name":"b","expires_in_s":0)",
        R"("name":"b","expires_in_s":"30d")",
        R"("name":"b","limits":{"requests_per_minute":0})",
        R"("name":"b","limits":{"requests_per_minute":1.5})",
        R"("name":"b","limits":{"tokens_per_day":-1})",
        R"("name":"b","limits":{"usd_per_day":-0.1})",
        R"("name":"b","limits":{"usd_per_month":"7"})",
        R"("name":"b","limits":{"concurrent":0})",
        R"("name":"b","limits":{"downgrade":true})",
        R"("name":"b","limits":{"webhooks":["ftp://a.example/"]})",
        R"("name":"b","limits":{"webhooks":["https://"]})",
        R"("name":"b","limits":{"webhooks":["https:///x"]})",
        R"("name":"b","limits":{"webhooks":["https://u@a.example/"]})",
        R"("name":"b","limits":{"webhooks":["https://a.example/../x/"]})",
        R"("name":"b","limits":{"models":["a\nb"]})",
        R"("name":"b","limits":{"models":[""]})",
    };
    for (const std::string& each : wrong) {
        const auto key = read(each);
        ASSERT_FALSE(key) << each;
        EXPECT_EQ(key.error().code, "bad_argument") << each;
        EXPECT_EQ(key.error().detail.find("abC"), std::string::npos) << "the key itself is repeated nowhere";
    }
}

TEST(NewKey, takes_no_secret_that_is_too_easy) {
    for (const char* text :
         {R"({"name":"b"})", R"({"id":"0193c1d2-7f3a-7abc-8def-0123456789ab","secret":"hunter2","name":"b"})",
          R"({"secret":"sk-evk-0123456789012345678901234567890123456789abC","name":"b"})"}) {
        JsonDoc doc;
        EXPECT_FALSE(read_new_key(doc.parse(text).value())) << text;
    }
}

}  // namespace
}  // namespace evenkeel
