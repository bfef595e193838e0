#include "store/key_records.hpp"

#include <gtest/gtest.h>

namespace evenkeel {
namespace {

TEST(KeyScopes, words_and_scopes_are_each_others_inverse) {
    for (std::size_t i = 0; i < key_scopes_count; ++i) {
        const auto scope = static_cast<KeyScope>(i);
        EXPECT_EQ(key_scope_from(to_string(scope)), scope);
    }
    EXPECT_EQ(to_string(KeyScope::operate), "operator");
    EXPECT_FALSE(key_scope_from("operate"));
    EXPECT_FALSE(key_scope_from(""));
}

TEST(KeyScopes, the_usual_ones_leave_out_what_is_for_operators) {
    EXPECT_TRUE(usual_key_scopes.has(KeyScope::chat));
    EXPECT_TRUE(usual_key_scopes.has(KeyScope::models));
    EXPECT_FALSE(usual_key_scopes.has(KeyScope::metrics));
    EXPECT_FALSE(usual_key_scopes.has(KeyScope::operate));
    KeyScopes scopes;
    EXPECT_FALSE(scopes.has(KeyScope::metrics));
    scopes.add(KeyScope::metrics);
    EXPECT_TRUE(scopes.has(KeyScope::metrics));
    EXPECT_FALSE(scopes.has(KeyScope::operate));
}

}  // namespace
}  // namespace evenkeel
