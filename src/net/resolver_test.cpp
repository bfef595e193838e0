#include "net/resolver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <map>

#include "core/async.hpp"
#include "net/fd_watch.hpp"
#include "testing/real_loop.hpp"

namespace evenkeel {
namespace {

using testing::RealLoop;

/// A name server on loopback that answers from a table.
class NameServer {
public:
    enum class Manner { answer, no_such_name, server_failure, silence };
    struct Entry {
        Manner manner = Manner::answer;
        std::string v4, v6;  ///< Four and sixteen bytes in network order; empty: no data.
    };

    explicit NameServer(Loop& loop)
        : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)), watch_(loop, fd_.get()), serving_(loop) {
        const auto any = SocketAddress::numeric("127.0.0.1", 0);
        EXPECT_EQ(::bind(fd_.get(), any->get(), any->length()), 0);
        sockaddr_storage own{};
        socklen_t length = sizeof own;
        ::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&own), &length);
        port = SocketAddress(reinterpret_cast<const sockaddr*>(&own), length).port();
        serving_.spawn(serve());
    }

    std::uint16_t port = 0;
    std::map<std::string, Entry> entries;
    int asked = 0;
    bool silent_for_six = false;

private:
    Task<void> serve() {
        for (;;) {
            co_await watch_.readable();
            std::array<char, 512> buffer;
            sockaddr_storage from{};
            socklen_t length = sizeof from;
            const ssize_t got =
                ::recvfrom(fd_.get(), buffer.data(), buffer.size(), 0, reinterpret_cast<sockaddr*>(&from), &length);
            if (got < 17) continue;
            ++asked;
            const std::string reply = answer(std::string(buffer.data(), static_cast<std::size_t>(got)));
            if (!reply.empty())
                ::sendto(fd_.get(), reply.data(), reply.size(), 0, reinterpret_cast<sockaddr*>(&from), length);
        }
    }
    std::string answer(const std::string& query) const {
        std::string name;
        std::size_t at = 12;
        for (; query[at] != 0; at += static_cast<std::size_t>(query[at]) + 1)
            name += (name.empty() ? "" : ".") + query.substr(at + 1, static_cast<std::size_t>(query[at]));
        const bool six = query[at + 2] == 28;
        const auto found = entries.find(name);
        const Entry entry = found == entries.end() ? Entry{.manner = Manner::no_such_name} : found->second;
        if (entry.manner == Manner::silence || (six && silent_for_six)) return {};
        const std::string& data = six ? entry.v6 : entry.v4;
        const bool has_data = entry.manner == Manner::answer && !data.empty();
        const char code = entry.manner == Manner::no_such_name ? 3 : entry.manner == Manner::server_failure ? 2 : 0;
        std::string reply = query.substr(0, 2) + '\x81' + static_cast<char>('\x80' | code);
        reply += std::string{0, 1, 0, has_data ? '\1' : '\0', 0, 0, 0, 0} + query.substr(12, at + 5 - 12);
        if (has_data)
            reply +=
                std::string{'\xc0', 12, 0, six ? '\x1c' : '\1', 0, 1, 0, 0, 0, 60, 0, static_cast<char>(data.size())} +
                data;
        return reply;
    }
    UniqueFd fd_;
    FdWatch watch_;
    TaskGroup serving_;
};

class Resolving : public ::testing::Test {
protected:
    ~Resolving() override { ::unlink(path_.c_str()); }
    /// "address:port address:port", or "code: detail".
    std::string resolve(const std::string& name, Millis patience = Millis{1}) {
        const auto result = real_.run(resolver_.resolve(name, 443, patience));
        if (!result) return result.error().code + ": " + result.error().detail;
        std::string text;
        for (const SocketAddress& address : *result) text += (text.empty() ? "" : " ") + address.text();
        return text;
    }
    static NameServer::Entry v4(char last) { return {.v4 = std::string{10, 0, 0, last}}; }
    static std::string v6(char last) { return std::string("\x20\x01\x0d\xb8") + std::string(11, '\0') + last; }
    void write_configuration(const std::string& text) const { std::ofstream(path_) << text; }

    RealLoop real_;
    NameServer server_{real_.loop};
    std::string path_ = make_configuration();
    Resolver resolver_{real_.env(), real_.loop, {.configuration = path_, .port = server_.port}};

private:
    static std::string make_configuration() {
        std::string path = ::testing::TempDir() + "evenkeel-resolv-XXXXXX";
        const UniqueFd fd(::mkstemp(path.data()));
        std::ofstream(path) << "nameserver 127.0.0.1\n";
        return path;
    }
};

TEST_F(Resolving, numbers_and_localhost_ask_nobody) {
    EXPECT_EQ(resolve("192.0.2.7"), "192.0.2.7:443");
    EXPECT_EQ(resolve("::1"), "[::1]:443");
    EXPECT_EQ(resolve("localhost"), "127.0.0.1:443 [::1]:443");
    EXPECT_EQ(resolve("Ollama.LOCALHOST"), "127.0.0.1:443 [::1]:443");
    EXPECT_EQ(server_.asked, 0);
}

TEST_F(Resolving, gives_both_families_of_a_name) {
    server_.entries["api.example"] = {.v4 = std::string{10, 0, 0, 1}, .v6 = v6(1)};
    EXPECT_EQ(resolve("api.example"), "[2001:db8::1]:443 10.0.0.1:443");
    server_.entries["four.example"] = v4(4);
    EXPECT_EQ(resolve("four.example"), "10.0.0.4:443");
    server_.entries["six.example"] = {.v6 = v6(6)};
    EXPECT_EQ(resolve("six.example"), "[2001:db8::6]:443");
}

