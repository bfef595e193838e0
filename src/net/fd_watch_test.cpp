#include "net/fd_watch.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>

#include "core/async.hpp"
#include "testing/real_loop.hpp"

namespace evenkeel {
namespace {

using testing::RealLoop;

struct Pipe {
    Pipe() {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0) std::perror("pipe");
        out.reset(ends[0]);
        in.reset(ends[1]);
    }
    UniqueFd out, in;
};

Task<std::string> read_by_bytes(Loop& loop, int fd) {
    FdWatch watch(loop, fd);
    std::string all;
    for (char byte = 0;;) {
        co_await watch.readable();
        if (::read(fd, &byte, 1) != 1) co_return all;
        all += byte;
    }
}

Task<void> put(Scheduler& scheduler, UniqueFd& fd, std::string_view text) {
    for (const char byte : text) {
        co_await yield_to_loop(scheduler);
        if (::write(fd.get(), &byte, 1) != 1) co_return;
    }
    fd.reset();
}

TEST(FdWatch, waits_for_a_blocking_pipe_and_sees_its_end) {
    RealLoop real;
    Pipe pipe;
    TaskGroup group(real.loop);
    group.spawn(put(real.loop, pipe.in, "slowly"));
    EXPECT_EQ(real.run(read_by_bytes(real.loop, pipe.out.get())), "slowly");
}

TEST(FdWatch, sees_what_an_earlier_read_has_left) {
    RealLoop real;
    Pipe pipe;
    ASSERT_EQ(::write(pipe.in.get(), "all at once", 11), 11);
    pipe.in.reset();
    EXPECT_EQ(real.run(read_by_bytes(real.loop, pipe.out.get())), "all at once");
}

TEST(FdWatch, takes_a_regular_file_as_always_ready) {
    RealLoop real;
    std::FILE* const file = std::tmpfile();
    ASSERT_NE(file, nullptr);
    std::fputs("from a file", file);
    std::rewind(file);
    EXPECT_EQ(real.run(read_by_bytes(real.loop, ::fileno(file))), "from a file");
    std::fclose(file);
}

TEST(FdWatch, can_be_left_and_waited_for_again) {
    RealLoop real;
    Pipe pipe;
    FdWatch watch(real.loop, pipe.out.get());
    const auto wait = [](FdWatch& w) -> Task<bool> {
        co_await w.readable();
        co_return true;
    };
    EXPECT_EQ(real.run([](Loop& l, Task<bool> t) -> Task<std::optional<bool>> {
        co_return co_await until(l, l.now() + Millis{1}, std::move(t));
    }(real.loop, wait(watch))),
              std::nullopt);
    ASSERT_EQ(::write(pipe.in.get(), "x", 1), 1);
    EXPECT_TRUE(real.run(wait(watch)));
}

struct Flag : Ready {
    Flag() : Ready([](Ready& ready) noexcept { static_cast<Flag&>(ready).raised = true; }) {}
    bool raised = false;
};

Task<bool> turn_once(Scheduler& scheduler) {
    co_await yield_to_loop(scheduler);
    co_return true;
}

struct Pair {
    Pair() {
        int ends[2];
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0) std::perror("socketpair");
        ours.reset(ends[0]);
        theirs.reset(ends[1]);
    }
    UniqueFd ours, theirs;
};

TEST(EdgeWatch, remembers_an_edge_that_nobody_waited_for) {
    RealLoop real;
    Pair pair;
    EdgeWatch watch(real.loop);
    ASSERT_EQ(watch.start(pair.ours.get()), 0);
    watch.reading.drained();
    EXPECT_FALSE(watch.reading.may_try(real.loop));
    ASSERT_EQ(::write(pair.theirs.get(), "x", 1), 1);
    real.run(turn_once(real.loop));
    EXPECT_TRUE(watch.reading.may_try(real.loop));
    Flag flag;
    watch.reading.wait(real.loop, &flag);
    real.run(turn_once(real.loop));
    EXPECT_TRUE(flag.raised);
}

TEST(EdgeWatch, gives_one_socket_only_its_share_of_a_turn) {
    RealLoop real;
    Pair pair;
    EdgeWatch watch(real.loop);
    ASSERT_EQ(watch.start(pair.ours.get()), 0);
    int tries = 0;
    while (watch.writing.may_try(real.loop)) ASSERT_LT(++tries, 1'000);
    EXPECT_EQ(tries, 16);
    Flag flag;
    watch.writing.wait(real.loop, &flag);
    real.run(turn_once(real.loop));
    EXPECT_TRUE(flag.raised);
    EXPECT_TRUE(watch.writing.may_try(real.loop));
}

TEST(EdgeWatch, sees_that_the_peer_has_closed_and_wakes_on_stop) {
    RealLoop real;
    Pair pair;
    EdgeWatch watch(real.loop);
    ASSERT_EQ(watch.start(pair.ours.get()), 0);
    pair.theirs.reset();
    real.run(turn_once(real.loop));
    EXPECT_TRUE(watch.ended());
    watch.reading.drained();
    Flag flag;
    watch.reading.wait(real.loop, &flag);
    watch.stop();
    real.run(turn_once(real.loop));
    EXPECT_TRUE(flag.raised);
}

}  // namespace
}  // namespace evenkeel
