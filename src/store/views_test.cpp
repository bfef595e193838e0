#include "store/views.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/sqlite_queue.hpp"
#include "testing/sim.hpp"

namespace evenkeel::sqlite {
namespace {

constexpr WallTime now{Millis{1'767'225'600'000}};

struct Views : ::testing::Test {
    Views() {
        for (const char* user : {"anna", "anna", "bert"})
            EXPECT_TRUE(
                queue.accept({.user = user, .conversation = std::to_string(++count), .text = "text"}, ids.next(), now));
    }
    int count = 0;
    testing::Sim sim;
    IdMaker ids{sim.env()};
    Session session{{.file = ":memory:"}};
    SqliteQueue queue{session};
};

TEST_F(Views, one_place_and_all_places_agree) {
    const auto views = load_views(session, {1, 2, 3});
    ASSERT_EQ(views.size(), 3u);
    for (std::int64_t number = 1; number <= 3; ++number)
        EXPECT_EQ(views[static_cast<std::size_t>(number) - 1].position, position_of(session, number));
    EXPECT_EQ(views[2].position, 2) << "bert is served before anna's second";
}

TEST_F(Views, what_works_or_ended_has_no_place) {
    ASSERT_EQ(queue.claim({}, now).value().size(), 1u);
    EXPECT_EQ(position_of(session, 1), 0);
    EXPECT_FALSE(load_view(session, 1).run_at);
    EXPECT_EQ(position_of(session, 3), 1);
}

TEST_F(Views, a_damaged_text_is_marked_and_hides_no_other) {
    session.db().script("UPDATE message SET body = CAST('tExt' AS BLOB) WHERE number = 2");
    const auto views = load_views(session, {1, 2, 3});
    EXPECT_EQ(views[0].message.text, "text");
    EXPECT_EQ(views[1].message.text, "");
    EXPECT_THAT(views[1].reason, ::testing::HasSubstr("damaged"));
    EXPECT_EQ(views[2].message.text, "text");
}

}  // namespace
}  // namespace evenkeel::sqlite
