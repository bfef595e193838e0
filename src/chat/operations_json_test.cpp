#include "chat/operations_json.hpp"

#include "core/json.hpp"

namespace evenkeel {
namespace {
using namespace std::chrono_literals;

constexpr WallTime now{1'767'225'600s};  // 2026-01-01T00:00:00Z

JobView waiting() {
    return {.message = {.conversation = "home", .text = "Long\nquestion"},
            .accepted_at = now - 90s,
            .expires_at = now + 1h,
            .run_at = now + 40s,
            .position = 2,
            .reason = "overload"};
}

class OperationsJson : public ::testing::Test {
protected:
    Json parsed(std::string text) {
        text_ = std::move(text);
        return doc_.parse(text_).value();
    }
    std::string text_;
    JsonDoc doc_;
};

TEST_F(OperationsJson, a_question_is_tried_after_its_own_back_off_and_that_of_the_providers) {
    EXPECT_EQ(parsed(questions_json({{waiting()}}, {now, 10s}, Detail::line)).at(0)["eta_s"].integer(), 40);
    EXPECT_EQ(parsed(questions_json({{waiting()}}, {now, 70s}, Detail::line)).at(0)["eta_s"].integer(), 70);
    const Json unknown = parsed(questions_json({{waiting()}}, {now, std::nullopt}, Detail::line));
    EXPECT_EQ(unknown.at(0)["eta_s"].kind(), Json::Kind::null);
}

TEST_F(OperationsJson, a_list_has_one_line_of_each_question_and_an_export_the_whole) {
    EXPECT_EQ(parsed(questions_json({{waiting()}}, {now, 0s}, Detail::line)).at(0)["question"].string(),
              "Long question");
    const Json whole = parsed(questions_json({{waiting()}}, {now, 0s}, Detail::whole));
    EXPECT_EQ(whole.at(0)["question"].string(), "Long\nquestion");
    EXPECT_EQ(whole.at(0)["accepted_at"].string(), "2025-12-31T23:58:30.000Z");
    EXPECT_EQ(whole.at(0)["ended_at"].kind(), Json::Kind::null);
}

TEST_F(OperationsJson, a_provider_that_is_well_has_no_next_probe_and_a_closed_one_says_why) {
    const Instant instant{1h};
    const std::array lanes{
        LaneView{.name = "a", .phase = "closed"},
        LaneView{.name = "b", .phase = "open", .since = now - 1min, .why = "silent", .next_try_at = instant + 8s}};
    const Json status = parsed(status_json({.pid = 7, .command = "serve"}, "failover(a, b)", lanes,
                                           {.oldest_open = now - 5s, .generation = 3}, instant, now));
    EXPECT_EQ(status["owner"]["pid"].integer(), 7);
    EXPECT_EQ(status["providers"].at(0)["next_probe_s"].kind(), Json::Kind::null);
    EXPECT_EQ(status["providers"].at(0)["since"].kind(), Json::Kind::null);
    EXPECT_EQ(status["providers"].at(1)["next_probe_s"].integer(), 8);
    EXPECT_EQ(status["providers"].at(1)["since"].string(), "2025-12-31T23:59:00.000Z");
    EXPECT_EQ(status["queue"]["oldest_s"].integer(), 5);
}

TEST_F(OperationsJson, savings_are_unknown_as_soon_as_one_cost_is) {
    const Savings known{.spent_usd = 1, .reference_usd = 4, .days = 2};
    const Json sum = parsed(cost_json(now, {}, known, reference_price, {}));
    EXPECT_EQ(sum["from"].string(), "2026-01-01");
    EXPECT_EQ(sum["savings"]["saved_usd"].number(), 3.0);
    EXPECT_EQ(sum["savings"]["per_year_usd"].number(), 1.5 * 365);
    Savings unknown = known;
    unknown.cost_unknown = 1;
    const Json other = parsed(cost_json(now, {}, unknown, reference_price, {}));
    EXPECT_EQ(other["savings"]["saved_usd"].kind(), Json::Kind::null);
    EXPECT_EQ(other["savings"]["saved_at_most_usd"].number(), 3.0);
}

}  // namespace
}  // namespace evenkeel
