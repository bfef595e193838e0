#include "net/loop.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "core/async.hpp"
#include "testing/real_loop.hpp"

namespace evenkeel {
namespace {

using namespace std::chrono_literals;
using testing::RealLoop;

Task<void> note_after(Scheduler& scheduler, Nanos wait, std::vector<int>& log, int number) {
    co_await sleep_for(scheduler, wait);
    log.push_back(number);
}

Task<bool> joined(TaskGroup& group) {
    co_await group.join();
    co_return true;
}

TEST(Loop, runs_timers_in_the_order_of_their_times) {
    RealLoop real;
    std::vector<int> log;
    TaskGroup group(real.loop);
    group.spawn(note_after(real.loop, 3ms, log, 3));
    group.spawn(note_after(real.loop, 200us, log, 1));
    group.spawn(note_after(real.loop, 1ms, log, 2));
    EXPECT_TRUE(real.run(joined(group)));
    EXPECT_EQ(log, (std::vector<int>{1, 2, 3}));
}

TEST(Loop, never_wakes_a_sleeper_early) {
    RealLoop real;
    const Instant before = real.clock.now();
    real.run([](Scheduler& s) -> Task<int> {
        co_await sleep_for(s, 2ms);
        co_return 0;
    }(real.loop));
    EXPECT_GE(real.clock.now() - before, 2ms);
}

TEST(Loop, its_time_stands_still_while_one_handler_runs) {
    RealLoop real;
    EXPECT_TRUE(real.run([](RealLoop& r) -> Task<bool> {
        const Instant before = r.loop.now();
        while (r.clock.now() - before < 50us) {
        }
        co_return r.loop.now() == before;
    }(real)));
}

struct Posted {
    explicit Posted(Loop& loop) : done(loop) {}
    Event done;
    std::vector<int> log;
    std::thread::id ran_on;
};

Task<bool> until_done(Posted& posted) {
    co_await posted.done.wait();
    co_return true;
}

TEST(Loop, runs_on_its_own_thread_what_others_post_in_their_order) {
    RealLoop real;
    Posted posted(real.loop);
    constexpr int count = 5'000;
    std::thread other([&] {
        for (int i = 0; i < count; ++i)
            real.loop.post([&posted, i] {
                posted.log.push_back(i);
                posted.ran_on = std::this_thread::get_id();
                if (i == count - 1) posted.done.set();
            });
    });
    EXPECT_TRUE(real.run(until_done(posted)));
    other.join();
    EXPECT_EQ(posted.ran_on, std::this_thread::get_id());
    ASSERT_EQ(posted.log.size(), static_cast<std::size_t>(count));
    EXPECT_TRUE(std::ranges::is_sorted(posted.log));
}

TEST(Loop, several_threads_may_post_at_once) {
    RealLoop real;
    Posted posted(real.loop);
    constexpr std::size_t threads = 4, each = 1'000;
    std::vector<std::thread> others;
    for (std::size_t t = 0; t < threads; ++t)
        others.emplace_back([&] {
            for (std::size_t i = 0; i < each; ++i)
                real.loop.post([&posted] {
                    posted.log.push_back(0);
                    if (posted.log.size() == threads * each) posted.done.set();
                });
        });
    EXPECT_TRUE(real.run(until_done(posted)));
    for (std::thread& other : others) other.join();
    EXPECT_EQ(posted.log.size(), threads * each);
}

TEST(Loop, what_was_posted_before_it_runs_is_not_lost) {
    RealLoop real;
    Posted posted(real.loop);
    real.loop.post([&] { posted.done.set(); });
    EXPECT_TRUE(real.run(until_done(posted)));
}

Task<int> spin_for_ever(Scheduler& scheduler) {
    for (;;) co_await yield_to_loop(scheduler);
}

TEST(Loop, a_busy_task_starves_neither_timers_nor_posts) {
    RealLoop real;
    Posted posted(real.loop);
    TaskGroup group(real.loop);
    group.spawn([](Scheduler& s, Posted& p) -> Task<void> {
        co_await sleep_for(s, 1ms);
        s.post([&p] { p.done.set(); });
    }(real.loop, posted));
    EXPECT_EQ(real.run(unless(posted.done, spin_for_ever(real.loop))), std::nullopt);
}

}  // namespace
}  // namespace evenkeel
