#include "store/sqlite_conversations.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "store/sqlite_engine.hpp"
#include "testing/scratch_directory.hpp"
#include "testing/sim.hpp"

// What every engine promises is tested by testing/store_suite_conversations.cpp; here is what only this one can show.
namespace evenkeel::sqlite {
namespace {

constexpr WallTime now{Millis{1'767'225'600'000}};

/// How often `word` stands in any file of the directory.
int occurrences(const std::filesystem::path& directory, const std::string& word) {
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
        std::ifstream in(entry.path(), std::ios::binary);
        const std::string bytes((std::istreambuf_iterator<char>(in)), {});
        for (auto at = bytes.find(word); at != std::string::npos; at = bytes.find(word, at + 1)) ++count;
    }
    return count;
}

TEST(Forgetting, leaves_no_byte_of_it_in_any_file) {
    const testing::ScratchDirectory directory;
    testing::Sim sim;
    IdMaker ids(sim.env());
    auto engine = open_sqlite({.file = directory.file("a.db")}, now).value();
    for (int i = 0; i < 300; ++i) {
        const bool secret = i % 3 == 0;
        const std::string text = (secret ? "CANARY" : "harmless") + std::string(static_cast<size_t>(i) * 37, '.');
        const Id id = ids.next();
        ASSERT_TRUE(engine->queue().accept({.conversation = secret ? "secret" : "plain", .text = text}, id, now));
        const auto lease = engine->queue().claim_one(id, {}, now).value().value();
        ASSERT_TRUE(engine->queue().extend(lease, text, now));
        ASSERT_TRUE(engine->queue().complete(lease, {.text = "re: " + text}, now));
        ASSERT_TRUE(engine->checkpoint());
    }
    ASSERT_GT(occurrences(directory.path(), "CANARY"), 0);
    ASSERT_TRUE(engine->conversations().forget("local", "secret"));
    EXPECT_EQ(occurrences(directory.path(), "CANARY"), 0);
    EXPECT_GT(occurrences(directory.path(), "harmless"), 0);
    EXPECT_EQ(engine->check().value(), std::vector<std::string>{});
}

}  // namespace
}  // namespace evenkeel::sqlite
