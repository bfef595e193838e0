#include "net/tls_stream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/async.hpp"
#include "net/socket.hpp"
#include "net/socket_listener.hpp"
#include "net/tls.hpp"
#include "testing/real_loop.hpp"
#include "testing/test_ca.hpp"

namespace evenkeel {
namespace {

using ::testing::HasSubstr;
using testing::RealLoop;

/// Both ends of one TLS connection over real sockets.
class TlsPair : public ::testing::Test {
protected:
    void SetUp() override {
        auto listener = listen_at(real_.loop, Endpoint{.host = "127.0.0.1"});
        ASSERT_TRUE(listener.has_value());
        real_.run(join(**listener));
        ASSERT_NE(client_, nullptr);
        ASSERT_NE(server_, nullptr);
    }
    Task<bool> join(Listener& listener) {
        auto plain = co_await connect_to(real_.loop, *SocketAddress::numeric("127.0.0.1", listener.port()));
        auto accepted = co_await listener.accept();
        TaskGroup group(real_.loop);
        group.spawn(serve(std::move(*accepted)));
        const Endpoint endpoint{.host = "127.0.0.1", .port = listener.port(), .tls = true, .ca_file = ca_.file()};
        auto client = co_await tls_.secure(std::move(*plain), endpoint);
        if (client) client_ = std::move(*client);
        co_await group.join();
        co_return true;
    }
    Task<void> serve(ConnectionPtr plain) {
        auto secured = co_await identity_.secure(real_.loop, std::move(plain));
        if (secured) server_ = std::move(*secured);
    }
    static Task<Result<std::string>> receive(Connection& connection, std::size_t piece_max) {
        std::string all;
        std::vector<std::byte> piece(piece_max);
        for (;;) {
            const auto got = co_await read_some(connection, piece);
            if (!got) co_return fail(got.error());
            if (*got == 0) co_return all;
            all.append(reinterpret_cast<const char*>(piece.data()), *got);
        }
    }

