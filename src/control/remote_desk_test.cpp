#include "control/remote_desk.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "control/control_server.hpp"
#include "net/http_server.hpp"
#include "testing/hand_desk.hpp"
#include "testing/memory_network.hpp"
#include "testing/sim.hpp"

namespace evenkeel {
namespace {

using testing::HandDesk;
using testing::Sim;
using testing::World;
const Endpoint place{.path = "/data/control.sock"};

TEST(RemoteDesk, finds_the_owner_gone_where_nobody_listens) {
    Sim sim;
    testing::MemoryNetwork network(sim.env());
    RemoteDesk remote(sim.env(), network, place.path);
    const auto error = sim.run(remote.who()).error();
    EXPECT_EQ(error.code, "owner_gone");
    EXPECT_TRUE(is_owner_fault(error));
}

TEST(RemoteDesk, tells_streams_and_the_watch_that_the_owner_died) {
    Sim sim;
    testing::MemoryNetwork network(sim.env());
    World world(sim.env());
    HandDesk desk(world);
    auto server =
        std::make_unique<ControlServer>(sim.env(), network.listen(place).value(), desk, ControlServerOptions{});
    RemoteDesk remote(sim.env(), network, place.path);
    auto turn = sim.run(remote.submit({.conversation = "c", .text = "why?"})).value();
    sim.run(turn->next()).value();
    server.reset();
    EXPECT_EQ(sim.run(turn->next()).error().code, "owner_gone");
    EXPECT_EQ(sim.run(remote.watch()).code, "owner_gone");
}

TEST(RemoteDesk, notices_within_its_limit_that_the_owner_hangs) {
    Sim sim;
    testing::MemoryNetwork network(sim.env());
    World world(sim.env());
    HandDesk desk(world);
    ControlServer server(sim.env(), network.listen(place).value(), desk, {});
    RemoteDesk remote(sim.env(), network, place.path);
    network.set_faults(place, {.stall_after = 600});
    const Instant start = sim.scheduler.now();
    EXPECT_EQ(sim.run(remote.watch()).code, "owner_unreachable");
    EXPECT_LE(elapsed(start, sim.scheduler.now()), Millis{120'000});
    network.set_faults(place, {.stall_after = 0});
    EXPECT_EQ(sim.run(remote.who()).error().code, "owner_gone");
}

TEST(RemoteDesk, watches_an_idle_owner_without_end) {
    Sim sim;
    testing::MemoryNetwork network(sim.env());
    World world(sim.env());
    HandDesk desk(world);
    ControlServer server(sim.env(), network.listen(place).value(), desk, {});
    RemoteDesk remote(sim.env(), network, place.path);
    auto limited = [](Sim& at, Task<Error> task) -> Task<bool> {
        co_return (co_await until(at.scheduler, at.scheduler.now() + std::chrono::hours{24}, std::move(task)))
            .has_value();
    };
    EXPECT_FALSE(sim.run(limited(sim, remote.watch())));
}

TEST(RemoteDesk, names_both_versions_when_the_owner_speaks_another_one) {
    Sim sim;
    testing::MemoryNetwork network(sim.env());
    HttpServer other(sim.env(), network.listen(place).value(), [](HttpIncoming&, HttpResponder& responder) {
        return [](HttpResponder& to) -> Task<void> {
            std::ignore = co_await to.respond(200, {{std::string(control_version_header), "9"}}, "{}");
        }(responder);
    });
    RemoteDesk remote(sim.env(), network, place.path);
    const auto error = sim.run(remote.who()).error();
    EXPECT_EQ(error.code, "control_version");
    EXPECT_THAT(error.detail, ::testing::AllOf(::testing::HasSubstr("version 9"), ::testing::HasSubstr("speaks 1")));
}

}  // namespace
}  // namespace evenkeel
