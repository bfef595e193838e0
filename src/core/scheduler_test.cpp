#include "core/scheduler.hpp"

#include <gtest/gtest.h>

#include "testing/sim.hpp"

namespace evenkeel {
namespace {

struct Mark : Timer {
    Mark(std::vector<int>& log_, int number_)
        : Timer([](Timer& t) noexcept {
              auto& self = static_cast<Mark&>(t);
              self.log.push_back(self.number);
          }),
          log(log_),
          number(number_) {}
    std::vector<int>& log;
    int number;
};

TEST(TimerQueue, runs_what_is_due_in_order_of_time_then_of_arming) {
    TimerQueue queue;
    std::vector<int> log;
    Mark a(log, 1), b(log, 2), c(log, 3), d(log, 4);
    queue.arm(a, Instant{Millis{30}});
    queue.arm(b, Instant{Millis{10}});
    queue.arm(c, Instant{Millis{10}});
    queue.arm(d, Instant{Millis{40}});
    EXPECT_EQ(queue.run_due(Instant{Millis{30}}), 3u);
    EXPECT_EQ(log, (std::vector<int>{2, 3, 1}));
    EXPECT_EQ(queue.next(), Instant{Millis{40}});
}

TEST(TimerQueue, a_destroyed_timer_never_fires) {
    TimerQueue queue;
    std::vector<int> log;
    {
        Mark gone(log, 1);
        queue.arm(gone, Instant{Millis{1}});
    }
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(queue.run_due(Instant{Millis{5}}), 0u);
}

TEST(TimerQueue, keeps_its_order_through_random_arming_and_disarming) {
    testing::SeededRandom random(7);
    TimerQueue queue;
    std::vector<int> log;
    std::vector<std::unique_ptr<Mark>> marks;
    std::multimap<Instant, int> expected;
    for (int i = 0; i < 500; ++i) {
        marks.push_back(std::make_unique<Mark>(log, i));
        queue.arm(*marks.back(), Instant{Millis{random.bits() % 100'000}});
    }
    std::vector<Instant> when(500);
    for (int i = 0; i < 500; ++i) {
        when[i] = Instant{Millis{random.bits() % 100'000}};
        if (i % 3 == 0)
            queue.disarm(*marks[i]);
        else
            queue.arm(*marks[i], when[i]), expected.emplace(when[i], i);
    }
    queue.run_due(Instant{Millis{100'000}});
    std::vector<int> order;
    for (const auto& [time, number] : expected) order.push_back(number);
    EXPECT_EQ(log, order);
}

TEST(SimScheduler, jumps_over_idle_time) {
    testing::Sim sim;
    const Instant start = sim.scheduler.now();
    sim.run([](Scheduler& scheduler) -> Task<int> {
        co_await sleep_for(scheduler, std::chrono::hours{5});
        co_return 0;
    }(sim.scheduler));
    EXPECT_EQ(sim.scheduler.now() - start, std::chrono::hours{5});
}

}  // namespace
}  // namespace evenkeel
