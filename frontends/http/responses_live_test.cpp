#include "frontends/http/responses_live.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/durable_stage.hpp"

namespace evenkeel {
namespace {

using testing::cutting;
using testing::DurableStage;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Told;

TEST(LiveResponse, keeps_its_status_before_the_first_word) {
    DurableStage stage;
    stage.cloud.always(testing::failing(ErrorClass::transient));
    stage.local.always(testing::failing(ErrorClass::transient));
    const Told told = stage.ask("POST", "/v1/responses", R"({"input":"x","store":false,"stream":true})");
    EXPECT_EQ(told.status, 503);
    EXPECT_THAT(told.body, HasSubstr("all_providers_unavailable"));
}

TEST(LiveResponse, that_breaks_ends_as_failed_and_never_as_completed) {
    DurableStage stage;
    stage.cloud.always(cutting("Half of it", 2));
    const Told told = stage.ask("POST", "/v1/responses", R"({"input":"x","store":false,"stream":true})");
    EXPECT_EQ(told.status, 200);
    EXPECT_THAT(told.body, HasSubstr("Half"));
    EXPECT_THAT(told.body, HasSubstr("response.failed"));
    EXPECT_THAT(told.body, Not(HasSubstr("response.completed")));
}

TEST(LiveResponse, that_was_cut_short_by_its_length_says_so) {
    DurableStage stage;
    stage.cloud.always(testing::Script().content("Hel").finish(FinishReason::length));
    const Told told = stage.ask("POST", "/v1/responses", R"({"input":"x","store":false})");
    EXPECT_THAT(told.body, HasSubstr(R"("status":"incomplete")"));
    EXPECT_THAT(told.body, HasSubstr("max_output_tokens"));
}

}  // namespace
}  // namespace evenkeel
