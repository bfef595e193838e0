#include "control/tenure.hpp"

#include <gtest/gtest.h>

#include "testing/memory_network.hpp"
#include "testing/sim.hpp"

namespace evenkeel {
namespace {

/// A gate that another process holds for ever, and that counts who knocks.
struct HeldGate final : OwnerGate {
    Result<std::unique_ptr<Ownership>> try_take(std::string_view) override {
        ++tries;
        return std::unique_ptr<Ownership>{};
    }
    std::optional<OwnerIdentity> holder() const override { return written; }
    Result<void> clear_socket() override { return {}; }
    std::string socket_path() const override { return "/data/control.sock"; }
    std::optional<OwnerIdentity> written;
    int tries = 0;
};

TEST(OwnerSeeker, finds_nobody_yet_where_the_owner_does_not_serve) {
    testing::Sim sim;
    testing::MemoryNetwork network(sim.env());
    HeldGate gate;
    OwnerSeeker seeker(sim.env(), network, gate, {}, {.kind = "ask"});
    const auto found = sim.run(seeker.try_once());
    ASSERT_TRUE(found);
    EXPECT_EQ(*found, nullptr);
}

TEST(OwnerSeeker, leaves_the_lock_alone_for_a_while_after_it_stepped_back) {
    testing::Sim sim;
    testing::MemoryNetwork network(sim.env());
    HeldGate gate;
    OwnerSeeker seeker(sim.env(), network, gate, {}, {.kind = "ask"});
    seeker.step_back();
    std::ignore = sim.run(seeker.try_once());
    EXPECT_EQ(gate.tries, 0);
    sim.scheduler.run_for(Seconds{3});
    std::ignore = sim.run(seeker.try_once());
    EXPECT_EQ(gate.tries, 1);
}

TEST(OwnerSeeker, says_who_to_end_as_far_as_it_is_known) {
    testing::Sim sim;
    testing::MemoryNetwork network(sim.env());
    HeldGate gate;
    OwnerSeeker seeker(sim.env(), network, gate, {}, {.kind = "ask"});
    EXPECT_NE(seeker.unreachable().detail.find("another process"), std::string::npos);
    gate.written = OwnerIdentity{.pid = 99, .kind = "chat"};
    EXPECT_NE(seeker.unreachable().detail.find("kill 99"), std::string::npos);
}

}  // namespace
}  // namespace evenkeel
