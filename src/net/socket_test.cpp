#include "net/socket.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <csignal>

#include "core/async.hpp"
#include "net/socket_listener.hpp"
#include "testing/real_loop.hpp"

namespace evenkeel {
namespace {

using ::testing::HasSubstr;
using testing::RealLoop;

/// Two ends of one real TCP connection.
struct Ends {
    ConnectionPtr client, server;
};

Task<Ends> connected_pair(Loop& loop, Listener& listener) {
    auto client = co_await connect_to(loop, *SocketAddress::numeric("127.0.0.1", listener.port()));
    auto server = co_await listener.accept();
    co_return Ends{std::move(*client), std::move(*server)};
}

std::unique_ptr<Listener> listener_at(Loop& loop, std::string host = "127.0.0.1") {
    auto listener = listen_at(loop, Endpoint{.host = std::move(host)});
    return listener ? std::move(*listener) : nullptr;
}

/// A port where nobody listens: bound, so that nobody else takes it, and never listening.
struct DeadPort {
    DeadPort() : fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        const auto any = SocketAddress::numeric("127.0.0.1", 0);
        sockaddr_storage own{};
        socklen_t length = sizeof own;
        if (::bind(fd.get(), any->get(), any->length()) == 0)
            ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&own), &length);
        address.emplace(reinterpret_cast<const sockaddr*>(&own), length);
    }
    UniqueFd fd;
    std::optional<SocketAddress> address;
};

Task<Result<void>> send(Connection& connection, std::string text) { co_return co_await write_all(connection, text); }

Task<Result<std::string>> receive(Connection& connection, std::size_t piece_max) {
    std::string all;
    std::vector<std::byte> piece(piece_max);
    for (;;) {
        const auto got = co_await read_some(connection, piece);
        if (!got) co_return fail(got.error());
        if (*got == 0) co_return all;
        all.append(reinterpret_cast<const char*>(piece.data()), *got);
    }
}

Task<void> send_and_close(ConnectionPtr connection, std::string text) {
    if (co_await send(*connection, std::move(text))) connection->close();
}

TEST(Socket, carries_megabytes_in_order_through_full_buffers) {
    std::string text(8 * 1024 * 1024, ' ');
    testing::SeededRandom random(3);
    for (char& byte : text) byte = static_cast<char>(random.bits());
    for (const std::size_t piece_max : {65'536u, 1'000u}) {
        RealLoop real;
        const auto listener = listener_at(real.loop);
        Ends ends = real.run(connected_pair(real.loop, *listener));
        TaskGroup group(real.loop);
        group.spawn(send_and_close(std::move(ends.client), text));
        const auto got = real.run(receive(*ends.server, piece_max));
        ASSERT_TRUE(got.has_value());
        EXPECT_TRUE(*got == text);
    }
}

Task<void> answer_later(Scheduler& scheduler, Connection& connection) {
    co_await sleep_for(scheduler, Millis{1});
    EXPECT_TRUE((co_await send(connection, "late")).has_value());
}

TEST(Socket, a_reader_sleeps_until_bytes_come) {
    RealLoop real;
    const auto listener = listener_at(real.loop);
    Ends ends = real.run(connected_pair(real.loop, *listener));
    std::array<std::byte, 64> into{};
    EXPECT_EQ(ends.server->try_read(into).state, IoState::again);
    TaskGroup group(real.loop);
    group.spawn(answer_later(real.loop, *ends.client));
    const std::uint64_t turns = real.loop.turns();
    EXPECT_EQ(real.run(read_some(*ends.server, into)), 4u);
    EXPECT_LT(real.loop.turns() - turns, 10u);
}

TEST(Socket, an_abort_is_a_reset_to_the_peer_and_a_close_is_an_end) {
    for (const bool cut : {true, false}) {
        RealLoop real;
        const auto listener = listener_at(real.loop);
        Ends ends = real.run(connected_pair(real.loop, *listener));
        cut ? ends.server->abort() : ends.server->close();
        std::array<std::byte, 64> into{};
        const auto read = real.run(read_some(*ends.client, into));
        EXPECT_EQ(read.has_value(), !cut);
        if (cut) EXPECT_EQ(read.error().code, "reset");
        EXPECT_EQ(ends.server->try_read(into).state, IoState::broken);
        ends.server->abort();  // Once more changes nothing.
    }
}

TEST(Socket, an_end_after_a_short_read_is_seen) {
    RealLoop real;
    const auto listener = listener_at(real.loop);
    Ends ends = real.run(connected_pair(real.loop, *listener));
    std::array<std::byte, 64> into{};
    ASSERT_TRUE(real.run(send(*ends.client, "last words")).has_value());
    EXPECT_EQ(real.run(read_some(*ends.server, into)), 10u);
    ends.client.reset();
    EXPECT_EQ(real.run(read_some(*ends.server, into)), 0u);
}

TEST(Socket, a_reset_is_told_as_one) {
    RealLoop real;
    const auto listener = listener_at(real.loop);
    Ends ends = real.run(connected_pair(real.loop, *listener));
    // Closing with unread bytes makes the kernel send a reset.
    ASSERT_TRUE(real.run(send(*ends.client, "unread")).has_value());
    std::array<std::byte, 1> one{};
    ASSERT_EQ(real.run(read_some(*ends.server, one)), 1u);
    ends.server.reset();
    const auto got = real.run(receive(*ends.client, 64));
    ASSERT_FALSE(got.has_value());
    EXPECT_EQ(got.error().cls, ErrorClass::transient);
    EXPECT_EQ(got.error().origin, Origin::provider);
    EXPECT_EQ(got.error().detail, ends.client->peer() + " reset the connection");
}

