#pragma once
#include <utility>

#include "core/scheduler.hpp"
#include "core/task.hpp"

namespace evenkeel {

/// One timer for the many waits of one reply. A wait only stores its time; the timer is armed where none runs or a
/// later one does, and looks at the stored time when it fires. So a batch that comes in time costs no timer at all.
class LazyTimer : private Timer {
public:
    explicit LazyTimer(Scheduler& scheduler) noexcept
        : Timer([](Timer& timer) noexcept { static_cast<LazyTimer&>(timer).fire(); }), scheduler_(scheduler) {}

    void wait(Instant due, std::coroutine_handle<> waiting) {
        due_ = due;
        waiting_ = waiting;
        if (!armed() || due < armed_for_) arm(due);
    }
    void forget() noexcept { waiting_ = {}; }

private:
    void arm(Instant when) {
        armed_for_ = when;
        scheduler_.arm(*this, when);
    }
    void fire() noexcept {
        if (!waiting_) return;
        if (due_ > scheduler_.now()) return arm(due_);
        std::exchange(waiting_, {}).resume();
    }
    Scheduler& scheduler_;
    Instant due_{}, armed_for_{};
    std::coroutine_handle<> waiting_;
};

/// Runs `task` in stretches: `while (!co_await watched.ended_by(due))` decide whether to go on. Destroying it cancels
/// the task. The timer outlives it.
template <class T>
class WatchedTask {
public:
    WatchedTask(LazyTimer& timer, Task<T> task) noexcept : timer_(timer), task_(std::move(task)) {}
    ~WatchedTask() { timer_.forget(); }
    WatchedTask(const WatchedTask&) = delete;
    WatchedTask& operator=(const WatchedTask&) = delete;

    struct [[nodiscard]] Stretch {
        WatchedTask& self;
        Instant due;
        bool await_ready() const noexcept { return self.task_.done(); }
        std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiting) {
            self.timer_.wait(due, waiting);
            self.task_.handle().promise().continue_with(waiting);
            if (std::exchange(self.started_, true)) return std::noop_coroutine();
            return self.task_.handle();
        }
        bool await_resume() const noexcept {
            self.timer_.forget();
            return self.task_.done();
        }
    };
    /// True when the task is done, false when `due` came first; then it still runs.
    Stretch ended_by(Instant due) noexcept { return Stretch{*this, due}; }
    T take() { return task_.handle().promise().take(); }

private:
    LazyTimer& timer_;
    Task<T> task_;
    bool started_ = false;
};

}  // namespace evenkeel
