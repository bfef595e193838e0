#include "daemon/route_builder.hpp"

#include <gtest/gtest.h>

#include "testing/memory_network.hpp"
#include "testing/sim.hpp"

namespace evenkeel {
namespace {

ProviderSettings cloud_settings() {
    ProviderSettings settings;
    settings.name = "cloud";
    settings.kind = "openai";
    settings.url = {.tls = true, .host = "api.example", .port = 443, .path = "/v1"};
    settings.ca_file = "/etc/ca.pem";
    settings.model = "m";
    settings.api_key = Secret("sk-one");
    settings.context_tokens = 128'000;
    settings.price_input = 0.15;
    settings.repeat_bytes_max = {.bytes = 5'000};
    settings.connect_timeout = Millis{2'000};
    settings.first_content_timeout = Millis{10'000};
    settings.reasoning_timeout = Millis{60'000};
    settings.idle_timeout = Millis{15'000};
    settings.answer_timeout = Millis{120'000};
    settings.total_timeout = Millis{600'000};
    return settings;
}

ProviderSettings local_settings() {
    ProviderSettings settings = cloud_settings();
    settings.name = "local";
    settings.kind = "ollama";
    settings.api_key = Secret();
    settings.local = true;
    settings.context_tokens = 8'192;
    settings.first_content_timeout = Millis{120'000};
    settings.keep_alive = Millis{300'000};
    return settings;
}

struct RouteBuilder : ::testing::Test {
    testing::Sim sim;
    testing::MemoryNetwork network{sim.env()};
    Settings settings;
    std::vector<LaneSpec> lanes() { return make_lanes(sim.env(), network, settings); }
};

TEST_F(RouteBuilder, the_order_of_the_settings_is_the_route) {
    settings.providers = {local_settings(), cloud_settings()};
    const auto built = lanes();
    ASSERT_EQ(built.size(), 2u);
    EXPECT_EQ(built[0].upstream->identity().name, "local");
    EXPECT_EQ(built[0].upstream->identity().kind, "ollama");
    EXPECT_TRUE(built[0].upstream->identity().local);
    EXPECT_EQ(built[1].upstream->identity().name, "cloud");
    EXPECT_EQ(built[1].upstream->identity().kind, "openai");
    EXPECT_FALSE(built[1].upstream->identity().local);
}

TEST_F(RouteBuilder, a_provider_that_is_left_out_has_no_lane) {
    settings.providers = {cloud_settings(), local_settings()};
    settings.providers[0].left_out = "NANOGPT_API_KEY is not set";
    const auto built = lanes();
    ASSERT_EQ(built.size(), 1u);
    EXPECT_EQ(built[0].upstream->identity().name, "local");
}

TEST_F(RouteBuilder, a_lane_has_the_limits_of_its_provider_and_of_the_route) {
    settings.providers = {cloud_settings()};
    settings.route.failures_in_a_row = 5;
    settings.route.failure_window = Seconds{45};
    const LaneSpec lane = lanes().at(0);
    EXPECT_EQ(lane.limits.first_content, Seconds{10});
    EXPECT_EQ(lane.limits.reasoning, Seconds{60});
    EXPECT_EQ(lane.limits.idle, Seconds{15});
    EXPECT_EQ(lane.limits.answer, Seconds{120});
    EXPECT_EQ(lane.limits.total, Seconds{600});
    EXPECT_EQ(lane.breaker.failures_to_open, 5u);
    EXPECT_EQ(lane.breaker.window, Seconds{45});
    EXPECT_EQ(lane.context_tokens, 128'000u);
}

TEST_F(RouteBuilder, settings_of_the_breaker_reach_it) {
    settings.providers = {cloud_settings()};
    settings.route.failure_calls_min = 24;
    settings.route.account_probe_every = Millis{60'000};
    settings.route.free_check_every = Millis{3'000};
    const BreakerOptions breaker = lanes().at(0).breaker;
    EXPECT_EQ(breaker.calls_to_judge, 24u);
    EXPECT_EQ(breaker.account_probe, Seconds{60});
    EXPECT_EQ(breaker.free_check_every, Seconds{3});
}

TEST_F(RouteBuilder, how_much_is_asked_at_a_time_is_as_configured) {
    settings.providers = {cloud_settings(), local_settings()};
    settings.providers[0].max_concurrent = 40;
    settings.providers[0].rate_limit.per_second = 25;
    settings.providers[1].max_concurrent = 2;
    settings.route.hedge = "local";
    const auto built = lanes();
    EXPECT_EQ(built[0].pace.concurrent_max, 40u);
    EXPECT_EQ(built[0].pace.calls_per_s, 25);
    EXPECT_TRUE(built[0].pace.adapts);
    EXPECT_FALSE(built[0].warms_up);
    EXPECT_EQ(built[1].pace.concurrent_max, 2u);
    EXPECT_FALSE(built[1].pace.adapts) << "it works at so many in parallel, whatever happens";
    EXPECT_TRUE(built[1].warms_up);
    EXPECT_EQ(route_options(settings).hedge, "local");
}

TEST_F(RouteBuilder, slow_answers_are_judged_as_configured) {
    settings.providers = {cloud_settings()};
    settings.providers[0].first_content_floor = Millis{4'000};
    settings.providers[0].tokens_min.per_second = 2;
    settings.providers[0].slow_for = Millis{20'000};
    const ContentLimits limits = lanes().at(0).limits;
    EXPECT_EQ(limits.first_content_floor, Seconds{4});
    EXPECT_EQ(limits.tokens_per_s_min, 2);
    EXPECT_EQ(limits.slow_for, Seconds{20});
}

TEST_F(RouteBuilder, who_may_be_asked_to_go_on_is_as_configured) {
    settings.providers = {cloud_settings(), cloud_settings(), cloud_settings()};
    settings.providers[0].prefill = "auto";
    settings.providers[1].prefill = "yes";
    settings.providers[2].prefill = "no";
    const auto built = lanes();
    EXPECT_EQ(built[0].prefill, PrefillMode::automatic);
    EXPECT_EQ(built[1].prefill, PrefillMode::yes);
    EXPECT_EQ(built[2].prefill, PrefillMode::no);
}

TEST_F(RouteBuilder, the_limits_of_a_rescue_are_the_routes) {
    settings.route.rescue_text_max = {.bytes = 1'000};
    settings.route.rescue_total_max = {.bytes = 2'000};
    settings.route.held_bytes_max = {.bytes = 3'000};
    settings.route.rescues_max = 2;
    const RescueLimits limits = route_options(settings).rescue;
    EXPECT_EQ(limits.text_max, 1'000u);
    EXPECT_EQ(limits.total_max, 2'000u);
    EXPECT_EQ(limits.held_max, 3'000u);
    EXPECT_EQ(limits.rescues_max, 2u);
}

TEST_F(RouteBuilder, only_a_patient_ollama_gets_less_time_once_its_model_is_loaded) {
    settings.providers = {local_settings(), local_settings(), cloud_settings()};
    settings.providers[1].first_content_timeout = Seconds{10};
    settings.providers[2].first_content_timeout = Seconds{120};
    const auto built = lanes();
    EXPECT_EQ(built[0].limits.first_content_warm, Seconds{30});
    EXPECT_EQ(built[0].limits.stays_warm, Seconds{300});
    const ContentLimits untouched;
    EXPECT_EQ(built[1].limits.first_content_warm, untouched.first_content_warm);
    EXPECT_EQ(built[2].limits.first_content_warm, untouched.first_content_warm);
}

TEST_F(RouteBuilder, the_adapter_gets_the_place_the_key_and_the_prices) {
    const ProviderOptions options = provider_options(cloud_settings());
    EXPECT_EQ(options.endpoint.host, "api.example");
    EXPECT_EQ(options.endpoint.port, 443);
    EXPECT_TRUE(options.endpoint.tls);
    EXPECT_EQ(options.endpoint.ca_file, "/etc/ca.pem");
    EXPECT_EQ(options.endpoint.connect_timeout, Seconds{2});
    EXPECT_EQ(options.base_path, "/v1");
    EXPECT_EQ(options.api_key.reveal(), "sk-one");
    EXPECT_EQ(options.price_input, 0.15);
    EXPECT_EQ(options.repeat_bytes_max, 5'000u);
    EXPECT_EQ(options.price_output, std::nullopt);
    EXPECT_EQ(provider_options(local_settings()).keep_alive, "5m");
}

TEST_F(RouteBuilder, a_fingerprint_tells_keys_apart_and_nothing_about_them) {
    EXPECT_EQ(key_fingerprint(Secret()), "");
    // printf abc | sha256sum
    EXPECT_EQ(key_fingerprint(Secret("abc")), "ba7816bf8f01cfea");
    EXPECT_NE(key_fingerprint(Secret("abd")), key_fingerprint(Secret("abc")));
    settings.providers = {cloud_settings()};
    EXPECT_EQ(lanes().at(0).credential, key_fingerprint(Secret("sk-one")));
}

}  // namespace
}  // namespace evenkeel