Task<Result<void>> send_until_refused(Connection& connection) {
    constexpr int pieces_max = 1'000;
    for (int i = 0; i < pieces_max; ++i)
        if (auto sent = co_await send(connection, std::string(64 * 1024, 'x')); !sent) co_return sent;
    co_return Result<void>{};
}

// A program that links us has signals of its own: with SIGPIPE at its default a write must not end it.
TEST(Socket, writing_to_a_peer_that_left_is_an_error_and_no_signal) {
    const auto before = std::signal(SIGPIPE, SIG_DFL);
    RealLoop real;
    const auto listener = listener_at(real.loop);
    Ends ends = real.run(connected_pair(real.loop, *listener));
    ends.server.reset();
    EXPECT_FALSE(real.run(send_until_refused(*ends.client)).has_value());
    EXPECT_FALSE(real.run(send(*ends.client, "again")).has_value());
    std::signal(SIGPIPE, before);
}

Task<void> close_later(Scheduler& scheduler, Connection& connection) {
    co_await sleep_for(scheduler, Millis{1});
    connection.close();
}

TEST(Socket, closing_wakes_its_reader) {
    RealLoop real;
    const auto listener = listener_at(real.loop);
    Ends ends = real.run(connected_pair(real.loop, *listener));
    TaskGroup group(real.loop);
    group.spawn(close_later(real.loop, *ends.client));
    const auto got = real.run(receive(*ends.client, 64));
    ASSERT_FALSE(got.has_value());
    EXPECT_THAT(got.error().detail, HasSubstr("closed on our side"));
    ends.client->close();
    EXPECT_EQ(ends.client->try_write({}).state, IoState::broken);
}

TEST(Connect, says_that_nothing_listens_and_where) {
    RealLoop real;
    const DeadPort dead;
    const auto result = real.run(connect_to(real.loop, *dead.address));
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().cls, ErrorClass::transient);
    EXPECT_EQ(result.error().origin, Origin::provider);
    EXPECT_EQ(result.error().scope, Scope::provider);
    EXPECT_EQ(result.error().code, "refused");
    EXPECT_THAT(result.error().detail, HasSubstr("nothing listens at " + dead.address->text()));
}

TEST(Connect, tries_the_next_address_when_one_refuses) {
    RealLoop real;
    const DeadPort dead;
    const auto listener = listener_at(real.loop);
    const auto result = real.run(connect_to_any(
        real.loop, {*dead.address, *dead.address, *SocketAddress::numeric("127.0.0.1", listener->port())}));
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ((*result)->peer(), "127.0.0.1:" + std::to_string(listener->port()));
}

/// A listener whose backlog is full: the kernel drops every further SYN, so a connect hangs as to a host that is down.
struct Blackhole {
    explicit Blackhole(Loop& loop) : fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_storage own{};
        socklen_t length = sizeof own;
        const auto any = SocketAddress::numeric("127.0.0.1", 0);
        if (::bind(fd.get(), any->get(), any->length()) != 0 || ::listen(fd.get(), 0) != 0) return;
        ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&own), &length);
        address.emplace(reinterpret_cast<const sockaddr*>(&own), length);
        filler = loop.run(connect_to(loop, *address));
    }
    UniqueFd fd;
    std::optional<SocketAddress> address;
    Result<ConnectionPtr> filler;
};

TEST(Connect, begins_the_next_address_while_a_silent_one_hangs) {
    RealLoop real;
    const Blackhole hole(real.loop);
    const auto listener = listener_at(real.loop);
    const auto result =
        real.run(connect_to_any(real.loop, {*hole.address, *SocketAddress::numeric("127.0.0.1", listener->port())}));
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ((*result)->peer(), "127.0.0.1:" + std::to_string(listener->port()));
}

TEST(Connect, to_a_silent_host_can_be_given_up_at_any_time) {
    RealLoop real;
    const Blackhole hole(real.loop);
    EXPECT_FALSE(real.run([](Loop& loop, SocketAddress address) -> Task<bool> {
        const auto result = co_await until(loop, loop.now() + Millis{5}, connect_to(loop, address));
        co_return result.has_value();
    }(real.loop, *hole.address)));
}

TEST(Connect, a_refusal_says_more_than_a_missing_route) {
    RealLoop real;
    const DeadPort dead;
    // A link-local address without its link is never reachable.
    const auto unreachable = SocketAddress::numeric("fe80::1", 9);
    for (const auto& order : {std::vector{*unreachable, *dead.address}, std::vector{*dead.address, *unreachable}}) {
        const auto result = real.run(connect_to_any(real.loop, order));
        ASSERT_FALSE(result.has_value());
        EXPECT_EQ(result.error().code, "refused");
    }
    const auto alone = real.run(connect_to(real.loop, *unreachable));
    ASSERT_FALSE(alone.has_value());
    EXPECT_EQ(alone.error().code, "unreachable");
    EXPECT_EQ(alone.error().cls, ErrorClass::transient);
}

}  // namespace
}  // namespace evenkeel
