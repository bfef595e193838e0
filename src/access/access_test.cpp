#include "access/access.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "testing/sim.hpp"

namespace evenkeel {
namespace {

using namespace std::chrono_literals;

struct AccessTest : ::testing::Test {
    /// Makes a key that is presented as its own name.
    KeyRecord make(const std::string& name, const KeyLimits& limits = {}, KeyScopes scopes = usual_key_scopes) {
        KeyRecord key{.id = ids.next(), .name = name, .prefix = name, .scopes = scopes, .limits = limits};
        key.hash = access.hasher()(name);
        access.put(key, {});
        return key;
    }
    static Attempt attempt(Attempt::Outcome outcome, std::int64_t tokens, std::optional<double> cost = {}) {
        return {.provider = "cloud", .model = "m", .outcome = outcome, .usage = Usage{tokens, 0}, .cost_usd = cost};
    }
    Error refused(std::string_view presented, KeyScope scope = KeyScope::chat, Demand demand = Demand::spend) {
        auto admitted = access.admit(presented, scope, demand);
        EXPECT_FALSE(admitted);
        return admitted ? Error{} : admitted.error();
    }
    bool admitted(std::string_view presented, KeyScope scope = KeyScope::chat, Demand demand = Demand::spend) {
        return access.admit(presented, scope, demand).has_value();
    }

