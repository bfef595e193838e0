#include "core/async.hpp"

#include <gtest/gtest.h>

#include "testing/sim.hpp"

namespace evenkeel {
namespace {

using namespace std::chrono_literals;
using testing::Sim;

struct Flag {
    explicit Flag(bool& gone_) : gone(&gone_) {}
    Flag(Flag&& other) noexcept : gone(std::exchange(other.gone, nullptr)) {}
    ~Flag() {
        if (gone != nullptr) *gone = true;
    }
    bool* gone;
};

Task<int> after(Scheduler& scheduler, Nanos wait, int value) {
    co_await sleep_for(scheduler, wait);
    co_return value;
}

Task<int> holding(Scheduler& scheduler, Flag flag) {
    co_await sleep_for(scheduler, 1h);
    co_return flag.gone != nullptr ? 1 : 0;
}

TEST(Until, gives_the_value_of_a_task_in_time) {
    Sim sim;
    auto value = sim.run([](Scheduler& s) -> Task<std::optional<int>> {
        co_return co_await until(s, s.now() + 10ms, after(s, 5ms, 42));
    }(sim.scheduler));
    EXPECT_EQ(value, 42);
}

TEST(Until, cancels_a_task_that_is_late_and_runs_its_destructors) {
    Sim sim;
    bool gone = false;
    auto value = sim.run([](Scheduler& s, bool& g) -> Task<std::optional<int>> {
        co_return co_await until(s, s.now() + 10ms, holding(s, Flag(g)));
    }(sim.scheduler, gone));
    EXPECT_FALSE(value.has_value());
    EXPECT_TRUE(gone);
}

TEST(Race, the_first_to_end_wins_and_the_other_is_cancelled) {
    Sim sim;
    bool gone = false;
    auto both = sim.run([](Scheduler& s, bool& g) -> Task<std::pair<std::optional<int>, std::optional<int>>> {
        co_return co_await race(holding(s, Flag(g)), after(s, 3ms, 7));
    }(sim.scheduler, gone));
    EXPECT_FALSE(both.first.has_value());
    EXPECT_EQ(both.second, 7);
    EXPECT_TRUE(gone);
}

TEST(Race, ends_at_once_when_one_is_already_done) {
    Sim sim;
    const auto immediate = [](int v) -> Task<int> { co_return v; };
    auto both = sim.run([](Scheduler& s, auto now) -> Task<std::pair<std::optional<int>, std::optional<int>>> {
        co_return co_await race(now(1), after(s, 3ms, 7));
    }(sim.scheduler, immediate));
    EXPECT_EQ(both.first, 1);
    EXPECT_FALSE(both.second.has_value());
}

TEST(Event, wakes_everyone_who_waits_and_nobody_who_left) {
    Sim sim;
    Event event(sim.scheduler);
    int woken = 0;
    TaskGroup group(sim.scheduler);
    const auto waiter = [](Event& e, int& w) -> Task<void> {
        co_await e.wait();
        ++w;
    };
    group.spawn(waiter(event, woken));
    group.spawn(waiter(event, woken));
    {
        TaskGroup leaving(sim.scheduler);
        leaving.spawn(waiter(event, woken));
        sim.scheduler.settle();
    }
    event.set();
    sim.scheduler.settle();
    EXPECT_EQ(woken, 2);
    EXPECT_EQ(group.size(), 0u);
}

TEST(Unless, an_event_ends_a_task) {
    Sim sim;
    Event stop(sim.scheduler);
    TaskGroup group(sim.scheduler);
    group.spawn([](Scheduler& s, Event& e) -> Task<void> {
        co_await sleep_for(s, 2ms);
        e.set();
    }(sim.scheduler, stop));
    auto value = sim.run([](Scheduler& s, Event& e) -> Task<std::optional<int>> {
        co_return co_await unless(e, after(s, 1h, 1));
    }(sim.scheduler, stop));
    EXPECT_FALSE(value.has_value());
}

TEST(TaskGroup, join_resumes_when_the_last_is_done) {
    Sim sim;
    TaskGroup group(sim.scheduler);
    int done = 0;
    const auto work = [](Scheduler& s, int ms, int& d) -> Task<void> {
        co_await sleep_for(s, Millis{ms});
        ++d;
    };
    for (int i = 1; i <= 5; ++i) group.spawn(work(sim.scheduler, i, done));
    sim.run([](TaskGroup& g) -> Task<int> {
        co_await g.join();
        co_return 0;
    }(group));
    EXPECT_EQ(done, 5);
}

TEST(TaskGroup, destroying_it_cancels_its_tasks) {
    Sim sim;
    bool gone = false;
    {
        TaskGroup group(sim.scheduler);
        group.spawn([](Scheduler& s, Flag) -> Task<void> { co_await sleep_for(s, 1h); }(sim.scheduler, Flag(gone)));
        sim.scheduler.settle();
        EXPECT_FALSE(gone);
    }
    EXPECT_TRUE(gone);
}

TEST(Mailbox, hands_over_in_order_and_ends_after_close) {
    Sim sim;
    Mailbox<int> box(sim.scheduler);
    box.push(1);
    box.push(2);
    box.close();
    auto taken = sim.run([](Mailbox<int>& b) -> Task<std::vector<int>> {
        std::vector<int> all;
        while (auto item = co_await b.take()) all.push_back(*item);
        co_return all;
    }(box));
    EXPECT_EQ(taken, (std::vector<int>{1, 2}));
}

TEST(Task, an_exception_reaches_the_awaiter) {
    Sim sim;
    const auto throwing = []() -> Task<int> {
        throw std::runtime_error("x");
        co_return 1;
    };
    EXPECT_THROW(sim.run([](auto t) -> Task<int> { co_return co_await t(); }(throwing)), std::runtime_error);
}

}  // namespace
}  // namespace evenkeel
