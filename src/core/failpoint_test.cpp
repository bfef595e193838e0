#include "core/failpoint.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace evenkeel {
namespace {

std::vector<std::string> hits;
void keep(std::string_view name) noexcept { hits.emplace_back(name); }

struct Failpoint : ::testing::Test {
    Failpoint() { hits.clear(); }
    ~Failpoint() override { disarm_failpoints(); }
};

TEST_F(Failpoint, does_nothing_until_it_is_armed) {
    failpoint("store.accept.before_commit");
    EXPECT_TRUE(hits.empty());
}

TEST_F(Failpoint, fires_once_at_the_counted_hit) {
    ASSERT_TRUE(arm_failpoints("store.accept.before_commit:3,store.shown.after_commit", keep));
    for (int i = 0; i < 5; ++i) failpoint("store.accept.before_commit");
    EXPECT_EQ(hits, (std::vector<std::string>{"store.accept.before_commit"}));
    failpoint("store.shown.after_commit");
    failpoint("store.claim.after_commit");
    EXPECT_EQ(hits.size(), 2u);
}

TEST_F(Failpoint, refuses_an_unknown_name_and_a_count_that_is_none) {
    for (const char* text : {"store.nowhere", "store.accept.before_commit:", "store.accept.before_commit:0",
                             "store.accept.before_commit:x", "store.accept.before_commit:1x", ","}) {
        EXPECT_FALSE(arm_failpoints(text, keep)) << text;
        failpoint("store.accept.before_commit");
    }
    EXPECT_TRUE(hits.empty());
}

TEST_F(Failpoint, no_name_is_listed_twice) {
    EXPECT_EQ(std::set(failpoint_names.begin(), failpoint_names.end()).size(), failpoint_names.size());
}

}  // namespace
}  // namespace evenkeel
