#include "testing/memory_network.hpp"

#include "core/async.hpp"
#include "testing/sim.hpp"

namespace evenkeel::testing {
namespace {

const Endpoint place{.host = "provider.test", .port = 443, .connect_timeout = Millis{2'000}};

Task<Result<void>> send_and_close(ConnectionPtr connection, std::string text) {
    const auto sent = co_await write_all(*connection, text);
    connection->close();
    co_return sent;
}

Task<std::string> read_to_the_end(Connection& connection) {
    std::string all;
    std::array<std::byte, 1'000> into{};
    for (;;) {
        const auto bytes = co_await read_some(connection, into);
        if (!bytes) co_return all + "!";
        if (*bytes == 0) co_return all;
        all.append(reinterpret_cast<const char*>(into.data()), *bytes);
    }
}

struct Peers : ::testing::Test {
    Sim sim{7};
    MemoryNetwork network{sim.env()};
    std::unique_ptr<Listener> listener = std::move(*network.listen(place));
    TaskGroup group{sim.scheduler};
    ConnectionPtr client, server;

    void connect() {
        client = std::move(*sim.run(network.dial(place)));
        server = std::move(*sim.run(listener->accept()));
    }
    static Task<void> serve(ConnectionPtr connection, std::string text) {
        (void)co_await send_and_close(std::move(connection), std::move(text));
    }
    std::string reply(std::string text) {
        connect();
        group.spawn(serve(std::move(server), std::move(text)));
        return sim.run(read_to_the_end(*client));
    }
};

TEST_F(Peers, move_bytes_in_order_whatever_the_pieces) {
    const std::string text(10'000, 'x');
    for (const Faults& faults : {Faults{}, Faults{.one_byte_reads = true}, Faults{.fragments = true},
                                 Faults{.buffer_bytes = 7}, Faults{.latency = Millis{5}, .buffer_bytes = 100}}) {
        network.set_faults(place, faults);
        EXPECT_EQ(reply(text), text);
    }
    EXPECT_EQ(network.open(place), 1U) << "the client's last side is still open";
}

TEST_F(Peers, see_latency_in_virtual_time) {
    network.set_faults(place, {.connect_latency = Millis{30}, .latency = Millis{20}});
    const Instant start = sim.scheduler.now();
    EXPECT_EQ(reply("hello"), "hello");
    EXPECT_EQ(elapsed(start, sim.scheduler.now()), Millis{50});
}

TEST_F(Peers, meet_the_faults_of_dialling) {
    const auto dial = [&](Faults faults) {
        network.set_faults(place, faults);
        return sim.run(network.dial(place)).error();
    };
    EXPECT_EQ(dial({.refuse = true}).cls, ErrorClass::transient);
    EXPECT_EQ(dial({.refuse = true}).code, "refused");  // Breakers go by the codes of the real network.
    EXPECT_EQ(dial({.unknown_name = true}).cls, ErrorClass::transient);
    EXPECT_EQ(dial({.unknown_name = true}).code, "name_not_found");
    EXPECT_EQ(dial({.untrusted = true}).cls, ErrorClass::account);
    const Instant start = sim.scheduler.now();
    EXPECT_EQ(dial({.black_hole = true}).cls, ErrorClass::silent);
    EXPECT_EQ(elapsed(start, sim.scheduler.now()), place.connect_timeout);
    EXPECT_EQ(network.dials(place), 6U);
}

TEST_F(Peers, refuse_where_nobody_listens) {
    EXPECT_EQ(sim.run(network.dial({.host = "elsewhere", .port = 1})).error().cls, ErrorClass::transient);
    listener.reset();
    EXPECT_FALSE(sim.run(network.dial(place)));
    EXPECT_TRUE(network.listen(place));
}

TEST_F(Peers, are_cut_reset_or_stalled_after_so_many_bytes) {
    network.set_faults(place, {.close_after = 4});
    EXPECT_EQ(reply("0123456789"), "0123");
    network.set_faults(place, {.reset_after = 4});
    EXPECT_EQ(reply("0123456789"), "0123!");
    network.set_faults(place, {.stall_after = 4});
    connect();
    group.spawn(serve(std::move(server), "0123456789"));
    auto stalled = [](Sim& of, Connection& connection) -> Task<bool> {
        const auto text = co_await until(of.scheduler, of.scheduler.now() + Seconds{60}, read_to_the_end(connection));
        co_return text.has_value();
    };
    EXPECT_FALSE(sim.run(stalled(sim, *client)));
    network.set_faults(place, {});
    EXPECT_EQ(sim.run(read_to_the_end(*client)), "456789");
}

TEST_F(Peers, feel_back_pressure_and_the_other_side_leaving) {
    network.set_faults(place, {.buffer_bytes = 10});
    connect();
    const Bytes piece = std::as_bytes(std::span(std::string_view("0123456789ab")));
    EXPECT_EQ(client->try_write(std::span(&piece, 1)).bytes, 10U);
    EXPECT_EQ(client->try_write(std::span(&piece, 1)).state, IoState::again);
    server->close();
    EXPECT_EQ(client->try_write(std::span(&piece, 1)).state, IoState::broken);
    EXPECT_EQ(client->error().cls, ErrorClass::transient);
}

TEST_F(Peers, wake_and_find_it_broken_when_the_network_resets_them) {
    connect();
    auto reading = read_to_the_end(*client);
    struct Later {
        static Task<void> reset(MemoryNetwork& of, Scheduler& scheduler) {
            co_await sleep_for(scheduler, Seconds{3});
            of.reset_all(place);
        }
    };
    group.spawn(Later::reset(network, sim.scheduler));
    EXPECT_EQ(sim.run(std::move(reading)), "!");
    EXPECT_EQ(network.open(place), 0U);
}

TEST_F(Peers, fail_at_each_operation_in_turn) {
    int failures = 0;
    for (std::uint64_t n = 1; n <= 4; ++n) {
        network.fail_operation(n);
        auto dialled = sim.run(network.dial(place));
        if (!dialled) {
            ++failures;
            continue;
        }
        client = std::move(*dialled);
        group.spawn(serve(std::move(*sim.run(listener->accept())), "hello"));
        if (sim.run(read_to_the_end(*client)) != "hello") ++failures;
    }
    EXPECT_EQ(failures, 3) << "dial, write and read; the fourth never comes";
}

}  // namespace
}  // namespace evenkeel::testing
