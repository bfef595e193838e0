#include "core/secret.hpp"

#include <gtest/gtest.h>

#include <ostream>

namespace evenkeel {
namespace {

template <class T>
concept Printable = requires(std::ostream& out, const T& value) { out << value; };
static_assert(Printable<std::string> && !Printable<Secret>);
static_assert(!std::is_convertible_v<Secret, std::string_view>);

TEST(Secret, is_masked_for_people) {
    EXPECT_EQ(Secret("sk-nano-0123456789abcdef").masked(), "sk-n…cdef");
    EXPECT_EQ(Secret("short").masked(), "set");
    EXPECT_EQ(Secret().masked(), "not set");
}

TEST(Secret, moving_it_leaves_nothing_behind) {
    Secret first("sk-nano-0123456789abcdef");
    const Secret second = std::move(first);
    EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move): that it is empty is the promise.
    EXPECT_EQ(second.reveal(), "sk-nano-0123456789abcdef");
}

}  // namespace
}  // namespace evenkeel
