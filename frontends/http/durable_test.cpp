#include "frontends/http/durable.hpp"

#include <gtest/gtest.h>

namespace evenkeel {
namespace {

TEST(DurableRecord, is_read_back) {
    const auto read = durable_record(to_json({.surface = "responses",
                                              .background = true,
                                              .asked = "m\"7",
                                              .echo = R"({"a":[1]})",
                                              .webhook = "https://example.com/x"}));
    EXPECT_EQ(read.surface, "responses");
    EXPECT_TRUE(read.background);
    EXPECT_EQ(read.asked, "m\"7");
    EXPECT_EQ(read.echo, R"({"a":[1]})");
    EXPECT_EQ(read.webhook, "https://example.com/x");
    EXPECT_EQ(durable_record("nonsense").surface, "");
    EXPECT_EQ(durable_record(to_json({})).echo, "");
}

struct Preference {
    const char* field;
    bool async;
};
class Prefers : public ::testing::TestWithParam<Preference> {};

TEST_P(Prefers, respond_async) {
    HttpIncoming request;
    request.headers.emplace_back("Prefer", GetParam().field);
    EXPECT_EQ(prefers_async(request), GetParam().async);
}

INSTANTIATE_TEST_SUITE_P(Fields, Prefers,
                         ::testing::Values(Preference{"respond-async", true}, Preference{"Respond-Async", true},
                                           Preference{"wait=10, respond-async", true},
                                           Preference{"respond-async; foo=bar", true}, Preference{"", false},
                                           Preference{"respond-asynchronously", false}, Preference{"wait=10", false}));

TEST(ErrorOf, an_outage_keeps_its_floor_and_can_be_asked_again) {
    const Error error = error_of({.kind = TurnEvent::Kind::queued, .text = "busy", .eta = Millis{7'000}});
    EXPECT_EQ(error.cls, ErrorClass::transient);
    EXPECT_EQ(error.retry_after, Millis{7'000});
    EXPECT_EQ(error_of({.kind = TurnEvent::Kind::cancelled}).http_status, 409);
}

}  // namespace
}  // namespace evenkeel
