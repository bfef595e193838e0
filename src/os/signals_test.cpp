#include "os/signals.hpp"

#include <gtest/gtest.h>

namespace evenkeel::os {
namespace {

TEST(Signals, are_read_instead_of_ending_the_process) {
    auto signals = Signals::take_over();
    ASSERT_TRUE(signals.has_value());
    EXPECT_EQ(signals->next(), std::nullopt);
    for (const auto& [number, expected] :
         {std::pair{SIGINT, Signal::interrupt}, std::pair{SIGTERM, Signal::terminate},
          std::pair{SIGHUP, Signal::hang_up}, std::pair{SIGWINCH, Signal::terminal_resized}}) {
        ::raise(number);
        EXPECT_EQ(signals->next(), expected);
    }
    EXPECT_EQ(signals->next(), std::nullopt);
}

TEST(Signals, a_broken_pipe_does_not_end_the_process) {
    const auto signals = Signals::take_over();
    ASSERT_TRUE(signals.has_value());
    EXPECT_EQ(::raise(SIGPIPE), 0);
}

TEST(Signals, give_the_mask_back_when_they_go) {
    sigset_t before, during, after;
    ::pthread_sigmask(SIG_SETMASK, nullptr, &before);
    {
        const auto signals = Signals::take_over();
        ASSERT_TRUE(signals.has_value());
        ::pthread_sigmask(SIG_SETMASK, nullptr, &during);
        EXPECT_TRUE(sigismember(&during, SIGTERM));
    }
    ::pthread_sigmask(SIG_SETMASK, nullptr, &after);
    EXPECT_EQ(sigismember(&after, SIGTERM), sigismember(&before, SIGTERM));
}

}  // namespace
}  // namespace evenkeel::os
