#include "daemon/readable_rest.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "store/sqlite_engine.hpp"
#include "testing/scratch_directory.hpp"
#include "testing/sim.hpp"

namespace evenkeel {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
constexpr WallTime noon{Millis{1'767'225'600'000}};

struct ReadableRest : ::testing::Test {
    void accept(int messages) {
        auto engine = open_sqlite({.file = database}, noon).value();
        for (int i = 0; i < messages; ++i)
            EXPECT_TRUE(engine->queue().accept({.conversation = "c", .text = "question"}, ids.next(), noon));
    }
    std::size_t exports() const {
        std::size_t count = 0;
        for (const auto& entry : fs::directory_iterator(fs::path(database).parent_path()))
            count += entry.path().extension() == ".jsonl";
        return count;
    }
    testing::ScratchDirectory directory;
    testing::Sim sim;
    IdMaker ids{sim.env()};
    std::string database = directory.file("evenkeel.db");
};

TEST_F(ReadableRest, is_exported_once_and_named_with_what_is_in_it) {
    accept(2);
    const std::string first = keep_readable_rest(database, noon);
    EXPECT_THAT(first, HasSubstr("2 messages that can still be read"));
    EXPECT_THAT(first, HasSubstr("evenkeel-salvaged-2026-01-01T00-00-00.jsonl"));
    EXPECT_EQ(keep_readable_rest(database, noon + Seconds{60}), first);
    EXPECT_EQ(exports(), 1u);
}

TEST_F(ReadableRest, is_exported_again_when_the_database_is_newer_than_the_export) {
    accept(1);
    keep_readable_rest(database, noon);
    fs::last_write_time(database, fs::file_time_type::clock::now() + std::chrono::hours{1});
    EXPECT_THAT(keep_readable_rest(database, noon + Seconds{60}), HasSubstr("T00-01-00"));
    EXPECT_EQ(exports(), 2u);
}

TEST_F(ReadableRest, says_so_where_nothing_can_be_read) {
    std::ofstream(database) << std::string(9'000, 'x');
    EXPECT_THAT(keep_readable_rest(database, noon), HasSubstr("Nothing could be exported"));
    EXPECT_EQ(exports(), 0u);
}

}  // namespace
}  // namespace evenkeel