    testing::Sim sim;
    IdMaker ids{sim.env()};
    Access access{sim.env(), HashingKey{}};
};

TEST_F(AccessTest, without_any_key_everybody_is_let_in_whatever_they_present) {
    EXPECT_TRUE(access.open());
    for (const std::string_view presented : {"", "ollama", "sk-anything"}) {
        auto admission = access.admit(presented, KeyScope::operate);
        ASSERT_TRUE(admission);
        EXPECT_TRUE(admission->key_id().is_nil());
        EXPECT_EQ(admission->key_name(), "");
        EXPECT_FALSE(admission->local_only());
        EXPECT_TRUE(admission->may_use_model("any"));
        EXPECT_TRUE(admission->may(KeyScope::operate));
        EXPECT_FALSE(admission->may_call_back("https://example.com/")) << "nobody allowed it";
    }
}

TEST_F(AccessTest, a_missing_and_a_wrong_key_are_told_so) {
    make("right");
    EXPECT_FALSE(access.open());
    EXPECT_TRUE(admitted("right"));
    for (const std::string& presented : {std::string(), std::string("wrong"), std::string("right "),
                                         std::string("Right"), std::string(1'000'000, 'r')}) {
        const Error error = refused(presented);
        EXPECT_EQ(error.cls, ErrorClass::account);
        EXPECT_EQ(error.origin, Origin::caller);
        EXPECT_EQ(error.code, "invalid_api_key");
        EXPECT_EQ(error.http_status, 401);
        EXPECT_EQ(error.detail.find("right"), std::string::npos) << "nothing of what was presented, or is known";
    }
}

TEST_F(AccessTest, scopes_are_kept_apart) {
    KeyScopes only_metrics;
    only_metrics.add(KeyScope::metrics);
    make("scraper", {}, only_metrics);
    EXPECT_TRUE(admitted("scraper", KeyScope::metrics));
    const Error error = refused("scraper", KeyScope::chat);
    EXPECT_EQ(error.cls, ErrorClass::policy);
    EXPECT_EQ(error.code, "insufficient_scope");
    EXPECT_EQ(error.http_status, 403);
    make("bot");
    EXPECT_FALSE(admitted("bot", KeyScope::metrics));
    EXPECT_FALSE(admitted("bot", KeyScope::operate));
    EXPECT_TRUE(admitted("bot", KeyScope::models));
}

TEST_F(AccessTest, a_revoked_key_is_refused_at_once_and_ends_no_call_that_runs) {
    const KeyRecord key = make("bot", {.concurrent = 1});
    auto running = access.admit("bot", KeyScope::chat);
    ASSERT_TRUE(running);
    EXPECT_TRUE(access.revoke(key.id, sim.env().wall()));
    EXPECT_EQ(refused("bot").code, "invalid_api_key");
    EXPECT_EQ(running->key_name(), "bot");
    running->charge(std::vector{attempt(Attempt::Outcome::answered, 5)});
    EXPECT_EQ(access.spending(key.id)->tokens_today, 5);
    EXPECT_FALSE(access.open()) << "revoking the last key must not let everybody in";
    EXPECT_FALSE(access.revoke(Id{}, sim.env().wall()));
}

TEST_F(AccessTest, a_key_expires_at_its_moment) {
    KeyRecord key = make("bot");
    key.expires_at = sim.env().wall() + 30s;
    access.put(key, {});
    sim.scheduler.run_for(30s - 1ms);
    EXPECT_TRUE(admitted("bot"));
    sim.scheduler.run_for(1ms);
    const Error error = refused("bot");
    EXPECT_EQ(error.code, "invalid_api_key");
    EXPECT_NE(error.detail.find("expired at 2026-01-01T00:00:30"), std::string::npos) << error.detail;
}

TEST_F(AccessTest, a_permit_comes_back_with_the_end_of_its_call) {
    make("bot", {.concurrent = 1});
    {
        auto first = access.admit("bot", KeyScope::chat);
        ASSERT_TRUE(first);
        const Error error = refused("bot");
        EXPECT_EQ(error.code, "rate_limit_exceeded");
        EXPECT_EQ(error.http_status, 429);
        EXPECT_TRUE(error.retry_after);
        Admission moved = std::move(*first);
        EXPECT_EQ(refused("bot").code, "rate_limit_exceeded") << "moving it gives nothing back";
        EXPECT_TRUE(admitted("bot", KeyScope::responses, Demand::look));
        EXPECT_EQ(refused("bot").code, "rate_limit_exceeded") << "a look gives back no permit that it never had";
    }
    EXPECT_TRUE(admitted("bot"));
    EXPECT_TRUE(admitted("bot"));
}

TEST_F(AccessTest, assigning_an_admission_gives_back_the_one_it_held) {
    make("one", {.concurrent = 1});
    make("two", {.concurrent = 1});
    auto held = access.admit("one", KeyScope::chat);
    ASSERT_TRUE(held);
    *held = std::move(*access.admit("two", KeyScope::chat));
    EXPECT_TRUE(admitted("one"));
    EXPECT_EQ(refused("two").code, "rate_limit_exceeded");
}

TEST_F(AccessTest, the_request_rate_says_when_the_next_one_is_free) {
    make("bot", {.requests_per_minute = 2});
    EXPECT_TRUE(admitted("bot"));
    EXPECT_TRUE(admitted("bot"));
    const Error error = refused("bot");
    EXPECT_EQ(error.cls, ErrorClass::overload);
    EXPECT_EQ(error.code, "rate_limit_exceeded");
    EXPECT_EQ(error.retry_after, 30s);
    sim.scheduler.run_for(30s);
    EXPECT_TRUE(admitted("bot"));
}

TEST_F(AccessTest, a_spent_budget_is_a_429_that_says_when_it_begins_anew) {
    const KeyRecord key = make("bot", {.tokens_per_day = 100});
    auto call = access.admit("bot", KeyScope::chat);
    ASSERT_TRUE(call);
    // The loser of a race, one that broke off and the one that answered: all of them cost.
    call->charge(std::vector{attempt(Attempt::Outcome::cancelled, 30), attempt(Attempt::Outcome::cut, 30),
                             attempt(Attempt::Outcome::answered, 40), attempt(Attempt::Outcome::skipped, 0)});
    EXPECT_EQ(access.spending(key.id)->tokens_today, 100);
    const Error error = refused("bot");
    EXPECT_EQ(error.cls, ErrorClass::overload);
    EXPECT_EQ(error.code, "insufficient_quota");
    EXPECT_EQ(error.http_status, 429);
    EXPECT_EQ(error.retry_after, 24h) << "the simulated clock starts at midnight";
    EXPECT_NE(error.detail.find("2026-01-02T00:00:00"), std::string::npos) << error.detail;
    sim.scheduler.run_for(24h);
    EXPECT_TRUE(admitted("bot"));
}

TEST_F(AccessTest, a_spent_budget_sends_to_local_providers_where_the_key_says_so) {
    make("bot", {.usd_per_day = 1.0, .downgrade = true});
    auto call = access.admit("bot", KeyScope::chat);
    ASSERT_TRUE(call);
    EXPECT_FALSE(call->local_only());
    call->charge(std::vector{attempt(Attempt::Outcome::answered, 40, 1.25)});
    auto next = access.admit("bot", KeyScope::chat);
    ASSERT_TRUE(next);
    EXPECT_TRUE(next->local_only());
    EXPECT_EQ(next->quota_error().code, "insufficient_quota");
    EXPECT_EQ(next->quota_error().retry_after, 24h);
    sim.scheduler.run_for(24h);
    EXPECT_FALSE(access.admit("bot", KeyScope::chat)->local_only());
}

TEST_F(AccessTest, what_was_spent_before_a_restart_still_counts) {
    KeyRecord key = make("bot", {.tokens_per_day = 100});
    access.put(key, {.tokens_today = 100});
    EXPECT_EQ(refused("bot").code, "insufficient_quota");
}

TEST_F(AccessTest, usage_is_booked_under_its_key_also_without_a_call) {
    const KeyRecord key = make("bot");
    access.admit("bot", KeyScope::chat)->charge(std::vector{attempt(Attempt::Outcome::answered, 7)});
    access.charge(key.id, std::vector{attempt(Attempt::Outcome::answered, 8)}, Counted::in_ledger);
    EXPECT_EQ(access.spending(key.id)->tokens_today, 15);
    const auto lines = access.usage().take();
    ASSERT_EQ(lines.size(), 2u);
    EXPECT_EQ(lines[0].key, key.id);
    EXPECT_EQ(lines[1].key, key.id);
    EXPECT_NE(lines[0].in_ledger, lines[1].in_ledger);
    access.charge(Id{{9}}, std::vector{attempt(Attempt::Outcome::answered, 8)}, Counted::in_ledger);
    ASSERT_EQ(access.usage().size(), 1u) << "a key that is gone: the usage is kept all the same";
    EXPECT_TRUE(access.usage().take()[0].key.is_nil());
}

TEST_F(AccessTest, models_and_call_backs_are_those_of_the_key) {
    make("bot", {.webhooks = {"https://hooks.example.com/evenkeel/"}, .models = {"gpt-4o", "evenkeel"}});
    auto call = access.admit("bot", KeyScope::chat);
    ASSERT_TRUE(call);
    EXPECT_TRUE(call->may_use_model("gpt-4o"));
    EXPECT_TRUE(call->may_use_model(""));
    EXPECT_FALSE(call->may_use_model("gpt-4"));
    EXPECT_TRUE(call->may_call_back("https://hooks.example.com/evenkeel/1"));
    EXPECT_FALSE(call->may_call_back("https://hooks.example.com/other"));
    EXPECT_FALSE(call->may(KeyScope::operate));
}

TEST(AllowedTarget, is_below_a_listed_address_and_nothing_that_reads_like_another) {
    const std::vector<std::string> allowed{"https://hooks.example.com/evenkeel/", "http://10.0.0.5:8080/",
                                           "https://no-slash.example.com/hook"};
    for (const char* url : {"https://hooks.example.com/evenkeel/", "https://hooks.example.com/evenkeel/a/b?c=d&e",
                            "http://10.0.0.5:8080/x", "https://no-slash.example.com/hook"})
        EXPECT_TRUE(is_allowed_target(allowed, url)) << url;
    for (const char* url :
         {"", "https://hooks.example.com/", "https://hooks.example.com/evenkeelx", "http://hooks.example.com/evenkeel/",
          "https://hooks.example.com/evenkeel/../admin", "https://hooks.example.com/evenkeel/%2e%2e/admin",
          "https://hooks.example.com/evenkeel/..\\admin", "https://hooks.example.com:444/evenkeel/",
          "https://a@hooks.example.com/evenkeel/", "http://10.0.0.5:8080@evil.example/", "http://10.0.0.5:80801/",
          "https://hooks.example.com/evenkeel/\r\nx", "https://no-slash.example.com.evil.example/",
          "https://no-slash.example.com", "https://no-slash.example.com/hook/more"})
        EXPECT_FALSE(is_allowed_target(allowed, url)) << url;
}

}  // namespace
}  // namespace evenkeel
