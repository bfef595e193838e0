#include "daemon/command_key.hpp"

#include <string>

#include "access/key_arguments.hpp"
#include "testing/scripted_desk.hpp"
#include "testing/sim.hpp"
#include "testing/test_output.hpp"

namespace evenkeel {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::string_view a_key =
    R"({"id":"0193c1d2-7f3a-7abc-8def-0123456789ab","name":"bot","prefix":"sk-evk-Ab3d","state":"in use",)"
    R"("scopes":["chat","models"],"limits":{"requests_per_minute":60,"tokens_per_day":100000,"usd_per_day":null,)"
    R"("usd_per_month":7.5,"concurrent":4,"downgrade":true,"webhooks":[],"models":[]},)"
    R"("created_at":"2026-01-01T00:00:00.000Z","expires_at":null,"revoked_at":null,)"
    R"("last_used_at":"2026-01-01T00:00:00.000Z",)"
    R"("used":{"tokens_today":1234,"usd_today":0.25,"usd_this_month":0.5,"cost_unknown_this_month":0})";

struct KeyCommands : ::testing::Test {
    int create(const command::KeyCreate& options, const KeyTalk& talk = {.listen = "127.0.0.1:8484"}) {
        desk.replies["key.create"] = std::string(a_key) + R"(,"first":true})";
        return sim.run(run_key_create(desk, sim.env(), options, talk, screens.output));
    }
    /// The key that the command made and sent.
    std::string sent() {
        JsonDoc doc;
        return std::string(doc.parse(desk.calls.at(0).second).value()["secret"].string_or("none"));
    }
    testing::Sim sim;
    testing::ScriptedDesk desk{sim.scheduler};
    TestOutput screens{140};
};

TEST_F(KeyCommands, create_shows_the_key_once_with_a_call_that_works) {
    EXPECT_EQ(create({.name = "bot"}), 0);
    const std::string key = sent();
    EXPECT_THAT(key, StartsWith("sk-evk-"));
    EXPECT_THAT(screens.out.written, HasSubstr("\n  " + key + "\n"));
    EXPECT_THAT(screens.out.written, HasSubstr("curl http://127.0.0.1:8484/v1/chat/completions -H \"Authorization: "
                                               "Bearer " +
                                               key + "\""));
    EXPECT_THAT(screens.out.written, HasSubstr("60 requests a minute · 100,000 tokens a day · $7.50 a month · then "
                                               "local providers · 4 at a time"));
    EXPECT_THAT(screens.err.written, HasSubstr("first key"));
    EXPECT_THAT(screens.err.written, Not(HasSubstr(key)));
}

TEST_F(KeyCommands, create_sends_what_the_owner_understands) {
    command::KeyCreate options{.name = "bot",
                               .scopes = {"chat", "metrics"},
                               .requests_per_minute = 60,
                               .tokens_per_day = 5,
                               .usd_per_day = 0.5,
                               .usd_per_month = 0.0,
                               .concurrent = 3};
    options.downgrade = true;
    options.webhooks = {"https://a.example/"};
    options.models = {"gpt-4o"};
    options.expires = Millis{60'000};
    EXPECT_EQ(create(options), 0);
    JsonDoc doc;
    const auto understood = read_new_key(doc.parse(desk.calls.at(0).second).value());
    ASSERT_TRUE(understood) << understood.error().detail;
    EXPECT_EQ(understood->record.name, "bot");
    EXPECT_TRUE(understood->record.scopes.has(KeyScope::metrics));
    EXPECT_FALSE(understood->record.scopes.has(KeyScope::models));
    EXPECT_EQ(understood->expires_in, Millis{60'000});
    const KeyLimits expected{.requests_per_minute = 60,
                             .tokens_per_day = 5,
                             .usd_per_day = 0.5,
                             .usd_per_month = 0.0,
                             .concurrent = 3,
                             .downgrade = true,
                             .webhooks = {"https://a.example/"},
                             .models = {"gpt-4o"}};
    EXPECT_EQ(understood->record.limits, expected);
}

TEST_F(KeyCommands, each_key_is_another) {
    create({.name = "bot"});
    const std::string first = sent();
    desk.calls.clear();
    create({.name = "bot"});
    EXPECT_NE(sent(), first);
}

TEST_F(KeyCommands, quiet_gives_the_key_alone_and_json_one_object) {
    screens.output.quiet = true;
    EXPECT_EQ(create({.name = "bot"}), 0);
    EXPECT_EQ(screens.out.written, sent() + "\n");
    EXPECT_EQ(screens.err.written, "");
    screens.out.written.clear();
    desk.calls.clear();
    screens.output.json = true;
    EXPECT_EQ(create({.name = "bot"}), 0);
    JsonDoc doc;
    const auto json = doc.parse(screens.out.written);
    ASSERT_TRUE(json);
    EXPECT_EQ((*json)["key"].string(), sent());
    EXPECT_EQ((*json)["name"].string(), "bot");
}

TEST_F(KeyCommands, a_budget_in_usd_that_cannot_hold_is_told) {
    const KeyTalk talk{.listen = "0.0.0.0:80", .unpriced = {"nanogpt"}};
    EXPECT_EQ(create({.name = "bot"}, talk), 0);
    EXPECT_THAT(screens.err.written, Not(HasSubstr("price")));
    EXPECT_THAT(screens.out.written, HasSubstr("http://127.0.0.1:80/"));
    EXPECT_EQ(create({.name = "bot", .usd_per_day = 1}, talk), 0);
    EXPECT_THAT(screens.err.written, HasSubstr("nanogpt without a price"));
}

TEST_F(KeyCommands, list_shows_what_each_may_and_did) {
    desk.replies["key.list"] = "[" + std::string(a_key) + "}]";
    screens.output.now = WallTime{Millis{1'767'225'600'000}} + Millis{300'000};
    EXPECT_EQ(sim.run(run_key_list(desk, {}, screens.output)), 0);
    for (const char* part : {"bot", "0193c1d2-7f3a", "sk-evk-Ab3d…", "in use", "chat,models", "1,234 tokens, $0.25",
                             "5 min ago", "60 requests a minute"})
        EXPECT_THAT(screens.out.written, HasSubstr(part));
    EXPECT_EQ(desk.calls.at(0).second, R"({"all":false})");
}

TEST_F(KeyCommands, list_says_so_when_there_is_none) {
    desk.replies["key.list"] = "[]";
    EXPECT_EQ(sim.run(run_key_list(desk, {}, screens.output)), 0);
    EXPECT_THAT(screens.out.written, HasSubstr("evenkeel key create NAME"));
}

TEST_F(KeyCommands, revoke_does_all_it_can_and_ends_with_the_first_failure) {
    EXPECT_NE(sim.run(run_key_revoke(desk, {.keys = {"a", "b"}}, screens.output)), 0);
    EXPECT_EQ(desk.calls.size(), 2u);
    desk.replies["key.revoke"] = std::string(a_key) + "}";
    EXPECT_EQ(sim.run(run_key_revoke(desk, {.keys = {"bot"}}, screens.output)), 0);
    EXPECT_THAT(screens.out.written, HasSubstr("revoked: bot (sk-evk-Ab3d…)"));
    EXPECT_EQ(desk.calls.at(2).second, R"({"key":"bot"})");
}

TEST_F(KeyCommands, without_limits_the_text_says_none) {
    JsonDoc doc;
    EXPECT_EQ(key_limits_text(doc.parse(R"({"concurrent":null,"downgrade":false})").value()), "none");
    EXPECT_EQ(key_limits_text(doc.parse(R"({"usd_per_day":0,"downgrade":true})").value()),
              "$0 a day · then local providers");
}

}  // namespace
}  // namespace evenkeel
