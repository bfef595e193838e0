#include "daemon/log_notes.hpp"

#include <gtest/gtest.h>

#include <cstdio>

#include "os/files.hpp"

namespace evenkeel {
namespace {

TEST(LogNotes, writes_a_line_per_note_from_its_level_on) {
    const std::string file = ::testing::TempDir() + "evenkeel_log_notes_test.log";
    (void)os::remove_file(file);
    const auto notes = make_log_notes({.level = "warning", .file = file});
    notes->note({.severity = Severity::info, .name = "quiet"});
    notes->note({.severity = Severity::warning, .name = "breaker.opened", .subject = "nanogpt", .detail = "refused"});
    notes->note({.severity = Severity::alarm, .name = "disk.full", .value = 7});
    const std::string text = *os::read_file(file, 4096);
    EXPECT_EQ(text.find("quiet"), std::string::npos);
    EXPECT_NE(text.find("breaker.opened nanogpt: refused\n"), std::string::npos) << text;
    EXPECT_NE(text.find("disk.full (7)\n"), std::string::npos) << text;
    (void)os::remove_file(file);
}

}  // namespace
}  // namespace evenkeel
