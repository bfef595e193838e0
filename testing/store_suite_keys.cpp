#include <gmock/gmock.h>

#include <chrono>
#include <string>
#include <utility>

#include "testing/store_suite.hpp"

namespace evenkeel::testing {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

KeyHash filled(unsigned value) {
    KeyHash hash{};
    hash.fill(static_cast<std::byte>(value));
    return hash;
}

KeyRecord key_named(IdMaker& ids, std::string name, unsigned hash, WallTime now) {
    return {
        .id = ids.next(), .name = std::move(name), .prefix = "sk-evk-abcd", .hash = filled(hash), .created_at = now};
}

TEST_P(StoreSuite, the_first_hashing_key_is_kept_for_ever) {
    EXPECT_EQ(keys().hashing_key(filled(1)).value(), filled(1));
    EXPECT_EQ(keys().hashing_key(filled(2)).value(), filled(1));
    reopen();
    EXPECT_EQ(keys().hashing_key(filled(3)).value(), filled(1));
}

TEST_P(StoreSuite, a_key_comes_back_with_all_that_was_said_of_it) {
    KeyRecord full = key_named(ids_, "bot", 1, now_);
    full.scopes = {};
    full.scopes.add(KeyScope::chat);
    full.scopes.add(KeyScope::operate);
    full.limits = {.requests_per_minute = 60,
                   .tokens_per_day = 100'000,
                   .usd_per_day = 0.5,
                   .usd_per_month = 0.0,
                   .concurrent = 4,
                   .downgrade = true,
                   .webhooks = {"https://a.example/", "https://b.example/x/"},
                   .models = {"gpt-4o"}};
    full.expires_at = now_ + day;
    const KeyRecord plain = key_named(ids_, "another", 2, now_);
    ASSERT_TRUE(keys().add_key(full));
    ASSERT_TRUE(keys().add_key(plain));
    for (int start = 0; start < 2; ++start) {
        const auto found = keys().keys().value();
        ASSERT_THAT(found, SizeIs(2));
        EXPECT_EQ(found[0].id, full.id) << "oldest first";
        EXPECT_EQ(found[0].name, "bot");
        EXPECT_EQ(found[0].prefix, "sk-evk-abcd");
        EXPECT_EQ(found[0].hash, filled(1));
        EXPECT_EQ(found[0].scopes, full.scopes);
        EXPECT_EQ(found[0].limits, full.limits);
        EXPECT_EQ(found[0].created_at, now_);
        EXPECT_EQ(found[0].expires_at, now_ + day);
        EXPECT_FALSE(found[0].revoked_at);
        EXPECT_EQ(found[1].limits, KeyLimits{}) << "no limit stays no limit, also the one of 0 USD above";
        EXPECT_EQ(found[1].scopes, usual_key_scopes);
        EXPECT_FALSE(found[1].expires_at);
        reopen();
    }
}

TEST_P(StoreSuite, adding_a_key_again_changes_nothing_and_its_id_is_taken) {
    const KeyRecord key = key_named(ids_, "bot", 1, now_);
    ASSERT_TRUE(keys().add_key(key));
    ASSERT_TRUE(keys().add_key(key)) << "the reply of the first time may have been lost";
    KeyRecord other = key_named(ids_, "other", 2, now_);
    other.id = key.id;
    EXPECT_TRUE(failed_with(keys().add_key(other), "conflict"));
    EXPECT_THAT(keys().keys().value(), SizeIs(1));
}

TEST_P(StoreSuite, a_name_is_free_again_once_its_key_is_revoked) {
    const KeyRecord key = key_named(ids_, "bot", 1, now_);
    ASSERT_TRUE(keys().add_key(key));
    const auto second = keys().add_key(key_named(ids_, "bot", 2, now_));
    EXPECT_TRUE(failed_with(second, "conflict"));
    EXPECT_EQ(second.error().cls, ErrorClass::request);
    ASSERT_TRUE(keys().revoke_key(key.id, now_ + Millis{1}));
    ASSERT_TRUE(keys().revoke_key(key.id, now_ + Millis{2})) << "repeating it changes nothing";
    EXPECT_TRUE(keys().add_key(key_named(ids_, "bot", 3, now_)));
    reopen();
    const auto found = keys().keys().value();
    ASSERT_THAT(found, SizeIs(2)) << "a revoked key stays known";
    EXPECT_EQ(found[0].revoked_at, now_ + Millis{1});
    EXPECT_FALSE(found[1].revoked_at);
}

TEST_P(StoreSuite, revoking_what_is_not_there_says_so) {
    EXPECT_THAT(keys().keys().value(), IsEmpty());
    EXPECT_TRUE(failed_with(keys().revoke_key(ids_.next(), now_), "not_found"));
}

}  // namespace
}  // namespace evenkeel::testing
