#include "net/url.hpp"

namespace evenkeel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

struct Good {
    std::string_view text, host;
    std::uint16_t port;
    bool tls;
    std::string_view prefix, header;
};

TEST(BaseUrl, takes_the_forms_that_people_write) {
    const std::vector<Good> table{
        {"https://nano-gpt.com/api/v1", "nano-gpt.com", 443, true, "/api/v1", "nano-gpt.com"},
        {" https://nano-gpt.com/api/v1/ ", "nano-gpt.com", 443, true, "/api/v1", "nano-gpt.com"},
        {"HTTPS://Nano-GPT.com", "nano-gpt.com", 443, true, "", "nano-gpt.com"},
        {"http://localhost:11434//", "localhost", 11434, false, "", "localhost:11434"},
        {"http://127.0.0.1:443/v1", "127.0.0.1", 443, false, "/v1", "127.0.0.1:443"},
        {"https://[::1]:8443/x/y", "::1", 8443, true, "/x/y", "[::1]:8443"},
        {"http://[FE80::A]", "fe80::a", 80, false, "", "[fe80::a]"},
        {"http://my_host.internal:80", "my_host.internal", 80, false, "", "my_host.internal"},
    };
    for (const Good& each : table) {
        const auto url = parse_base_url(each.text);
        ASSERT_TRUE(url) << each.text << ": " << url.error().detail;
        EXPECT_EQ(url->endpoint.host, each.host) << each.text;
        EXPECT_EQ(url->endpoint.port, each.port) << each.text;
        EXPECT_EQ(url->endpoint.tls, each.tls) << each.text;
        EXPECT_EQ(url->prefix, each.prefix) << each.text;
        EXPECT_EQ(host_header(url->endpoint), each.header) << each.text;
    }
}

TEST(BaseUrl, takes_a_unix_socket) {
    const auto url = parse_base_url("unix:/run/evenkeel.sock");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->endpoint.path, "/run/evenkeel.sock");
    EXPECT_TRUE(url->endpoint.host.empty());
    EXPECT_EQ(host_header(url->endpoint), "localhost");
}

TEST(BaseUrl, says_what_is_wrong) {
    const std::vector<std::pair<std::string_view, std::string_view>> table{
        {"", "does not begin"},
        {"nano-gpt.com/api/v1", "does not begin with https://"},
        {"ftp://x", "scheme"},
        {"https://", "no host"},
        {"https:///v1", "no host"},
        {"https://:443", "no host"},
        {"https://a b/v1", "blank"},
        {"https://a\r\nb", "control"},
        {"https://x:0", "port"},
        {"https://x:65536", "port"},
        {"https://x:", "port"},
        {"https://x:-1", "port"},
        {"https://x:8a", "port"},
        {"https://::1/", "no host"},
        {"https://fe80::1/", "without brackets"},
        {"https://[::1", "without its ']'"},
        {"https://[::1]x", "after ']'"},
        {"https://[nano]", "IPv6"},
        {"https://x?key=1", "'?'"},
        {"https://x/v1#a", "'#'"},
        {"https://ex%41mple", "characters"},
        {"unix:relative", "absolute"},
    };
    for (const auto& [text, why] : table) {
        const auto url = parse_base_url(text);
        ASSERT_FALSE(url) << text;
        EXPECT_EQ(url.error().cls, ErrorClass::request);
        EXPECT_THAT(url.error().detail, HasSubstr(why)) << text;
    }
}

TEST(BaseUrl, never_repeats_a_password) {
    const auto url = parse_base_url("https://me:hunter2@nano-gpt.com/");
    ASSERT_FALSE(url);
    EXPECT_THAT(url.error().detail, HasSubstr("password"));
    EXPECT_EQ(url.error().detail.find("hunter2"), std::string::npos);
}

TEST(PercentDecoding, undoes_escapes_and_refuses_broken_ones) {
    EXPECT_EQ(percent_decoded("a%20b%2Fc%e2%82%ac+"), "a b/c\xE2\x82\xAC+");
    EXPECT_EQ(percent_decoded(""), "");
    for (const std::string_view broken : {"%", "%2", "%zz", "%-1", "%+1", "a%2", "%0x", "% 1"})
        EXPECT_EQ(percent_decoded(broken), std::nullopt) << broken;
}

TEST(QueryParameters, come_decoded_and_in_order) {
    EXPECT_THAT(*parse_query("a=1&b=x%20y+z&&c&=d&a=2%3D3"),
                ElementsAre(Pair("a", "1"), Pair("b", "x y z"), Pair("c", ""), Pair("", "d"), Pair("a", "2=3")));
    EXPECT_TRUE(parse_query("")->empty());
    EXPECT_EQ(parse_query("a=%4"), std::nullopt);
}

}  // namespace
}  // namespace evenkeel
