#include "net/tls.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/async.hpp"
#include "net/socket.hpp"
#include "net/socket_listener.hpp"
#include "testing/real_loop.hpp"
#include "testing/test_ca.hpp"

namespace evenkeel {
namespace {

using testing::CertificateWish;
using ::testing::HasSubstr;
using testing::Identity;
using testing::RealLoop;
using testing::TestCa;
using testing::TlsServer;

class Tls : public ::testing::Test {
protected:
    void SetUp() override {
        auto listener = listen_at(real_.loop, Endpoint{.host = "127.0.0.1"});
        ASSERT_TRUE(listener.has_value());
        listener_ = std::move(*listener);
    }
    Endpoint endpoint(std::string host) const {
        return Endpoint{.host = std::move(host), .port = listener_->port(), .tls = true, .ca_file = ca_.file()};
    }
    /// Connects to a server with that identity; "hello" goes to it and back before the result is given.
    Result<ConnectionPtr> dial(TlsServer& server, const Endpoint& endpoint) {
        TaskGroup group(real_.loop);
        group.spawn(serve(server));
        return real_.run(dial_plain(endpoint));
    }
    Result<ConnectionPtr> dial(const Identity& identity, std::string host) {
        TlsServer server(identity);
        return dial(server, endpoint(std::move(host)));
    }
    std::string refusal(const Identity& identity, const std::string& host) {
        const auto result = dial(identity, host);
        if (result) return "accepted";
        EXPECT_EQ(result.error().cls, ErrorClass::account);
        EXPECT_EQ(result.error().origin, Origin::provider);
        EXPECT_EQ(result.error().scope, Scope::provider);
        EXPECT_EQ(result.error().code, "certificate");
        return result.error().detail;
    }
    Task<Result<ConnectionPtr>> dial_plain(Endpoint to) {
        auto plain = co_await connect_to(real_.loop, *SocketAddress::numeric("127.0.0.1", to.port));
        auto secured = co_await tls_.secure(std::move(*plain), to);
        if (!secured) co_return secured;
        std::array<std::byte, 16> answer;
        if (!co_await write_all(**secured, "hello")) co_return secured;
        if (const auto got = co_await read_some(**secured, answer); !got) co_return fail(got.error());
        co_return secured;
    }
    Task<void> serve(TlsServer& server) {
        auto plain = co_await listener_->accept();
        auto secured = co_await server.secure(real_.loop, std::move(*plain));
        if (!secured) co_return;
        std::array<std::byte, 16> text;
        const auto got = co_await read_some(**secured, text);
        if (!got) co_return;
        received_ += *got;
        const Bytes piece = std::span(text).first(*got);
        (co_await write_all(**secured, std::span(&piece, 1))).has_value() ? ++answered_ : answered_;
    }

