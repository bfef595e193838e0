#include "core/async.hpp"

namespace evenkeel {

void Event::Wait::await_suspend(std::coroutine_handle<> waiting) {
    waiting_ = waiting;
    event_.waiting_.push_back(this);
    place_ = std::prev(event_.waiting_.end());
    listed_ = true;
}

void Event::Wait::unlink() noexcept {
    if (listed_) event_.waiting_.erase(place_);
    listed_ = false;
}

void Event::set() {
    set_ = true;
    while (!waiting_.empty()) {
        Wait& wait = *waiting_.front();
        wait.unlink();
        scheduler_.defer(wait);
    }
}

struct Reaper : Ready {
    explicit Reaper(TaskGroup& owner)
        : Ready([](Ready& ready) noexcept { static_cast<Reaper&>(ready).group.reap(); }), group(owner) {}
    TaskGroup& group;
};

/// One spawned task: waits for its first turn, then runs, then waits to be taken away.
struct TaskGroup::Member : Ready {
    Member(TaskGroup& owner, Task<void> work)
        : Ready([](Ready& ready) noexcept { static_cast<Member&>(ready).runner.handle().resume(); }),
          group(owner),
          task(std::move(work)),
          runner(run(*this)) {}
    static Task<void> run(Member& self) {
        try {
            co_await self.task;
        } catch (...) {
            std::terminate();  // Nobody awaits a spawned task: an exception here is a defect, never swallowed.
        }
        self.ended = true;
        --self.group.running_;
        self.group.scheduler_.defer(*self.group.reaper_);
        co_await std::suspend_always{};
    }
    TaskGroup& group;
    Task<void> task;
    Task<void> runner;
    bool ended = false;
};

TaskGroup::TaskGroup(Scheduler& scheduler)
    : scheduler_(scheduler), idle_(scheduler), reaper_(std::make_unique<Reaper>(*this)) {
    idle_.set();
}

TaskGroup::~TaskGroup() { cancel(); }

void TaskGroup::spawn(Task<void> task) {
    ++running_;
    idle_.clear();
    members_.push_back(std::make_unique<Member>(*this, std::move(task)));
    scheduler_.defer(*members_.back());
}

void TaskGroup::reap() noexcept {
    std::erase_if(members_, [](const auto& member) { return member->ended; });
    if (running_ == 0) idle_.set();
}

void TaskGroup::cancel() noexcept {
    while (!members_.empty()) members_.pop_back();
    running_ = 0;
    idle_.set();
}

Task<void> TaskGroup::join() { co_await idle_.wait(); }

}  // namespace evenkeel
