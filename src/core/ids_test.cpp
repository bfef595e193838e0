#include "core/ids.hpp"

#include <gtest/gtest.h>

#include "testing/sim.hpp"

namespace evenkeel {
namespace {

TEST(Id, reads_back_what_it_prints) {
    testing::Sim sim;
    IdMaker ids(sim.env());
    const Id id = ids.next();
    const std::string text = to_string(id);
    EXPECT_EQ(text.size(), 36u);
    EXPECT_EQ(text[14], '7');
    EXPECT_EQ(parse_id(text), id);
    EXPECT_EQ(parse_id(text.substr(1)), std::nullopt);
    EXPECT_EQ(parse_id(text + "0"), std::nullopt);
    EXPECT_EQ(parse_id("zz" + text.substr(2)), std::nullopt);
}

TEST(IdMaker, ids_grow_even_when_the_clock_goes_back_or_stands_still) {
    testing::Sim sim;
    IdMaker ids(sim.env());
    Id last = ids.next();
    for (int i = 0; i < 20'000; ++i) {
        if (i == 5'000) sim.scheduler.jump_wall(Millis{-86'400'000});
        const Id next = ids.next();
        ASSERT_LT(last, next) << i;
        last = next;
    }
}

TEST(IdPrefix, covers_every_id_that_begins_so) {
    const Id id = *parse_id("0193c1d2-7f3a-7abc-8def-0123456789ab");
    for (const char* typed : {"0193c1", "0193c1d2-7f3", "0193C1D27F3A7", "0193c1d2-7f3a-7abc-8def-0123456789ab"}) {
        const auto prefix = parse_id_prefix(typed);
        ASSERT_TRUE(prefix) << typed;
        EXPECT_TRUE(prefix->low <= id && id <= prefix->high) << typed;
    }
    const auto other = parse_id_prefix("0193c2");
    EXPECT_FALSE(other->low <= id && id <= other->high);
    for (const char* wrong : {"", "0193c", "0193cg", "0193c1d2-7f3a-7abc-8def-0123456789ab0"})
        EXPECT_FALSE(parse_id_prefix(wrong)) << wrong;
}

}  // namespace
}  // namespace evenkeel
