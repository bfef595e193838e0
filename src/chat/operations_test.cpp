#include "chat/operations.hpp"

#include <array>
#include <chrono>
#include <filesystem>

#include "testing/chat_bench.hpp"
#include "testing/scratch_directory.hpp"

namespace evenkeel {
namespace {
using namespace std::chrono_literals;
using Kind = TurnEvent::Kind;

class OperationsTest : public ::testing::Test {
protected:
    Result<std::string> call(std::string operation, std::string arguments = "{}") {
        return bench.sim.run(bench.engine->call(std::move(operation), std::move(arguments)));
    }
    Json json(std::string operation, std::string arguments = "{}") {
        auto text = call(std::move(operation), std::move(arguments));
        EXPECT_TRUE(text) << describe(text.error());
        return text ? doc.parse(*text).value() : Json{};
    }
    std::string code(std::string operation, std::string arguments = "{}") {
        auto text = call(std::move(operation), std::move(arguments));
        return text ? "no error" : text.error().code;
    }
    static std::string id_argument(const Id& id) { return R"({"id":")" + to_string(id) + R"("})"; }
    Id answered(std::string text, std::string conversation = "home") {
        auto stream = bench.ask(std::move(text), std::move(conversation));
        const Id id = bench.id_of(*stream);
        bench.until_kind(*stream, Kind::answered);
        return id;
    }
    Id waiting(std::string text) {
        bench.route.down_until(bench.sim.scheduler.now() + 60s);
        return bench.id_of(*bench.ask(std::move(text)));
    }
    testing::ChatBench bench;
    JsonDoc doc;
};

TEST_F(OperationsTest, lists_what_still_owes_an_answer_in_the_promised_shape) {
    static_cast<void>(answered("Done?"));
    const Id id = waiting("Long\nquestion?");
    bench.sim.scheduler.run_for(10s);
    const Json list = json("queue.list");
    ASSERT_EQ(list.size(), 1U);
    std::vector<std::string> keys;
    for (const auto& [name, value] : list.at(0).members()) keys.emplace_back(name);
    EXPECT_THAT(keys, ::testing::ElementsAre("id", "conversation", "state", "question", "age_s", "position", "eta_s",
                                             "attempts", "reason"));
    EXPECT_EQ(list.at(0)["id"].string(), to_string(id));
    EXPECT_EQ(list.at(0)["state"].string(), "queued");
    EXPECT_EQ(list.at(0)["question"].string(), "Long question?");
    EXPECT_EQ(list.at(0)["age_s"].integer(), 10);
    EXPECT_EQ(list.at(0)["position"].integer(), 1);
    EXPECT_EQ(list.at(0)["eta_s"].integer(), 50);
    EXPECT_EQ(json("queue.list", R"({"all":true})").size(), 2U);
    EXPECT_EQ(json("queue.list", R"({"all":true,"limit":1})").size(), 1U);
}

TEST_F(OperationsTest, shows_one_question_with_its_answer_once_there_is_one) {
    const Id id = waiting("Hello?");
    EXPECT_TRUE(json("queue.show", id_argument(id))["answer"].is_missing());
    bench.sim.scheduler.run_for(2min);
    const Json shown = json("queue.show", id_argument(id));
    EXPECT_EQ(shown["answer"].string(), "Fine.");
    EXPECT_EQ(shown["figures"]["provider"].string(), "cloud");
    EXPECT_EQ(shown["state"].string(), "answered");
}

TEST_F(OperationsTest, takes_the_first_digits_of_an_id_and_says_which_ones_they_fit) {
    const Id first = answered("One?"), second = answered("Two?");
    const std::string whole = to_string(first);
    const auto common = R"({"id":")" + whole.substr(0, 8) + R"("})";
    const auto both = call("queue.show", common);
    ASSERT_FALSE(both);
    EXPECT_EQ(both.error().code, "ambiguous");
    EXPECT_THAT(both.error().detail, ::testing::HasSubstr(to_string(second)));
    const auto own = R"({"id":")" + whole.substr(0, 34) + R"("})";
    EXPECT_EQ(json("queue.show", own)["id"].string(), whole);
    EXPECT_EQ(code("queue.show", R"({"id":"ffffff"})"), "not_found");
    EXPECT_EQ(code("queue.show", R"({"id":"fff"})"), "bad_argument");
    EXPECT_EQ(code("queue.show"), "bad_argument");
}

TEST_F(OperationsTest, takes_back_and_tries_again) {
    const Id id = waiting("Hello?");
    EXPECT_EQ(json("queue.cancel", id_argument(id))["state"].string(), "cancelled");
    EXPECT_EQ(code("queue.cancel", id_argument(id)), "already_ended");
    EXPECT_EQ(code("queue.retry", id_argument(id)), "already_ended");
    auto inbound = bench.message("Soon?");
    inbound.ttl = 10s;
    const Id expired = bench.id_of(*bench.submit(inbound));
    bench.sim.scheduler.run_for(30s);
    ASSERT_EQ(bench.view(expired).state, JobState::expired);
    bench.route.down_until({});
    EXPECT_EQ(json("queue.retry", id_argument(expired))["state"].string(), "queued");
    bench.sim.scheduler.run_for(5s);
    EXPECT_EQ(bench.view(expired).state, JobState::answered);
}

TEST_F(OperationsTest, shows_hides_and_removes_conversations) {
    static_cast<void>(answered("One?", "garden"));
    const Id second = answered("Two?", "garden");
    const Json list = json("conversation.list");
    ASSERT_EQ(list.size(), 1U);
    EXPECT_EQ(list.at(0)["id"].string(), "garden");
    EXPECT_EQ(list.at(0)["messages"].integer(), 2);
    EXPECT_EQ(list.at(0)["private"].boolean(), false);
    const Json shown = json("conversation.show", R"({"id":"garden"})");
    EXPECT_EQ(shown["messages"].at(1)["answer"].string(), "Fine.");
    EXPECT_EQ(json("conversation.export", R"({"id":"garden"})").size(), 2U);
    static_cast<void>(json("conversation.private", R"({"id":"garden"})"));
    EXPECT_EQ(json("conversation.list").at(0)["private"].boolean(), true);
    EXPECT_EQ(json("conversation.delete", R"({"id":"garden"})")["deleted"].string(), "garden");
    EXPECT_EQ(code("queue.show", id_argument(second)), "not_found");
    EXPECT_EQ(code("conversation.show", R"({"id":"garden"})"), "not_found");
    EXPECT_EQ(code("conversation.delete", R"({"id":"garden"})"), "not_found");
}

TEST_F(OperationsTest, removing_a_conversation_stops_what_is_being_answered_in_it) {
    bench.cloud.always(testing::stalling("Half an answer", 2));
    auto stream = bench.ask("Hello?", "garden");
    auto later = bench.ask("Still there?", "garden");
    bench.sim.scheduler.run_for(1s);
    EXPECT_EQ(bench.cloud.running(), 1U);
    static_cast<void>(json("conversation.delete", R"({"id":"garden"})"));
    EXPECT_EQ(bench.cloud.running(), 0U);
    bench.until_kind(*stream, Kind::cancelled);
    bench.until_kind(*later, Kind::cancelled);
    EXPECT_EQ(bench.cloud.asked().size(), 1U);
}

TEST_F(OperationsTest, status_names_owner_providers_queue_and_storage) {
    static_cast<void>(waiting("Hello?"));
    const Json status = json("status");
    EXPECT_EQ(status["route"].string(), "plain");
    EXPECT_EQ(status["owner"]["generation"].integer(), 1);
    EXPECT_EQ(status["providers"].size(), 2U);
    EXPECT_EQ(status["providers"].at(0)["name"].string(), "cloud");
    EXPECT_EQ(status["providers"].at(0)["phase"].string(), "open");
    EXPECT_EQ(status["queue"]["queued"].integer(), 1);
    EXPECT_EQ(status["queue"]["oldest_s"].integer(), 0);
    EXPECT_THAT(std::string(status["storage"]["engine"].string_or("")), ::testing::HasSubstr("SQLite"));
}

TEST_F(OperationsTest, cost_by_key_counts_the_gateway_beside_the_queue) {
    const Id key{{7}};
    ASSERT_TRUE(bench.sim.run(bench.store->run(
        [key](StoreEngine& engine) { return engine.keys().add_key({.id = key, .name = "bot", .prefix = "p"}); })));
    ASSERT_TRUE(bench.sim.run(bench.store->run([key, now = std::chrono::floor<std::chrono::minutes>(
                                                         bench.sim.env().wall())](StoreEngine& engine) {
        return engine.usage().add_usage(std::array{UsageLine{
            .key = key, .provider = "cloud", .model = "m", .start = now, .tries = 2, .answers = 1, .cost_usd = 0.5}});
    })));
    const Json cost = json("cost", R"({"by_key":true})");
    EXPECT_EQ(cost["total"]["tries"].integer(), 2) << "also in the sum of all";
    ASSERT_EQ(cost["by_key"].size(), 1U);
    EXPECT_EQ(cost["by_key"].at(0)["name"].string(), "bot");
    EXPECT_EQ(cost["by_key"].at(0)["cost_usd"].number(), 0.5);
}

TEST_F(OperationsTest, cost_compares_the_ledger_with_one_dated_reference_price) {
    static_cast<void>(answered("Hello?"));
    const Json cost = json("cost");
    ASSERT_EQ(cost["spend"].size(), 1U);
    EXPECT_EQ(cost["spend"].at(0)["provider"].string(), "cloud");
    EXPECT_EQ(cost["total"]["input_tokens"].integer(), 10);
    EXPECT_FALSE(cost["reference"]["source"].string_or("").empty());
    EXPECT_EQ(cost["reference"]["read_on"].string_or("").size(), 10U);
    EXPECT_DOUBLE_EQ(cost["savings"]["reference_usd"].number().value_or(0), (10 * 2.5 + 1 * 10.0) / 1e6);
    EXPECT_EQ(cost["savings"]["saved_usd"].kind(), Json::Kind::null) << "the practice tokens have no known price";
    EXPECT_TRUE(cost["by_key"].is_missing()) << "only where it is asked for";
    EXPECT_EQ(code("cost", R"({"days":0})"), "bad_argument");
}

TEST_F(OperationsTest, checks_and_copies_the_store) {
    static_cast<void>(answered("Hello?"));
    EXPECT_EQ(json("store.check")["sound"].boolean(), true);
    testing::ScratchDirectory directory;
    const std::string file = directory.file("copy.db");
    EXPECT_EQ(json("backup", R"({"file":")" + file + R"("})")["file"].string(), file);
    EXPECT_TRUE(std::filesystem::exists(file));
    EXPECT_EQ(code("backup", R"({"file":"copy.db"})"), "bad_argument");
}

TEST_F(OperationsTest, refuses_what_it_does_not_know) {
    EXPECT_EQ(code("queue.dance"), "unknown_operation");
    EXPECT_EQ(code("queue.list", "{"), "invalid_json");
    EXPECT_EQ(code("queue.list", "[]"), "invalid_json");
    EXPECT_EQ(code("queue.list", R"({"limit":0})"), "bad_argument");
    EXPECT_EQ(code("queue.list", R"({"limit":"x"})"), "bad_argument");
    EXPECT_TRUE(call("queue.list", ""));
}

}  // namespace
}  // namespace evenkeel
