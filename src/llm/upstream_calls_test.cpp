#include "llm/upstream_calls.hpp"

#include <gtest/gtest.h>

#include "testing/scripted_http.hpp"
#include "testing/scripted_provider.hpp"
#include "testing/sim.hpp"

namespace evenkeel {
namespace {

using namespace std::chrono_literals;

TEST(RequestTo, joins_base_and_path_and_sends_the_key_only_where_there_is_one) {
    ProviderOptions options{.base_path = "/api/v1", .api_key = Secret("k")};
    HttpRequest request = request_to(options, "POST", "/chat/completions", "{}");
    EXPECT_EQ(request.target, "/api/v1/chat/completions");
    EXPECT_THAT(request.headers, ::testing::Contains(::testing::Pair("Authorization", "Bearer k")));
    EXPECT_THAT(request.headers, ::testing::Contains(::testing::Pair("Content-Type", "application/json")));
    options.api_key = Secret();
    request = request_to(options, "GET", "/models");
    EXPECT_THAT(request.headers, ::testing::Not(::testing::Contains(::testing::Key("Authorization"))));
    EXPECT_THAT(request.headers, ::testing::Not(::testing::Contains(::testing::Key("Content-Type"))));
}

struct Admit : ::testing::Test {
    testing::Sim sim;
    Upstreamed upstream{
        .env = sim.env(), .options = {.name = "cloud", .model = "m", .context_tokens = 4096}, .sender = nullptr};
    Call call;
};

TEST_F(Admit, lets_in_what_fits_without_a_record) {
    EXPECT_TRUE(admit(upstream, testing::question("Well?"), call));
    EXPECT_TRUE(call.attempts.empty());
}

TEST_F(Admit, records_what_it_keeps_out_as_skipped) {
    call.local_only = true;
    EXPECT_EQ(admit(upstream, testing::question("Well?"), call).error().code, "private");
    call.local_only = false;
    EXPECT_EQ(admit(upstream, testing::question(std::string(20'000, 'x')), call).error().code,
              "context_length_exceeded");
    ASSERT_EQ(call.attempts.size(), 2u);
    for (const Attempt& attempt : call.attempts) {
        EXPECT_EQ(attempt.outcome, Attempt::Outcome::skipped);
        EXPECT_EQ(attempt.error->cls, ErrorClass::capacity);
        EXPECT_THAT(attempt.error->detail, ::testing::StartsWith("cloud: "));
    }
    upstream.options.local = true;
    call.local_only = true;
    EXPECT_TRUE(admit(upstream, testing::question("Well?"), call));
}

TEST_F(Admit, fetching_gives_the_body_or_why_there_is_none) {
    auto sender = std::make_unique<testing::ScriptedHttp>(sim.env());
    testing::ScriptedHttp& http = *sender;
    upstream.sender = std::move(sender);
    const auto get = [&] { return sim.run(fetch(upstream, "/x", sim.scheduler.now() + 2s)); };
    http.then(testing::replying_in_pieces("hello", 2));
    EXPECT_EQ(get(), "hello");
    http.then(testing::HttpScript(200).bytes("hel").hang());
    EXPECT_EQ(get().error().cls, ErrorClass::silent);
    http.then(testing::HttpScript(200).bytes("hel").cut());
    EXPECT_EQ(get().error().cls, ErrorClass::transient);
    http.then(testing::replying(404, "404 page not found"));
    EXPECT_EQ(get().error().detail, "cloud answered 404: 404 page not found");
    http.then(testing::replying(200, std::string(9 * 1024 * 1024, 'x')));
    EXPECT_EQ(get().error().code, "too_large");
}

TEST(ModelNames, reads_both_lists_and_nothing_else) {
    EXPECT_EQ(*model_names(R"({"object":"list","data":[{"id":"a"},{"id":"b"},{"other":1}]})"),
              (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(*model_names(R"({"models":[{"name":"a:1b","model":"a:1b"}]})"), std::vector<std::string>{"a:1b"});
    EXPECT_TRUE(model_names(R"({"models":[]})")->empty());
    EXPECT_FALSE(model_names(R"({"models":{}})"));
    EXPECT_FALSE(model_names("<html>"));
}

}  // namespace
}  // namespace evenkeel
