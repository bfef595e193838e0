#include "chat/retry_plan.hpp"

#include "testing/sim.hpp"

namespace evenkeel {
namespace {
using namespace std::chrono_literals;
using What = RetryPlan::What;

Error of(ErrorClass cls) { return Error{.cls = cls, .origin = Origin::provider, .detail = "said so"}; }

Attempt failed_with(ErrorClass cls, Attempt::Outcome outcome = Attempt::Outcome::failed) {
    return Attempt{.provider = "a", .outcome = outcome, .error = of(cls)};
}

TEST(RetryPlan, decides_by_the_class_of_the_error) {
    testing::SeededRandom random(1);
    struct Row {
        ErrorClass cls;
        What what;
    };
    for (const auto& [cls, what] :
         {Row{ErrorClass::transient, What::requeue}, Row{ErrorClass::overload, What::requeue},
          Row{ErrorClass::silent, What::requeue}, Row{ErrorClass::account, What::requeue},
          Row{ErrorClass::model_gone, What::requeue}, Row{ErrorClass::bad_answer, What::requeue},
          Row{ErrorClass::internal, What::requeue}, Row{ErrorClass::request, What::refuse},
          Row{ErrorClass::policy, What::refuse}}) {
        const auto plan = plan_after(of(cls), {}, {}, random);
        EXPECT_EQ(plan.what, what) << to_string(cls);
        EXPECT_EQ(plan.notice.empty(), what == What::requeue) << to_string(cls);
    }
}

TEST(RetryPlan, refuses_a_missing_model_only_where_the_asker_named_it) {
    testing::SeededRandom random(1);
    EXPECT_EQ(plan_after(of(ErrorClass::model_gone), {}, {.model_named = true}, random).what, What::refuse);
}

TEST(RetryPlan, refuses_what_is_too_long_for_every_model_and_waits_where_one_was_not_asked) {
    testing::SeededRandom random(1);
    const Error error = of(ErrorClass::capacity);
    const std::array all{failed_with(ErrorClass::capacity), failed_with(ErrorClass::capacity)};
    EXPECT_EQ(plan_after(error, all, {}, random).what, What::refuse);
    const std::array one_away{failed_with(ErrorClass::transient, Attempt::Outcome::skipped),
                              failed_with(ErrorClass::capacity)};
    EXPECT_EQ(plan_after(error, one_away, {}, random).what, What::requeue);
}

TEST(RetryPlan, waits_between_five_seconds_and_the_doubled_bound) {
    testing::SeededRandom random(7);
    for (std::int64_t attempts = 0; attempts < 19; ++attempts) {
        const Millis highest =
            std::min<Millis>(15min, Millis{7'500} * (std::int64_t{1} << std::min<std::int64_t>(attempts, 8)));
        Millis longest{0};
        for (int i = 0; i < 200; ++i) {
            const auto wait = plan_after(of(ErrorClass::bad_answer), {}, {.attempts = attempts}, random).wait;
            ASSERT_GE(wait, 5s);
            ASSERT_LE(wait, highest);
            longest = std::max(longest, wait);
        }
        EXPECT_GT(longest, highest / 2) << attempts;
    }
}

TEST(RetryPlan, keeps_to_the_delays_it_is_given) {
    testing::SeededRandom random(7);
    const RetryFacts facts{.attempts = 6, .delay_min = 1s, .delay_max = 3s};
    for (int i = 0; i < 200; ++i) {
        const auto wait = plan_after(of(ErrorClass::bad_answer), {}, facts, random).wait;
        ASSERT_GE(wait, 1s);
        ASSERT_LE(wait, 3s);
    }
}

TEST(RetryPlan, takes_retry_after_as_the_floor) {
    testing::SeededRandom random(1);
    Error error = of(ErrorClass::overload);
    error.retry_after = 40s;
    EXPECT_EQ(plan_after(error, {}, {}, random).wait, 40s);
    EXPECT_EQ(plan_after(error, {}, {.route_down = true}, random).wait, 40s);
}

TEST(RetryPlan, gives_up_when_attempts_are_spent_but_never_because_of_an_outage) {
    testing::SeededRandom random(1);
    const Error error = of(ErrorClass::bad_answer);
    EXPECT_EQ(plan_after(error, {}, {.attempts = 18}, random).what, What::requeue);
    EXPECT_EQ(plan_after(error, {}, {.attempts = 19}, random).what, What::give_up);
    const auto outage = plan_after(error, {}, {.attempts = 500, .route_down = true}, random);
    EXPECT_EQ(outage.what, What::requeue);
    EXPECT_EQ(outage.wait, 0s);
}

}  // namespace
}  // namespace evenkeel
