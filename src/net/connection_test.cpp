#include "net/connection.hpp"

#include <gtest/gtest.h>

#include "core/async.hpp"
#include "testing/sim.hpp"

namespace evenkeel {
namespace {

using testing::Sim;

/// Plays back how a peer behaves: each attempt takes the next step; when none is left, it waits.
class ScriptedConnection final : public Connection {
public:
    ScriptedConnection(Scheduler& scheduler, std::vector<Io> steps) : scheduler_(scheduler), steps_(std::move(steps)) {}
    Io try_read(std::span<std::byte>) override { return next(); }
    Io try_write(std::span<const Bytes> pieces) override {
        Io io = next();
        std::size_t room = io.bytes;
        for (const Bytes piece : pieces)
            for (const std::byte byte : piece.first(std::min(room, piece.size()))) {
                written += static_cast<char>(byte);
                --room;
            }
        io.bytes -= room;
        return io;
    }
    void on_readable(Ready* ready) noexcept override { subscribe(ready); }
    void on_writable(Ready* ready) noexcept override { subscribe(ready); }
    Error error() const override { return {.cls = ErrorClass::transient, .detail = "reset"}; }
    void close() noexcept override {}
    void abort() noexcept override {}
    std::string peer() const override { return "script"; }

    std::string written;
    Ready* waiter = nullptr;
    int waits = 0;

private:
    Io next() {
        if (at_ == steps_.size()) return {};
        return steps_[at_++];
    }
    void subscribe(Ready* ready) noexcept {
        waiter = ready;
        if (ready == nullptr || at_ == steps_.size()) return;
        ++waits;
        scheduler_.defer(*ready);
    }
    Scheduler& scheduler_;
    std::vector<Io> steps_;
    std::size_t at_ = 0;
};

constexpr Io again{};
constexpr Io moved(std::size_t bytes) { return {IoState::moved, bytes}; }

TEST(ReadSome, waits_until_there_is_something) {
    Sim sim;
    ScriptedConnection connection(sim.scheduler, {again, again, moved(5)});
    std::array<std::byte, 8> into{};
    EXPECT_EQ(sim.run(read_some(connection, into)), 5u);
    EXPECT_EQ(connection.waits, 2);
}

TEST(ReadSome, gives_zero_at_the_end_and_the_reason_when_broken) {
    Sim sim;
    ScriptedConnection ending(sim.scheduler, {{IoState::end}});
    std::array<std::byte, 8> into{};
    EXPECT_EQ(sim.run(read_some(ending, into)), 0u);
    ScriptedConnection broken(sim.scheduler, {again, {IoState::broken}});
    const auto result = sim.run(read_some(broken, into));
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().detail, "reset");
}

TEST(ReadSome, takes_its_waiter_back_when_it_is_cancelled) {
    Sim sim;
    ScriptedConnection connection(sim.scheduler, {});
    std::array<std::byte, 8> into{};
    {
        Task<Result<std::size_t>> reading = read_some(connection, into);
        reading.handle().resume();
        EXPECT_NE(connection.waiter, nullptr);
    }
    EXPECT_EQ(connection.waiter, nullptr);
}

TEST(WriteAll, writes_every_byte_in_order_whatever_the_peer_takes_at_a_time) {
    const std::string a = "abc", b, c = "defgh";
    const std::array<Bytes, 3> pieces{std::as_bytes(std::span(a)), std::as_bytes(std::span(b)),
                                      std::as_bytes(std::span(c))};
    for (std::size_t at_a_time = 1; at_a_time <= 9; ++at_a_time) {
        Sim sim;
        std::vector<Io> steps;
        for (int i = 0; i < 8; ++i) steps.insert(steps.end(), {moved(at_a_time), again});
        ScriptedConnection connection(sim.scheduler, steps);
        EXPECT_TRUE(sim.run(write_all(connection, pieces)).has_value());
        EXPECT_EQ(connection.written, "abcdefgh");
    }
}

TEST(WriteAll, ends_with_the_reason_when_the_peer_is_gone) {
    Sim sim;
    ScriptedConnection connection(sim.scheduler, {moved(2), {IoState::broken}});
    const auto result = sim.run(write_all(connection, "hello"));
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().cls, ErrorClass::transient);
    EXPECT_EQ(connection.written, "he");
}

TEST(WriteAll, of_nothing_does_nothing) {
    Sim sim;
    ScriptedConnection connection(sim.scheduler, {});
    EXPECT_TRUE(sim.run(write_all(connection, "")).has_value());
}

TEST(EndpointText, names_scheme_host_and_port_or_the_path) {
    EXPECT_EQ(to_string(Endpoint{.host = "nano-gpt.com", .port = 443, .tls = true}), "https://nano-gpt.com:443");
    EXPECT_EQ(to_string(Endpoint{.host = "::1", .port = 11434}), "http://[::1]:11434");
    EXPECT_EQ(to_string(Endpoint{.path = "/run/control.sock"}), "unix:/run/control.sock");
}

}  // namespace
}  // namespace evenkeel
