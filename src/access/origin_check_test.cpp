#include "access/origin_check.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace evenkeel {
namespace {

struct Case {
    std::string_view host, origin;
    std::string_view outcome;  ///< "" or what Access-Control-Allow-Origin says; a refusal begins with "!".
};

std::string outcome_of(const OriginRules& rules, const Case& each) {
    const auto result = check_origin(rules, each.host, each.origin);
    if (result) return std::string(*result);
    EXPECT_EQ(result.error().http_status, 403);
    EXPECT_EQ(result.error().cls, ErrorClass::policy);
    return "!" + result.error().code;
}

void expect_all(const OriginRules& rules, const std::vector<Case>& cases) {
    for (const Case& each : cases)
        EXPECT_EQ(outcome_of(rules, each), each.outcome) << each.host << " from '" << each.origin << "'";
}

TEST(CheckOrigin, on_loopback_only_loopback_names_are_ours) {
    expect_all({.listen = {"127.0.0.1"}}, {{"127.0.0.1:8484", "", ""},
                                           {"127.0.0.1", "", ""},
                                           {"127.1.2.3:80", "", ""},
                                           {"localhost:8484", "", ""},
                                           {"LOCALHOST.", "", ""},
                                           {"bot.localhost:1", "", ""},
                                           {"[::1]:8484", "", ""},
                                           {"[::1]", "", ""},
                                           {"evil.example:8484", "", "!host_not_allowed"},
                                           {"127.0.0.1.evil.example", "", "!host_not_allowed"},
                                           {"localhost.evil.example", "", "!host_not_allowed"},
                                           {"evillocalhost", "", "!host_not_allowed"},
                                           {"127.evil", "", "!host_not_allowed"},
                                           {"192.168.1.9:8484", "", "!host_not_allowed"},
                                           {"[::1].evil.example", "", "!host_not_allowed"},
                                           {"[::1", "", "!host_not_allowed"},
                                           {"", "", "!host_not_allowed"}});
}

TEST(CheckOrigin, the_listen_address_and_listed_names_are_ours) {
    expect_all({.listen = {"192.168.1.9", "Bot.lan"}, .allow_hosts = {"bot.example.org", "*.apps.example.org"}},
               {{"192.168.1.9:8484", "", ""},
                {"bot.lan:8484", "", ""},
                {"BOT.example.org", "", ""},
                {"a.apps.example.org:443", "", ""},
                {"a.b.apps.example.org", "", ""},
                {"apps.example.org", "", "!host_not_allowed"},
                {"evilapps.example.org", "", "!host_not_allowed"},
                {"192.168.1.10", "", "!host_not_allowed"},
                {"example.org", "", "!host_not_allowed"}});
}

TEST(CheckOrigin, who_listens_everywhere_is_every_address_but_no_name) {
    for (const char* everywhere : {"0.0.0.0", "::", "[::]"})
        expect_all({.listen = {everywhere}}, {{"10.1.2.3:8484", "", ""},
                                              {"[2001:db8::5]:8484", "", ""},
                                              {"rebound.example:8484", "", "!host_not_allowed"},
                                              {"1.2.3.4.example", "", "!host_not_allowed"},
                                              {"999.1.1.1", "", "!host_not_allowed"}});
    expect_all({.listen = {"0.0.0.0"}, .allow_hosts = {"*"}}, {{"anything.example", "", ""}, {"", "", ""}});
}

TEST(CheckOrigin, foreign_pages_are_refused_unless_they_are_listed) {
    expect_all({.listen = {"127.0.0.1"}, .allow_origins = {"https://chat.example.org", "http://localhost:3000"}},
               {{"127.0.0.1:8484", "http://127.0.0.1:8484", ""},
                {"localhost:8484", "http://LOCALHOST:8484", ""},
                {"localhost:8484", "https://chat.example.org", "https://chat.example.org"},
                {"localhost:8484", "http://localhost:3000", "http://localhost:3000"},
                {"localhost:8484", "http://localhost:3001", "!origin_not_allowed"},
                {"localhost:8484", "http://chat.example.org", "!origin_not_allowed"},
                {"localhost:8484", "https://chat.example.org.evil.example", "!origin_not_allowed"},
                {"localhost:8484", "null", "!origin_not_allowed"},
                {"localhost:8484", "garbage", "!origin_not_allowed"},
                {"evil.example", "http://evil.example", "!host_not_allowed"}});
    expect_all({.listen = {"127.0.0.1"}, .allow_origins = {"*"}},
               {{"localhost", "https://any.example", "https://any.example"}});
}

TEST(MayListen, without_a_key_only_on_loopback) {
    struct Row {
        std::vector<std::string> listen;
        bool open, allowed;
    };
    const std::vector<Row> rows{{{"127.0.0.1"}, true, true},
                                {{"127.0.0.1", "::1", "localhost"}, true, true},
                                {{"127.0.0.1", "0.0.0.0"}, true, false},
                                {{"::"}, true, false},
                                {{"192.168.1.9"}, true, false},
                                {{"bot.lan"}, true, false},
                                {{""}, true, false},
                                {{"0.0.0.0", "::"}, false, true}};
    for (const Row& row : rows) {
        const auto result = may_listen(row.listen, row.open);
        EXPECT_EQ(result.has_value(), row.allowed) << row.listen.front();
        if (result) continue;
        EXPECT_EQ(result.error().code, "no_key");
        EXPECT_NE(result.error().detail.find("evenkeel key create"), std::string::npos);
    }
}

}  // namespace
}  // namespace evenkeel
