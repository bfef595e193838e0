#include "core/exit_code.hpp"

#include <gtest/gtest.h>

namespace evenkeel {
namespace {

TEST(ExitCode, follows_the_class_of_the_error) {
    const auto code = [](ErrorClass cls, std::string word = {}) {
        return to_int(exit_code_for(Error{.cls = cls, .code = std::move(word)}));
    };
    EXPECT_EQ(code(ErrorClass::request), 65);
    EXPECT_EQ(code(ErrorClass::request, "not_found"), 66);
    EXPECT_EQ(code(ErrorClass::request, "usage"), 64);
    EXPECT_EQ(code(ErrorClass::policy), 65);
    EXPECT_EQ(code(ErrorClass::overload, "queue_full"), 69);
    EXPECT_EQ(code(ErrorClass::transient, "owner_gone"), 69);
    EXPECT_EQ(code(ErrorClass::internal), 70);
    EXPECT_EQ(code(ErrorClass::storage), 74);
    EXPECT_EQ(code(ErrorClass::cancelled), 130);
}

}  // namespace
}  // namespace evenkeel
