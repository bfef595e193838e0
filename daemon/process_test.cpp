#include "daemon/process.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>

namespace evenkeel {
namespace {

Task<int> once(Event& event) {
    co_await event.wait();
    co_return 1;
}

TEST(Process, turns_signals_into_events) {
    auto process = Process::start(os::Environment());
    ASSERT_TRUE(process.has_value());
    ::kill(::getpid(), SIGINT);
    EXPECT_EQ((*process)->loop().run(once((*process)->interrupt())), 1);
    ::kill(::getpid(), SIGTERM);
    EXPECT_EQ((*process)->loop().run(once((*process)->stop())), 1);
}

}  // namespace
}  // namespace evenkeel
