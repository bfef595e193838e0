#include "daemon/http_settings.hpp"

#include <gtest/gtest.h>

namespace evenkeel {
namespace {

TEST(HttpSettings, ReadsPlacesToListenAt) {
    EXPECT_EQ(to_string(*listen_place("127.0.0.1:8484")), "http://127.0.0.1:8484");
    EXPECT_EQ(to_string(*listen_place("[::1]:0")), "http://[::1]:0");
    EXPECT_EQ(to_string(*listen_place("unix:/run/evenkeel.sock")), "unix:/run/evenkeel.sock");
    for (const char* wrong : {"", "8484", "127.0.0.1", "127.0.0.1:", ":8484", "host:99999", "host:1x", "unix:"})
        EXPECT_EQ(listen_place(wrong).error().code, "listen") << wrong;
}

TEST(HttpSettings, ShowsThePortThatWasTaken) {
    EXPECT_EQ(shown_place("127.0.0.1:0", 4711), "http://127.0.0.1:4711");
    EXPECT_EQ(shown_place("[::1]:8484", 8484), "http://[::1]:8484");
    EXPECT_EQ(shown_place("unix:/run/e.sock", 0), "unix:/run/e.sock");
}

TEST(HttpSettings, TakesTheLimitsOfTheServerSection) {
    ServerSettings settings;
    settings.connections_max = 7;
    settings.body_bytes_max.bytes = 1000;
    settings.head_bytes_max.bytes = 100;
    settings.idle_timeout = Millis{5};
    const HttpServerLimits limits = server_limits(settings);
    EXPECT_EQ(limits.connections_max, 7U);
    EXPECT_EQ(limits.body_bytes_max, 1000U);
    EXPECT_EQ(limits.head_bytes_max, 100U);
    EXPECT_EQ(limits.idle_timeout, Millis{5});
    EXPECT_TRUE(limits.abandons);
}

}  // namespace
}  // namespace evenkeel
