#include "telemetry/access_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/sim.hpp"

namespace evenkeel {
namespace {

struct File {
    Result<void> append(std::string_view bytes) {
        ++calls;
        if (full) return own_fault(ErrorClass::storage, "the disk is full", "disk_full");
        content += bytes;
        return {};
    }
    AccessLog::Append appender() {
        return [this](std::string_view bytes) { return append(bytes); };
    }
    std::string content;
    int calls = 0;
    bool full = false;
};

TEST(AccessLog, writes_the_lines_of_a_second_at_once) {
    testing::Sim sim;
    File file;
    AccessLog log(sim.env(), file.appender());
    log.write("one");
    log.write("two");
    sim.scheduler.run_for(Millis{900});
    EXPECT_EQ(file.calls, 0);
    sim.scheduler.run_for(Millis{200});
    EXPECT_EQ(file.content, "one\ntwo\n");
    EXPECT_EQ(file.calls, 1);
    sim.scheduler.run_for(Seconds{60});
    EXPECT_EQ(file.calls, 1) << "nothing to write is no call";
    log.write("three");
    sim.scheduler.run_for(Seconds{2});
    EXPECT_EQ(file.content, "one\ntwo\nthree\n");
}

TEST(AccessLog, holds_no_more_than_its_bound_and_loses_nothing_at_the_end) {
    testing::Sim sim;
    File file;
    {
        AccessLog log(sim.env(), file.appender());
        log.write(std::string(AccessLog::held_bytes_max, 'x'));
        EXPECT_EQ(file.calls, 1);
        log.write("last");
    }
    EXPECT_TRUE(file.content.ends_with("\nlast\n"));
}

TEST(AccessLog, tells_once_that_the_disk_is_full_and_goes_on) {
    testing::Sim sim;
    File file;
    AccessLog log(sim.env(), file.appender());
    file.full = true;
    for (int i = 0; i < 3; ++i) {
        log.write("lost");
        sim.scheduler.run_for(Seconds{2});
    }
    EXPECT_EQ(log.lost(), 3u);
    file.full = false;
    log.write("kept");
    sim.scheduler.run_for(Seconds{2});
    EXPECT_EQ(file.content, "kept\n");
    EXPECT_EQ(log.lost(), 0u);
    EXPECT_EQ(sim.notes.count("access_log.not_written"), 1u);
    EXPECT_EQ(sim.notes.count("access_log.written_again"), 1u);
}

}  // namespace
}  // namespace evenkeel
