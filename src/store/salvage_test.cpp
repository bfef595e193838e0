#include "store/salvage.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "core/json.hpp"
#include "store/sqlite_engine.hpp"
#include "testing/scratch_directory.hpp"
#include "testing/sim.hpp"

namespace evenkeel {
namespace {

namespace fs = std::filesystem;
constexpr WallTime start{Millis{1'767'225'600'000}};
constexpr int messages = 200;

struct Damage : ::testing::Test {
    Damage() : file(directory.file("store.db")) {
        auto engine = open_sqlite({.file = file, .log_bytes_max = 1}, start).value();
        for (int i = 0; i < messages; ++i) {
            const Id id = ids.next();
            EXPECT_TRUE(
                engine->queue().accept({.conversation = "c" + std::to_string(i), .text = question(i)}, id, start));
            const auto lease = engine->queue().claim_one(id, {}, start).value().value();
            EXPECT_TRUE(engine->queue().complete(lease, {.text = "re: " + question(i)}, start));
            EXPECT_TRUE(engine->outbox().shown(id, start));
        }
        EXPECT_TRUE(engine->checkpoint());
    }
    static std::string question(int i) { return "question " + std::to_string(i) + std::string(500, '.'); }
    void overwrite(std::int64_t at, const std::string& bytes) {
        std::fstream out(file, std::ios::in | std::ios::out | std::ios::binary);
        out.seekp(at);
        out << bytes;
    }
    std::string content() {
        std::ifstream in(file, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    /// Exports, and holds each line to be either marked or true.
    SalvageReport salvage() {
        const auto report = salvage_sqlite(file, directory.file("rest.jsonl"));
        if (!report) {
            EXPECT_EQ(report.error().code, "unreadable");
            return {};
        }
        std::ifstream in(report->file);
        std::int64_t whole = 0;
        JsonDoc doc;
        for (std::string line; std::getline(in, line);) {
            const Json row = doc.parse(line).value();
            if (row["damaged"].boolean().value()) continue;
            ++whole;
            const std::string asked(row["question"].string().value());
            EXPECT_EQ(row["answer"].string().value(), "re: " + asked);
            EXPECT_EQ(row["state"].string().value(), "delivered");
            EXPECT_EQ(asked, question(std::stoi(asked.substr(9))));
        }
        EXPECT_EQ(whole, report->messages);
        return *report;
    }
    testing::ScratchDirectory directory;
    testing::Sim sim;
    IdMaker ids{sim.env()};
    std::string file;
};

TEST_F(Damage, a_sound_file_is_exported_whole) {
    const SalvageReport report = salvage();
    EXPECT_EQ(report.messages, messages);
    EXPECT_EQ(report.damaged, 0);
    EXPECT_EQ(fs::status(report.file).permissions(), fs::perms::owner_read | fs::perms::owner_write);
    EXPECT_FALSE(salvage_sqlite(file, report.file)) << "an existing file is never written over";
}

TEST_F(Damage, a_broken_header_is_told_and_the_file_left_as_it_is) {
    overwrite(0, std::string(100, 'X'));
    const std::string before = content();
    const auto opened = open_sqlite({.file = file}, start);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, "damaged");
    EXPECT_THAT(opened.error().detail, ::testing::HasSubstr(file));
    EXPECT_THAT(opened.error().detail, ::testing::HasSubstr("backup"));
    EXPECT_EQ(content(), before);
    const auto report = salvage_sqlite(file, directory.file("rest.jsonl"));
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, "unreadable");
    EXPECT_FALSE(fs::exists(directory.file("rest.jsonl")));
}

TEST_F(Damage, an_emptied_file_is_never_taken_for_a_new_one) {
    fs::resize_file(file, 0);
    const auto opened = open_sqlite({.file = file}, start);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, "damaged");
    EXPECT_EQ(fs::file_size(file), 0u);
}

TEST_F(Damage, a_cut_file_is_found) {
    fs::resize_file(file, fs::file_size(file) / 2 / 4096 * 4096);
    const auto opened = open_sqlite({.file = file}, start);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, "damaged");
    const SalvageReport report = salvage();
    EXPECT_GT(report.messages + report.damaged, 0);
    EXPECT_LT(report.messages, messages);
}

TEST_F(Damage, any_lost_page_is_found_and_the_rest_is_exported_truly) {
    const std::string sound = content();
    const auto pages = static_cast<std::int64_t>(sound.size() / 4096);
    std::int64_t rescued = 0, lost_pages = 0;
    for (std::int64_t page = 1; page < pages; page += 5) {
        overwrite(0, sound);
        overwrite(page * 4096, std::string(4096, '\xff'));
        const std::string damaged = content();
        if (auto opened = open_sqlite({.file = file}, start))
            EXPECT_FALSE(opened.value()->check().value().empty()) << "page " << page;
        else
            EXPECT_TRUE(content() == damaged) << "opening wrote to it, page " << page;
        fs::remove(directory.file("rest.jsonl"));
        fs::remove(file + "-wal");
        overwrite(0, sound);
        overwrite(page * 4096, std::string(4096, '\xff'));
        rescued += salvage().messages;
        ++lost_pages;
        if (HasFailure()) return;
    }
    EXPECT_GT(rescued, messages * lost_pages * 3 / 4) << "most pages take only their own rows with them";
}

TEST_F(Damage, a_flipped_bit_in_a_text_is_never_shown_as_the_text) {
    const std::string sound = content();
    const std::size_t at = sound.find("question 77.");
    ASSERT_NE(at, std::string::npos);
    overwrite(static_cast<std::int64_t>(at) + 3, "Q");
    auto engine = open_sqlite({.file = file}, start).value();
    const auto damages = engine->check().value();
    ASSERT_EQ(damages.size(), 1u);
    const auto view = engine->conversations().transcript("local", "c77").value().at(0);
    const bool answer_hit = view.message.text == question(77);
    EXPECT_TRUE(answer_hit ? !view.answer.has_value() : view.message.text.empty());
    EXPECT_THAT(view.reason, ::testing::HasSubstr("damaged"));
    EXPECT_TRUE(engine->conversations().history("local", "c77", 9, 20).value().empty());
    engine.reset();
    EXPECT_EQ(salvage().damaged, 1);
}

}  // namespace
}  // namespace evenkeel