TEST_F(Resolving, says_that_a_name_is_unknown) {
    EXPECT_EQ(resolve("nano-gtp.example"),
              "name_not_found: no address is known for nano-gtp.example: check the host's spelling, and the network");
    server_.entries["empty.example"] = {};
    EXPECT_THAT(resolve("empty.example"), ::testing::StartsWith("name_not_found: "));
    EXPECT_THAT(resolve("no..dots"), ::testing::StartsWith("name_not_found: "));
    const auto error = real_.run(resolver_.resolve("nano-gtp.example", 1, Millis{1})).error();
    EXPECT_EQ(error.cls, ErrorClass::transient);
    EXPECT_EQ(error.origin, Origin::provider);
    EXPECT_EQ(error.scope, Scope::provider);
}

TEST_F(Resolving, a_failing_name_server_is_told_apart_from_an_unknown_name) {
    server_.entries["api.example"] = {.manner = NameServer::Manner::server_failure};
    EXPECT_THAT(resolve("api.example"), ::testing::StartsWith("dns_failed: the name servers give no address for"));
}

TEST_F(Resolving, the_last_good_addresses_serve_while_the_name_server_fails_or_hangs) {
    server_.entries["api.example"] = v4(1);
    EXPECT_EQ(resolve("api.example"), "10.0.0.1:443");
    for (const auto manner : {NameServer::Manner::server_failure, NameServer::Manner::silence}) {
        server_.entries["api.example"].manner = manner;
        EXPECT_EQ(resolve("api.example"), "10.0.0.1:443");
    }
    EXPECT_EQ(real_.notes.count("dns.last_good_used"), 2u);
}

TEST_F(Resolving, a_name_that_was_taken_away_is_not_served_from_memory) {
    server_.entries["api.example"] = v4(1);
    EXPECT_EQ(resolve("api.example"), "10.0.0.1:443");
    server_.entries["api.example"].manner = NameServer::Manner::no_such_name;
    EXPECT_THAT(resolve("api.example", Millis{10'000}), ::testing::StartsWith("name_not_found"));
}

TEST_F(Resolving, a_name_that_moved_is_followed) {
    server_.entries["api.example"] = v4(1);
    EXPECT_EQ(resolve("api.example"), "10.0.0.1:443");
    server_.entries["api.example"] = v4(2);
    EXPECT_EQ(resolve("api.example", Millis{10'000}), "10.0.0.2:443");
}

Task<void> resolve_for_ever(Resolver& resolver, int& ended) {
    if (co_await resolver.resolve("hung.example", 443, Millis{1})) ++ended;
}

TEST_F(Resolving, a_hung_name_blocks_no_other_and_can_be_given_up) {
    server_.entries["hung.example"] = {.manner = NameServer::Manner::silence};
    server_.entries["api.example"] = v4(1);
    int ended = 0;
    {
        TaskGroup group(real_.loop);
        group.spawn(resolve_for_ever(resolver_, ended));
        group.spawn(resolve_for_ever(resolver_, ended));
        EXPECT_EQ(resolve("api.example"), "10.0.0.1:443");
        EXPECT_EQ(group.size(), 2u);
    }
    EXPECT_EQ(resolve("api.example"), "10.0.0.1:443");
    EXPECT_EQ(ended, 0);
}

TEST_F(Resolving, one_family_that_hangs_does_not_keep_the_other_back) {
    // The server answers for IPv4; for IPv6 the reply is lost.
    server_.entries["half.example"] = v4(5);
    server_.silent_for_six = true;
    EXPECT_EQ(resolve("half.example"), "10.0.0.5:443");
}

TEST_F(Resolving, a_changed_configuration_is_read_without_a_restart) {
    server_.entries["api.example"] = v4(1);
    EXPECT_EQ(resolve("api.example"), "10.0.0.1:443");
    // The machine went to a network whose name server is not there; what was asked of it stays open.
    write_configuration("# away\nnameserver 127.0.0.2\n");
    const int asked = server_.asked;
    EXPECT_EQ(resolve("api.example"), "10.0.0.1:443");
    EXPECT_EQ(server_.asked, asked);
    EXPECT_EQ(real_.notes.count("dns.last_good_used"), 1u);
    server_.entries["api.example"] = v4(2);
    write_configuration("# back home\nnameserver 127.0.0.1\n");
    EXPECT_EQ(resolve("api.example", Millis{10'000}), "10.0.0.2:443");
}

TEST_F(Resolving, remembers_a_bounded_number_of_names) {
    const auto name = [](std::size_t i) { return "n" + std::to_string(i) + ".example"; };
    for (std::size_t i = 0; i <= 2 * Resolver::names_kept_max; ++i) {
        server_.entries[name(i)] = v4(1);
        ASSERT_EQ(resolve(name(i)), "10.0.0.1:443");
    }
    for (auto& [_, entry] : server_.entries) entry.manner = NameServer::Manner::server_failure;
    EXPECT_THAT(resolve(name(0)), ::testing::StartsWith("dns_failed"));
    EXPECT_EQ(resolve(name(2 * Resolver::names_kept_max)), "10.0.0.1:443");
}

}  // namespace
}  // namespace evenkeel
