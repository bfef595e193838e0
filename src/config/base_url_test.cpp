#include "config/base_url.hpp"

namespace evenkeel {
namespace {

struct HostCase {
    std::string_view written, expected;
    bool warns = false;
};

// protocols.md 3.10, row by row, and what a server's own setting means to a client.
constexpr HostCase host_cases[] = {
    {"", "http://127.0.0.1:11434"},
    {"   ", "http://127.0.0.1:11434"},
    {"1.2.3.4", "http://1.2.3.4:11434"},
    {"example.com", "http://example.com:11434"},
    {"localhost", "http://localhost:11434"},
    {"1.2.3.4:5678", "http://1.2.3.4:5678"},
    {"example.com:5678", "http://example.com:5678"},
    {":1234", "http://127.0.0.1:1234"},
    {"http://example.com", "http://example.com"},
    {"https://example.com", "https://example.com"},
    {"http://example.com:1234", "http://example.com:1234"},
    {"https://example.com/ollama", "https://example.com/ollama"},
    {"example.com:1234/ollama/", "http://example.com:1234/ollama"},
    {"::1", "http://[::1]:11434"},
    {"[::1]", "http://[::1]:11434"},
    {"[::1]:1234", "http://[::1]:1234"},
    {"fe80::1", "http://[fe80::1]:11434"},
    {"example.com:66000", "http://example.com:11434", true},
    {":abc", "http://127.0.0.1:11434", true},
    {":-1", "http://127.0.0.1:11434", true},
    {"http://example.com:66000", "http://example.com", true},
    {"https://example.com:x", "https://example.com", true},
    {":0", "http://127.0.0.1:0"},
    {"1.2.3.4:0", "http://1.2.3.4:0"},
    {"ollama.com", "https://ollama.com"},
    {"0.0.0.0", "http://127.0.0.1:11434"},
    {"0.0.0.0:1234", "http://127.0.0.1:1234"},
    {"http://0.0.0.0:1234", "http://127.0.0.1:1234"},
    {"[::]", "http://[::1]:11434"},
    {"[::]:1234", "http://[::1]:1234"},
    {"::", "http://[::1]:11434"},
    {" \"1.2.3.4\" ", "http://1.2.3.4:11434"},
    {"'example.com:5678'", "http://example.com:5678"},
    {"HTTP://Example.COM:5678", "http://example.com:5678"},
};

TEST(OllamaHost, is_read_in_every_form_that_ollama_accepts) {
    for (const HostCase& each : host_cases) {
        const auto url = parse_ollama_host(each.written);
        ASSERT_TRUE(url) << each.written;
        EXPECT_EQ(to_string(*url), each.expected) << each.written;
        EXPECT_EQ(!url->warning.empty(), each.warns) << each.written << ": " << url->warning;
    }
}

TEST(OllamaHost, with_another_scheme_or_a_password_is_refused) {
    for (const std::string_view written : {"ftp://example.com", "unix:///run/ollama", "http://me:secret@host", "a b",
                                           "host/a\r\nX-Evil: 1", "host/a?b"}) {
        const auto url = parse_ollama_host(written);
        ASSERT_FALSE(url) << written;
        EXPECT_EQ(url.error().detail.find("secret"), std::string::npos);
    }
}

TEST(BaseUrl, keeps_what_matters_and_drops_what_does_not) {
    struct Case {
        std::string_view written, expected;
    };
    for (const Case& each : {Case{"https://nano-gpt.com/api/v1", "https://nano-gpt.com/api/v1"},
                             Case{" https://nano-gpt.com/api/v1// ", "https://nano-gpt.com/api/v1"},
                             Case{"HTTPS://Nano-GPT.com:443/api/v1thinking", "https://nano-gpt.com/api/v1thinking"},
                             Case{"http://[::1]:8080", "http://[::1]:8080"}, Case{"http://box/", "http://box"}}) {
        const auto url = parse_base_url(each.written);
        ASSERT_TRUE(url) << each.written;
        EXPECT_EQ(to_string(*url), each.expected);
    }
}

TEST(BaseUrl, that_cannot_work_is_refused_with_what_to_write) {
    struct Case {
        std::string_view written, says;
    };
    for (const Case& each :
         {Case{"nano-gpt.com/api/v1", "write https://nano-gpt.com/api/v1"}, Case{"ftp://x", "http or https"},
          Case{"https://", "names no host"}, Case{"https://u:p@x/v1", "api_key_env"},
          Case{"https://x/v1?a=b", "no \"?\""}, Case{"https://x/v1\r\nX-Evil: 1/y", "no blanks"},
          Case{"https://x:0/v1", "1 to 65535"}, Case{"https://x:70000", "1 to 65535"}, Case{"", "no scheme"},
          Case{"https://exa$mple", "not a host name"},
          Case{"https://nano-gpt.com/api/v1/chat/completions", "write https://nano-gpt.com/api/v1"}}) {
        const auto url = parse_base_url(each.written);
        ASSERT_FALSE(url) << each.written;
        EXPECT_NE(url.error().detail.find(each.says), std::string::npos) << url.error().detail;
    }
}

TEST(BaseUrl, knows_this_machine_without_asking_a_resolver) {
    for (const std::string_view here : {"localhost", "LOCALHOST", "127.0.0.1", "127.8.9.1", "::1", "ollama.localhost"})
        EXPECT_TRUE(is_loopback(here)) << here;
    for (const std::string_view elsewhere : {"10.0.0.1", "127.evil.com", "example.com", "localhost.com", "", "::"})
        EXPECT_FALSE(is_loopback(elsewhere)) << elsewhere;
}

}  // namespace
}  // namespace evenkeel
