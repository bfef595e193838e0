#include "telemetry/request_ring.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace evenkeel {
namespace {

Id numbered(std::uint8_t number) {
    Id id;
    id.bytes.front() = number;
    id.bytes.back() = number;
    return id;
}

TEST(RequestRing, keeps_the_last_ones) {
    RequestRing ring(3);
    for (std::uint8_t number = 1; number <= 4; ++number) ring.put(numbered(number)) += std::to_string(number);
    EXPECT_FALSE(ring.find(numbered(1)));
    EXPECT_EQ(ring.find(numbered(2)), "2");
    EXPECT_EQ(ring.find(numbered(4)), "4");
    EXPECT_FALSE(ring.find(numbered(5)));
}

TEST(RequestRing, finds_by_what_a_person_types) {
    RequestRing ring(4);
    for (const Id& id : {numbered(1), numbered(2), numbered(1)}) (void)ring.put(id);
    EXPECT_THAT(ring.find(*parse_id_prefix("010000"), 9), testing::ElementsAre(numbered(1), numbered(1)));
    EXPECT_THAT(ring.find(*parse_id_prefix("010000"), 1), testing::SizeIs(1));
    EXPECT_THAT(ring.find(*parse_id_prefix("030000"), 9), testing::IsEmpty());
}

}  // namespace
}  // namespace evenkeel