    RealLoop real_;
    TestCa ca_{"test authority"};
    TlsClient tls_{real_.loop};
    std::unique_ptr<Listener> listener_;
    std::size_t received_ = 0;
    int answered_ = 0;
};

TEST_F(Tls, accepts_a_certificate_of_the_named_authority_by_name_and_by_address) {
    for (const std::string host : {"localhost", "127.0.0.1"}) {
        TlsServer server(ca_.issue());
        const auto result = dial(server, endpoint(host));
        ASSERT_TRUE(result.has_value()) << result.error().detail;
        // A name goes along so that the server can choose; an address must not (RFC 6066 section 3).
        EXPECT_EQ(server.server_name(), host == "localhost" ? "localhost" : "");
    }
    EXPECT_EQ(answered_, 2);
}

TEST_F(Tls, refuses_an_expired_certificate_and_says_since_when) {
    const std::string detail = refusal(ca_.issue({.valid_from_days = -5, .valid_to_days = -2}), "localhost");
    EXPECT_THAT(detail, HasSubstr("the certificate of localhost expired on "));
    EXPECT_THAT(detail, HasSubstr("GMT"));
    EXPECT_THAT(detail, HasSubstr("clock is wrong"));
}

TEST_F(Tls, refuses_a_certificate_of_the_future) {
    EXPECT_THAT(refusal(ca_.issue({.valid_from_days = 2, .valid_to_days = 5}), "localhost"),
                HasSubstr("is not valid before "));
}

TEST_F(Tls, refuses_a_certificate_for_another_name_or_address) {
    const Identity other = ca_.issue({.names = {"other.example", "*.wild.example"}, .addresses = {"192.0.2.1"}});
    EXPECT_EQ(refusal(other, "localhost"),
              "the certificate of localhost is for other.example, *.wild.example and not for localhost: check the host "
              "in base_url");
    EXPECT_THAT(refusal(other, "127.0.0.1"), HasSubstr("and not for 127.0.0.1"));
    // The common name alone counts for nothing.
    EXPECT_THAT(refusal(ca_.issue({.names = {}, .addresses = {}}), "test server"), HasSubstr("not for test server"));
}

TEST_F(Tls, refuses_a_self_signed_certificate) {
    EXPECT_THAT(refusal(TestCa::self_signed(), "localhost"), HasSubstr("is self-signed: if it is yours"));
}

TEST_F(Tls, refuses_another_authority_and_names_it) {
    const TestCa other("Some Other Authority");
    const std::string detail = refusal(other.issue(), "localhost");
    EXPECT_THAT(detail, HasSubstr("was issued by \"Some Other Authority\", which is not trusted here"));
}

TEST_F(Tls, the_systems_roots_do_not_count_where_a_file_is_named_nor_the_file_where_none_is) {
    TlsServer server(ca_.issue());
    Endpoint by_system = endpoint("localhost");
    by_system.ca_file.clear();
    const auto result = dial(server, by_system);
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, "certificate");
}

TEST_F(Tls, nothing_is_sent_to_a_server_that_is_not_to_be_trusted) {
    refusal(TestCa::self_signed(), "localhost");
    EXPECT_EQ(received_, 0u);
}

TEST_F(Tls, refuses_protocols_older_than_1_2_and_speaks_1_2) {
    TlsServer old(ca_.issue(), 0x0302);
    const auto refused = dial(old, endpoint("localhost"));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().cls, ErrorClass::account);
    EXPECT_EQ(refused.error().code, "tls");
    TlsServer twelve(ca_.issue(), 0x0303);
    EXPECT_TRUE(dial(twelve, endpoint("localhost")).has_value());
}

TEST_F(Tls, a_second_connection_resumes_the_session_of_the_first_but_of_no_other_host) {
    for (const int version : {0x0303, 0x0304}) {
        TlsServer server(ca_.issue(), version);
        for (int i = 0; i < 3; ++i) ASSERT_TRUE(dial(server, endpoint("localhost")).has_value());
        EXPECT_EQ(server.handshakes_resumed(), 2);
        ASSERT_TRUE(dial(server, endpoint("127.0.0.1")).has_value());
        EXPECT_EQ(server.handshakes_resumed(), 2);
        TlsServer fresh(ca_.issue(), version);  // It does not know the tickets: a whole handshake, and no error.
        EXPECT_TRUE(dial(fresh, endpoint("localhost")).has_value());
        EXPECT_TRUE(dial(fresh, endpoint("127.0.0.1")).has_value());
    }
}

Task<void> speak_plainly(Listener& listener, std::string text) {
    auto plain = co_await listener.accept();
    std::array<std::byte, 4'096> hello;
    EXPECT_TRUE((co_await read_some(**plain, hello)).has_value());
    if (!text.empty()) EXPECT_TRUE((co_await write_all(**plain, text)).has_value());
}

TEST_F(Tls, a_server_without_tls_is_an_account_matter_and_one_that_hangs_up_a_passing_one) {
    TaskGroup group(real_.loop);
    group.spawn(speak_plainly(*listener_, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"));
    const auto plain = real_.run(dial_plain(endpoint("localhost")));
    ASSERT_FALSE(plain.has_value());
    EXPECT_EQ(plain.error().cls, ErrorClass::account);
    EXPECT_THAT(plain.error().detail, HasSubstr("does it speak TLS at that port?"));
    group.spawn(speak_plainly(*listener_, ""));
    const auto gone = real_.run(dial_plain(endpoint("localhost")));
    ASSERT_FALSE(gone.has_value());
    EXPECT_EQ(gone.error().cls, ErrorClass::transient);
}

TEST_F(Tls, an_unreadable_file_of_roots_is_named) {
    TlsServer server(ca_.issue());
    Endpoint without = endpoint("localhost");
    without.ca_file = "/nowhere/ca.pem";
    const auto result = dial(server, without);
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().cls, ErrorClass::account);
    EXPECT_EQ(result.error().code, "ca_file");
    EXPECT_THAT(result.error().detail, HasSubstr("/nowhere/ca.pem"));
}

}  // namespace
}  // namespace evenkeel
