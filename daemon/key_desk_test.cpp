#include "daemon/key_desk.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "store/sqlite_engine.hpp"
#include "testing/scripted_desk.hpp"
#include "testing/sim.hpp"

namespace evenkeel {
namespace {

TEST(KeyDesk, answers_for_keys_and_leaves_everything_else_to_the_other_desk) {
    testing::Sim sim;
    auto store =
        make_inline_store(sim.scheduler, std::move(open_sqlite({.file = ":memory:"}, sim.env().wall())).value());
    auto keeper = sim.run(KeyKeeper::open(sim.env(), *store, HashingKey{})).value();
    testing::ScriptedDesk other{sim.scheduler};
    other.replies["status"] = "{\"it\":true}";
    other.replies["key.list"] = "never asked";
    KeyDesk desk(sim.env(), other, *keeper);
    EXPECT_EQ(sim.run(desk.call("key.list", "{}")).value(), "[]");
    EXPECT_EQ(sim.run(desk.call("status", "{}")).value(), "{\"it\":true}");
    EXPECT_EQ(other.calls.size(), 1u);
    const Id id{{7}};
    ASSERT_TRUE(sim.run(desk.cancel(id)));
    EXPECT_EQ(other.cancelled.at(0), id);
    ASSERT_TRUE(sim.run(desk.shown(id)));
    EXPECT_EQ(other.shown_ids.at(0), id);
    ASSERT_TRUE(sim.run(desk.submit({.conversation = "c", .text = "q"})));
    EXPECT_EQ(other.submitted.at(0).text, "q");
    EXPECT_TRUE(sim.run(desk.follow(id)));
    EXPECT_TRUE(sim.run(desk.deliveries("terminal", "")));
}

}  // namespace
}  // namespace evenkeel
