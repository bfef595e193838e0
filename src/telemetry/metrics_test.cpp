#include "telemetry/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace evenkeel {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Metrics, counts_requests_tries_tokens_and_money) {
    Metrics metrics("1.2.3");
    Attempt failed{.provider = "cloud", .outcome = Attempt::Outcome::failed};
    failed.error = Error{.cls = ErrorClass::silent, .origin = Origin::provider};
    Attempt answered{.provider = "local", .outcome = Attempt::Outcome::answered};
    answered.usage = Usage{.input = 10, .output = 3};
    answered.cost_usd = 0.5;
    answered.first_content_after = Millis{70};
    const std::array attempts{failed, answered};
    for (int i = 0; i < 2; ++i)
        metrics.count({.route = "/v1/chat/completions",
                       .model_asked = "canary-model",
                       .degraded = true,
                       .status = 200,
                       .attempts = attempts,
                       .won = 1,
                       .took = Millis{80}});
    metrics.count({.status = 404});
    const std::string text = metrics.text({}, {}, 0);
    EXPECT_THAT(text, HasSubstr("evenkeel_build_info{version=\"1.2.3\"} 1"));
    EXPECT_THAT(text, HasSubstr("evenkeel_requests_total{route=\"/v1/chat/completions\",status=\"200\"} 2"));
    EXPECT_THAT(text, HasSubstr("evenkeel_requests_total{route=\"none\",status=\"404\"} 1"));
    EXPECT_THAT(text, HasSubstr("evenkeel_tries_total{outcome=\"silent\",provider=\"cloud\"} 2"));
    EXPECT_THAT(text, HasSubstr("evenkeel_tries_total{outcome=\"answered\",provider=\"local\"} 2"));
    EXPECT_THAT(text, HasSubstr("evenkeel_tokens_total{direction=\"input\",provider=\"local\"} 20"));
    EXPECT_THAT(text, HasSubstr("evenkeel_cost_usd_total{provider=\"local\"} 1"));
    EXPECT_THAT(text, HasSubstr("evenkeel_first_content_seconds_bucket{provider=\"local\",le=\"0.1\"} 2"));
    EXPECT_THAT(text, HasSubstr("evenkeel_degraded_total 2"));
    EXPECT_THAT(text, Not(HasSubstr("canary"))) << "what callers write is no label";
}

TEST(Metrics, shows_providers_and_queue_as_they_are_now) {
    Metrics metrics("1");
    const std::array before{ProviderFigures{.name = "cloud", .well = true, .calls = 5, .failures = 1, .probes = 0}};
    EXPECT_THAT(metrics.text(before, {.queued = 7, .oldest = Millis{1'500}}, 4'096),
                testing::AllOf(HasSubstr("evenkeel_provider_up{provider=\"cloud\"} 1"),
                               HasSubstr("evenkeel_provider_calls_total{provider=\"cloud\"} 5"),
                               HasSubstr("evenkeel_queue_messages{state=\"queued\"} 7"),
                               HasSubstr("evenkeel_queue_oldest_seconds 1.5"),
                               HasSubstr("evenkeel_resident_memory_bytes 4096")));
    const std::array after{ProviderFigures{.name = "cloud", .well = false, .calls = 9, .failures = 5, .probes = 2}};
    EXPECT_THAT(metrics.text(after, {}, 0),
                testing::AllOf(HasSubstr("evenkeel_provider_up{provider=\"cloud\"} 0"),
                               HasSubstr("evenkeel_provider_calls_total{provider=\"cloud\"} 9"),
                               HasSubstr("evenkeel_queue_messages{state=\"queued\"} 0"),
                               HasSubstr("evenkeel_queue_oldest_seconds 0")));
}

}  // namespace
}  // namespace evenkeel
