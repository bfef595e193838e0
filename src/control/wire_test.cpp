#include "control/wire.hpp"

#include <gtest/gtest.h>

namespace evenkeel::wire {
namespace {

TEST(Wire, carries_a_whole_error) {
    const Error error{.cls = ErrorClass::overload,
                      .origin = Origin::self,
                      .scope = Scope::request,
                      .http_status = 429,
                      .code = "queue_full",
                      .retry_after = Millis{1'500},
                      .detail = "full"};
    const auto read = refusal_in(refusal(error));
    ASSERT_TRUE(read);
    EXPECT_EQ(describe(*read), describe(error));
    EXPECT_EQ(read->retry_after, error.retry_after);
    EXPECT_EQ(read->origin, error.origin);
    EXPECT_EQ(read->scope, error.scope);
}

TEST(Wire, does_not_take_other_lines_for_a_refusal) {
    for (const char* text : {"", "{", "{}", "[]", R"({"error":"text"})", R"({"event":"dead","error":{"code":"x"}})"})
        EXPECT_FALSE(refusal_in(text)) << text;
}

}  // namespace
}  // namespace evenkeel::wire
