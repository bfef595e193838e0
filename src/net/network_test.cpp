#include "net/network.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "core/async.hpp"
#include "net/socket.hpp"
#include "testing/real_loop.hpp"
#include "testing/test_ca.hpp"

namespace evenkeel {
namespace {

using ::testing::HasSubstr;
using testing::RealLoop;

class RealNetwork : public ::testing::Test {
protected:
    std::unique_ptr<Listener> listener(const Endpoint& endpoint) {
        auto made = network_->listen(endpoint);
        EXPECT_TRUE(made.has_value());
        return made ? std::move(*made) : nullptr;
    }
    RealLoop real_;
    std::unique_ptr<Network> network_ = make_socket_network(real_.env(), real_.loop);
};

TEST_F(RealNetwork, dials_by_address_and_by_localhost) {
    const auto at = listener({.host = "127.0.0.1"});
    for (const std::string host : {"127.0.0.1", "localhost"}) {
        const auto connection = real_.run(network_->dial({.host = host, .port = at->port()}));
        ASSERT_TRUE(connection.has_value()) << connection.error().detail;
        EXPECT_EQ((*connection)->peer(), "127.0.0.1:" + std::to_string(at->port()));
        EXPECT_EQ((*connection)->peer_uid(), std::nullopt);
    }
}

TEST_F(RealNetwork, does_not_dial_our_own_networks_for_those_who_are_not_trusted) {
    const auto at = listener({.host = "127.0.0.1"});
    for (const std::string host : {"127.0.0.1", "localhost", "::1"}) {
        const auto refused = real_.run(network_->dial({.host = host, .port = at->port(), .public_only = true}));
        ASSERT_FALSE(refused.has_value()) << host;
        EXPECT_EQ(refused.error().code, "private_address");
    }
}

TEST_F(RealNetwork, dials_unix_sockets) {
    const std::string path = ::testing::TempDir() + "evenkeel-net-" + std::to_string(::getpid()) + ".sock";
    const auto at = listener({.path = path});
    const auto connection = real_.run(network_->dial({.path = path}));
    ASSERT_TRUE(connection.has_value());
    EXPECT_EQ((*connection)->peer_uid(), ::getuid());
    EXPECT_EQ(real_.run(network_->dial({.path = std::string(200, 'x')})).error().code, "path_too_long");
}

TEST_F(RealNetwork, says_what_refused) {
    std::uint16_t port = 0;
    {
        port = listener({.host = "127.0.0.1"})->port();
    }
    const auto refused = real_.run(network_->dial({.host = "127.0.0.1", .port = port}));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().cls, ErrorClass::transient);
    EXPECT_EQ(refused.error().detail,
              "nothing listens at 127.0.0.1:" + std::to_string(port) + ": is the server running?");
}

Task<void> handshake_with(Listener& at, Scheduler& scheduler, testing::TlsServer& server, ConnectionPtr& into) {
    auto plain = co_await at.accept();
    auto secured = co_await server.secure(scheduler, std::move(*plain));
    if (secured) into = std::move(*secured);
}

TEST_F(RealNetwork, shakes_hands_where_the_endpoint_asks_for_it) {
    const testing::TestCa ca("test authority");
    testing::TlsServer server(ca.issue());
    const auto at = listener({.host = "127.0.0.1"});
    ConnectionPtr accepted;
    TaskGroup group(real_.loop);
    group.spawn(handshake_with(*at, real_.loop, server, accepted));
    const auto connection =
        real_.run(network_->dial({.host = "localhost", .port = at->port(), .tls = true, .ca_file = ca.file()}));
    ASSERT_TRUE(connection.has_value()) << connection.error().detail;
}

TEST_F(RealNetwork, a_handshake_that_never_ends_is_cut_by_the_connect_timeout) {
    const auto at = listener({.host = "127.0.0.1"});  // The kernel accepts; nobody answers.
    const Endpoint endpoint{.host = "127.0.0.1", .port = at->port(), .tls = true, .connect_timeout = Millis{20}};
    const auto silent = real_.run(network_->dial(endpoint));
    ASSERT_FALSE(silent.has_value());
    EXPECT_EQ(silent.error().cls, ErrorClass::silent);
    EXPECT_EQ(silent.error().code, "connect_timeout");
    EXPECT_EQ(silent.error().origin, Origin::provider);
    EXPECT_EQ(silent.error().detail, to_string(endpoint) + " did not answer within 20 ms (TLS handshake)");
}

TEST_F(RealNetwork, a_dial_can_be_dropped_at_any_time) {
    const auto at = listener({.host = "127.0.0.1"});
    const Endpoint endpoint{.host = "localhost", .port = at->port(), .tls = true};
    for (int turns = 0; turns < 8; ++turns) {
        TaskGroup group(real_.loop);
        group.spawn([](Network& network, const Endpoint& to) -> Task<void> {
            EXPECT_FALSE((co_await network.dial(to)).has_value());
        }(*network_, endpoint));
        real_.run([](Scheduler& scheduler, int count) -> Task<bool> {
            for (int i = 0; i < count; ++i) co_await yield_to_loop(scheduler);
            co_return true;
        }(real_.loop, turns));
        EXPECT_EQ(group.size(), 1u);
    }
}

}  // namespace
}  // namespace evenkeel
