#include "net/url.hpp"

namespace evenkeel {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(PercentDecoding, undoes_escapes_and_refuses_broken_ones) {
    EXPECT_EQ(percent_decoded("a%20b%2Fc%e2%82%ac+"), "a b/c\xE2\x82\xAC+");
    EXPECT_EQ(percent_decoded(""), "");
    for (const std::string_view broken : {"%", "%2", "%zz", "%-1", "%+1", "a%2", "%0x", "% 1"})
        EXPECT_EQ(percent_decoded(broken), std::nullopt) << broken;
}

TEST(QueryParameters, come_decoded_and_in_order) {
    EXPECT_THAT(*parse_query("a=1&b=x%20y+z&&c&=d&a=2%3D3"),
                ElementsAre(Pair("a", "1"), Pair("b", "x y z"), Pair("c", ""), Pair("", "d"), Pair("a", "2=3")));
    EXPECT_TRUE(parse_query("")->empty());
    EXPECT_EQ(parse_query("a=%4"), std::nullopt);
}

}  // namespace
}  // namespace evenkeel
