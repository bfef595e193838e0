#include "net/socket_address.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace evenkeel {
namespace {

TEST(SocketAddress, reads_numeric_hosts_and_refuses_names) {
    const std::vector<std::pair<std::string, std::string>> table{{"127.0.0.1", "127.0.0.1:80"},
                                                                 {"::1", "[::1]:80"},
                                                                 {"2001:DB8::1", "[2001:db8::1]:80"},
                                                                 {"0.0.0.0", "0.0.0.0:80"}};
    for (const auto& [host, text] : table) {
        const auto address = SocketAddress::numeric(host, 80);
        ASSERT_TRUE(address.has_value()) << host;
        EXPECT_EQ(address->text(), text);
        EXPECT_EQ(address->port(), 80);
        EXPECT_EQ(address->with_port(443), *SocketAddress::numeric(host, 443));
    }
    for (const std::string_view name : {"", "localhost", "nano-gpt.com", "1.2.3.4.5", "[::1]", "::g"})
        EXPECT_FALSE(SocketAddress::numeric(name, 80).has_value()) << name;
}

TEST(SocketAddress, a_path_may_have_as_many_bytes_as_the_kernel_takes) {
    const std::string longest = "/" + std::string(106, 'x');
    const auto address = SocketAddress::unix_path(longest);
    ASSERT_TRUE(address.has_value());
    EXPECT_EQ(address->text(), "unix:" + longest);
    EXPECT_EQ(address->port(), 0);
    const auto refused = SocketAddress::unix_path(longest + "x");
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, "path_too_long");
    EXPECT_THAT(refused.error().detail, ::testing::HasSubstr("choose a shorter directory"));
    EXPECT_FALSE(SocketAddress::unix_path("").has_value());
}

std::string mixed(std::string_view families) {
    std::vector<SocketAddress> addresses;
    std::uint16_t port = 1;
    for (const char family : families)
        addresses.push_back(*SocketAddress::numeric(family == '4' ? "1.1.1.1" : "::1", port++));
    std::string result;
    for (const SocketAddress& address : families_alternating(addresses)) result += std::to_string(address.port());
    return result;
}

TEST(SocketAddress, families_alternate_and_keep_their_order) {
    EXPECT_EQ(mixed(""), "");
    EXPECT_EQ(mixed("444"), "123");
    EXPECT_EQ(mixed("666444"), "142536");
    EXPECT_EQ(mixed("46666"), "12345");
    EXPECT_EQ(mixed("44466"), "14253");
}

struct Reach {
    const char* host;
    bool is_public;
};
class SocketAddressReach : public ::testing::TestWithParam<Reach> {};

TEST_P(SocketAddressReach, tells_the_internet_from_our_own_networks) {
    EXPECT_EQ(SocketAddress::numeric(GetParam().host, 443).value().is_public(), GetParam().is_public);
}

INSTANTIATE_TEST_SUITE_P(
    Hosts, SocketAddressReach,
    ::testing::Values(Reach{"1.1.1.1", true}, Reach{"8.8.8.8", true}, Reach{"172.15.255.255", true},
                      Reach{"172.32.0.0", true}, Reach{"100.63.255.255", true}, Reach{"192.0.1.1", true},
                      Reach{"223.255.255.255", true}, Reach{"2606:4700:4700::1111", true}, Reach{"0.0.0.0", false},
                      Reach{"10.1.2.3", false}, Reach{"100.64.0.1", false}, Reach{"127.0.0.1", false},
                      Reach{"127.255.255.254", false}, Reach{"169.254.169.254", false}, Reach{"172.16.0.1", false},
                      Reach{"172.31.255.255", false}, Reach{"192.0.0.8", false}, Reach{"192.0.2.1", false},
                      Reach{"192.168.1.1", false}, Reach{"198.19.0.1", false}, Reach{"198.51.100.7", false},
                      Reach{"203.0.113.7", false}, Reach{"224.0.0.1", false}, Reach{"255.255.255.255", false},
                      Reach{"::", false}, Reach{"::1", false}, Reach{"::ffff:1.1.1.1", false},
                      Reach{"::ffff:127.0.0.1", false}, Reach{"64:ff9b::7f00:1", false}, Reach{"fe80::1", false},
                      Reach{"fc00::1", false}, Reach{"fd12::1", false}, Reach{"ff02::1", false},
                      Reach{"2001::1", false}, Reach{"2001:db8::1", false}, Reach{"2002:7f00:1::", false}));

TEST(SocketAddress, a_unix_socket_is_not_public) {
    EXPECT_FALSE(SocketAddress::unix_path("/tmp/x").value().is_public());
}

}  // namespace
}  // namespace evenkeel