    RealLoop real_;
    testing::TestCa ca_{"test authority"};
    testing::TlsServer identity_{ca_.issue()};
    TlsClient tls_{real_.loop};
    ConnectionPtr client_, server_;
};

Task<void> send_in_pieces(Connection& connection, const std::string& text) {
    // Pieces of many sizes, several to a write: records are filled, split and gathered.
    std::string_view left = text;
    for (std::size_t size = 1; !left.empty(); size = size * 3 % 70'001) {
        std::array<Bytes, 3> pieces;
        for (Bytes& piece : pieces) {
            const std::string_view part = left.substr(0, size);
            piece = std::as_bytes(std::span(part));
            left.remove_prefix(part.size());
        }
        if (!co_await write_all(connection, pieces)) co_return;
    }
}

Task<void> echo(Connection& connection) {
    std::array<std::byte, 20'000> buffer;
    for (;;) {
        const auto got = co_await read_some(connection, buffer);
        if (!got || *got == 0) co_return;
        const Bytes piece = std::span(buffer).first(*got);
        if (!co_await write_all(connection, std::span(&piece, 1))) co_return;
    }
}

Task<void> send_all(Connection& connection, const std::string& text) {
    EXPECT_TRUE((co_await write_all(connection, text)).has_value());
}

Task<std::string> receive_exactly(Connection& connection, std::size_t size) {
    std::string all;
    std::array<std::byte, 10'000> piece;
    while (all.size() < size) {
        const auto got = co_await read_some(connection, piece);
        if (!got || *got == 0) break;
        all.append(reinterpret_cast<const char*>(piece.data()), *got);
    }
    co_return all;
}

TEST_F(TlsPair, carries_megabytes_in_order_to_a_slow_reader) {
    std::string text(4 * 1024 * 1024, ' ');
    testing::SeededRandom random(3);
    for (char& byte : text) byte = static_cast<char>(random.bits());
    TaskGroup group(real_.loop);
    group.spawn(send_in_pieces(*client_, text));
    EXPECT_TRUE(real_.run(receive_exactly(*server_, text.size())) == text);
}

TEST_F(TlsPair, reads_and_writes_at_the_same_time) {
    const std::string text(2 * 1024 * 1024, 'e');
    TaskGroup group(real_.loop);
    group.spawn(echo(*server_));
    group.spawn(send_all(*client_, text));
    EXPECT_TRUE(real_.run(receive_exactly(*client_, text.size())) == text);
}

Task<void> send_and_leave(ConnectionPtr& connection, const std::string& text) {
    EXPECT_TRUE((co_await write_all(*connection, text)).has_value());
    connection.reset();
}

TEST_F(TlsPair, what_was_written_arrives_although_the_writer_has_gone) {
    const std::string text(3 * 1024 * 1024, 'w');
    TaskGroup group(real_.loop);
    group.spawn(send_and_leave(server_, text));
    const auto got = real_.run(receive(*client_, 10'000));
    ASSERT_TRUE(got.has_value()) << got.error().detail;
    EXPECT_TRUE(*got == text);
}

TEST_F(TlsPair, a_goodbye_ends_the_stream) {
    client_->close();
    EXPECT_EQ(real_.run(receive(*server_, 100)), "");
    EXPECT_EQ(client_->try_write({}).state, IoState::broken);
    EXPECT_THAT(client_->error().detail, HasSubstr("closed on our side"));
}

TEST_F(TlsPair, names_its_peer) { EXPECT_THAT(client_->peer(), ::testing::StartsWith("127.0.0.1:")); }

/// Passes everything on, and can cut the wire without a goodbye.
class CutWire final : public Connection {
public:
    explicit CutWire(ConnectionPtr inner) : inner_(std::move(inner)) {}
    Io try_read(std::span<std::byte> into) override { return inner_->try_read(into); }
    Io try_write(std::span<const Bytes> pieces) override {
        if (cut) return {IoState::moved, pieces.front().size()};
        return inner_->try_write(pieces);
    }
    void on_readable(Ready* waiter) noexcept override { inner_->on_readable(waiter); }
    void on_writable(Ready* waiter) noexcept override { inner_->on_writable(waiter); }
    Error error() const override { return inner_->error(); }
    void close() noexcept override { inner_->close(); }
    void abort() noexcept override { inner_->abort(); }
    std::string peer() const override { return inner_->peer(); }
    bool cut = false;

private:
    ConnectionPtr inner_;
};

TEST_F(TlsPair, an_end_without_goodbye_is_an_error_and_no_end) {
    auto wire = std::make_unique<CutWire>(std::move(server_));
    CutWire& cutter = *wire;
    // A second layer whose goodbye is swallowed by the wire below it.
    TaskGroup group(real_.loop);
    ConnectionPtr inner_server;
    group.spawn([](testing::TlsServer& identity, Loop& loop, ConnectionPtr plain, ConnectionPtr& into) -> Task<void> {
        auto secured = co_await identity.secure(loop, std::move(plain));
        if (secured) into = std::move(*secured);
    }(identity_, real_.loop, std::move(wire), inner_server));
    auto inner_client = real_.run(
        tls_.secure(std::move(client_), Endpoint{.host = "localhost", .port = 1, .tls = true, .ca_file = ca_.file()}));
    ASSERT_TRUE(inner_client.has_value()) << inner_client.error().detail;
    real_.run([](TaskGroup& g) -> Task<bool> {
        co_await g.join();
        co_return true;
    }(group));
    ASSERT_NE(inner_server, nullptr);
    cutter.cut = true;
    inner_server->close();
    const auto got = real_.run(receive(**inner_client, 100));
    ASSERT_FALSE(got.has_value());
    EXPECT_EQ(got.error().cls, ErrorClass::transient);
    EXPECT_THAT(got.error().detail, HasSubstr("without a TLS goodbye"));
}

}  // namespace
}  // namespace evenkeel
