#include "store/sqlite_keys.hpp"

#include <gtest/gtest.h>

#include <string>

#include "testing/sim.hpp"

// What every engine promises is tested by testing/store_suite_keys.cpp; here is what only this one can show.
namespace evenkeel::sqlite {
namespace {

constexpr WallTime now{Millis{1'767'225'600'000}};

TEST(Keys, are_bounded_also_by_those_that_are_revoked) {
    testing::Sim sim;
    IdMaker ids(sim.env());
    Session session({.file = ":memory:"});
    SqliteKeys keys(session);
    ASSERT_TRUE(session.begin_group());
    session.db().script(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) "
        "INSERT INTO access_key SELECT i, randomblob(16), 'k' || i, 'p', randomblob(32), 1, NULL, NULL, NULL, NULL, "
        "NULL, 0, '', '', 0, NULL, 1 FROM n");
    ASSERT_TRUE(session.commit_group());
    const auto added = keys.add_key({.id = ids.next(), .name = "bot", .prefix = "p", .created_at = now});
    ASSERT_FALSE(added);
    EXPECT_EQ(added.error().code, "too_many_keys");
    EXPECT_EQ(added.error().cls, ErrorClass::overload);
}

TEST(Keys, sql_itself_refuses_what_no_key_may_be) {
    testing::Sim sim;
    IdMaker ids(sim.env());
    Session session({.file = ":memory:"});
    SqliteKeys keys(session);
    EXPECT_FALSE(keys.add_key({.id = ids.next(), .name = "", .created_at = now}));
    EXPECT_FALSE(keys.add_key({.id = ids.next(), .name = std::string(65, 'n'), .created_at = now}));
    EXPECT_FALSE(keys.add_key({.id = ids.next(), .name = "n", .limits = {.concurrent = 0}, .created_at = now}));
    EXPECT_FALSE(keys.add_key({.id = ids.next(), .name = "n", .limits = {.usd_per_day = -1}, .created_at = now}));
    EXPECT_TRUE(keys.add_key({.id = ids.next(), .name = std::string(64, 'n'), .created_at = now}));
}

}  // namespace
}  // namespace evenkeel::sqlite
