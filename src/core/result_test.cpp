#include "core/result.hpp"

#include <gtest/gtest.h>

namespace evenkeel {
namespace {

TEST(ErrorClass, every_word_reads_back) {
    for (int i = 0; i <= static_cast<int>(ErrorClass::storage); ++i) {
        const auto cls = static_cast<ErrorClass>(i);
        EXPECT_EQ(error_class_from(to_string(cls)), cls);
    }
    for (const auto origin : {Origin::provider, Origin::caller, Origin::self})
        EXPECT_EQ(origin_from(to_string(origin)), origin);
    for (int i = 0; i <= static_cast<int>(Scope::request); ++i)
        EXPECT_EQ(scope_from(to_string(static_cast<Scope>(i))), static_cast<Scope>(i));
    EXPECT_FALSE(error_class_from("Transient"));
}

TEST(Error, is_described_in_one_line) {
    Error error{.cls = ErrorClass::overload, .http_status = 429, .code = "rate_limited", .detail = "slow down"};
    EXPECT_EQ(describe(error), "overload (429 rate_limited): slow down");
    EXPECT_EQ(describe(Error{.cls = ErrorClass::silent}), "silent");
    EXPECT_EQ(in_words(error), "slow down");
    EXPECT_EQ(in_words(Error{.cls = ErrorClass::silent}), "silent");
}

TEST(Error, factories_set_origin_and_bound_the_detail) {
    const Result<int> provider =
        provider_fault(ErrorClass::transient, Scope::provider, std::string(2000, 'x'), "reset");
    EXPECT_EQ(provider.error().origin, Origin::provider);
    EXPECT_EQ(provider.error().detail.size(), 512u);
    const Result<int> caller = caller_fault("no text", "empty");
    EXPECT_EQ(caller.error().cls, ErrorClass::request);
    EXPECT_EQ(caller.error().origin, Origin::caller);
    const Result<int> own = own_fault(ErrorClass::storage, "disk full");
    EXPECT_EQ(own.error().origin, Origin::self);
}

}  // namespace
}  // namespace evenkeel
