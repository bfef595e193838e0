#include "frontends/http/endpoints.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace evenkeel {
namespace {

TEST(Endpoints, EachRouteStandsOnceAndIsServed) {
    std::set<std::string> seen;
    for (const GatewayRoute& route : gateway_routes()) {
        EXPECT_NE(route.serve, nullptr) << route.path;
        EXPECT_TRUE(route.path.starts_with('/'));
        EXPECT_TRUE(seen.insert(std::string(route.method) + " " + std::string(route.path)).second) << route.path;
        EXPECT_EQ(route.with_rest, route.path.size() > 1 && route.path.ends_with('/')) << route.path;
    }
}

}  // namespace
}  // namespace evenkeel
