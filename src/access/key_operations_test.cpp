#include "access/key_operations.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/json_writer.hpp"
#include "store/sqlite_engine.hpp"
#include "testing/sim.hpp"

namespace evenkeel {
namespace {

using namespace std::chrono_literals;

struct Operating : ::testing::Test {
    Result<std::string> call(std::string operation, std::string arguments) {
        return sim.run(operations.call(std::move(operation), std::move(arguments)));
    }
    /// Its arguments as the command sends them; `more` begins with a comma.
    std::string arguments(const std::string& name, unsigned seed, const std::string& more = "") {
        std::array<std::byte, 32> chance{};
        chance.fill(static_cast<std::byte>(seed));
        texts.push_back(make_key_text(chance).text);
        std::string text;
        JsonWriter json(text);
        json.object().member("id", to_string(ids.next())).member("secret", texts.back().reveal()).member("name", name);
        return text + more + "}";
    }
    Json made(const std::string& name, unsigned seed, const std::string& more = "") {
        auto reply = call("key.create", arguments(name, seed, more));
        EXPECT_TRUE(reply) << reply.error().detail;
        return read(reply.value());
    }
    Json read(const std::string& text) {
        docs.emplace_back(std::make_unique<JsonDoc>());
        return docs.back()->parse(text).value();
    }
    bool admitted(std::size_t which) {
        return keeper->access().admit(texts.at(which).reveal(), KeyScope::chat).has_value();
    }

    testing::Sim sim;
    IdMaker ids{sim.env()};
    std::unique_ptr<AsyncStore> store =
        make_inline_store(sim.scheduler, std::move(open_sqlite({.file = ":memory:"}, sim.env().wall())).value());
    std::unique_ptr<KeyKeeper> keeper = sim.run(KeyKeeper::open(sim.env(), *store, HashingKey{})).value();
    KeyOperations operations{sim.env(), *keeper};
    std::vector<Secret> texts;
    std::vector<std::unique_ptr<JsonDoc>> docs;
};

TEST_F(Operating, a_key_is_made_and_counts_and_its_text_is_given_back_to_nobody) {
    auto reply = call("key.create", arguments("bot", 1, R"(,"limits":{"concurrent":2},"expires_in_s":60)"));
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->find(texts[0].reveal()), std::string::npos);
    const Json key = read(*reply);
    EXPECT_EQ(key["name"].string(), "bot");
    EXPECT_EQ(key["state"].string(), "in use");
    EXPECT_EQ(key["first"].boolean(), true);
    EXPECT_EQ(key["limits"]["concurrent"].integer(), 2);
    EXPECT_EQ(key["limits"]["usd_per_day"].kind(), Json::Kind::null);
    EXPECT_EQ(key["scopes"].size(), 4u);
    EXPECT_EQ(key["created_at"].string(), "2026-01-01T00:00:00.000Z");
    EXPECT_EQ(key["expires_at"].string(), "2026-01-01T00:01:00.000Z");
    EXPECT_TRUE(admitted(0));
    EXPECT_EQ(made("second", 2)["first"].boolean(), false);
    EXPECT_EQ(call("key.list", "{}")->find(texts[0].reveal()), std::string::npos);
}

TEST_F(Operating, repeating_a_creation_makes_no_second_key) {
    const std::string same = arguments("bot", 1);
    ASSERT_TRUE(call("key.create", same));
    EXPECT_TRUE(call("key.create", same));
    EXPECT_EQ(read(*call("key.list", "{}")).size(), 1u);
    EXPECT_EQ(call("key.create", arguments("bot", 2)).error().code, "conflict");
}

TEST_F(Operating, the_list_tells_what_was_used_up) {
    made("bot", 1);
    made("other", 2);
    sim.scheduler.run_for(90s);
    keeper->access()
        .admit(texts[0].reveal(), KeyScope::chat)
        .value()
        .charge(std::vector{Attempt{.provider = "cloud",
                                    .model = "m",
                                    .outcome = Attempt::Outcome::answered,
                                    .usage = Usage{7, 5},
                                    .cost_usd = 0.25}});
    ASSERT_TRUE(sim.run(keeper->flush()));
    const Json list = read(*call("key.list", "{}"));
    ASSERT_EQ(list.size(), 2u);
    EXPECT_EQ(list.at(0)["used"]["tokens_today"].integer(), 12);
    EXPECT_EQ(list.at(0)["used"]["usd_today"].number(), 0.25);
    EXPECT_EQ(list.at(0)["used"]["usd_this_month"].number(), 0.25);
    EXPECT_EQ(list.at(0)["last_used_at"].string(), "2026-01-01T00:01:00.000Z");
    EXPECT_EQ(list.at(1)["used"]["tokens_today"].integer(), 0);
    EXPECT_EQ(list.at(1)["last_used_at"].kind(), Json::Kind::null);
}

TEST_F(Operating, a_key_is_revoked_by_its_name_its_id_or_the_beginning_of_it) {
    made("one", 1);
    const std::string two(made("two", 2)["id"].string_or(""));
    const std::string three(made("three", 3)["id"].string_or(""));
    EXPECT_EQ(read(*call("key.revoke", R"({"key":"one"})"))["state"].string(), "revoked");
    EXPECT_FALSE(admitted(0));
    EXPECT_TRUE(admitted(1));
    EXPECT_EQ(call("key.revoke", R"({"key":")" + two.substr(0, 8) + "\"}").error().code, "ambiguous");
    EXPECT_TRUE(call("key.revoke", R"({"key":")" + two + "\"}"));
    EXPECT_TRUE(call("key.revoke", R"({"key":")" + two + "\"}")) << "twice is as good as once";
    EXPECT_FALSE(admitted(1));
    EXPECT_TRUE(admitted(2));
    for (const char* missing : {R"({"key":"one"})", R"({"key":"ffffffff"})", "{}"})
        EXPECT_EQ(call("key.revoke", missing).error().code, "not_found") << missing;
    EXPECT_EQ(read(*call("key.list", "{}")).size(), 1u);
    EXPECT_EQ(read(*call("key.list", R"({"all":true})")).size(), 3u);
}

TEST_F(Operating, a_name_may_look_like_an_id) {
    made("abcdef", 1);
    EXPECT_TRUE(call("key.revoke", R"({"key":"abcdef"})"));
}

TEST_F(Operating, an_expired_key_is_listed_among_all) {
    made("bot", 1, R"(,"expires_in_s":60)");
    sim.scheduler.run_for(60s);
    EXPECT_EQ(read(*call("key.list", "{}")).size(), 0u);
    EXPECT_EQ(read(*call("key.list", R"({"all":true})")).at(0)["state"].string(), "expired");
}

TEST_F(Operating, what_it_does_not_understand_it_says_so) {
    EXPECT_EQ(call("key.lend", "{}").error().code, "unknown_operation");
    EXPECT_EQ(call("key.list", "[]").error().code, "invalid_json");
    EXPECT_EQ(call("key.list", "{").error().code, "invalid_json");
    EXPECT_EQ(call("key.create", "{}").error().code, "bad_argument");
    EXPECT_TRUE(KeyOperations::knows("key.list"));
    EXPECT_FALSE(KeyOperations::knows("queue.list"));
}

}  // namespace
}  // namespace evenkeel
