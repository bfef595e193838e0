#pragma once
#include <concepts>
#include <coroutine>
#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <utility>

#include "core/result.hpp"
#include "core/scheduler.hpp"
#include "core/task.hpp"

namespace evenkeel {

/// `co_await sleep_until(scheduler, when)`: resumes at or after `when`.
class [[nodiscard]] sleep_until : private Timer {
public:
    sleep_until(Scheduler& scheduler, Instant when) noexcept
        : Timer([](Timer& timer) noexcept { static_cast<sleep_until&>(timer).waiting_.resume(); }),
          scheduler_(scheduler),
          when_(when) {}
    bool await_ready() const noexcept { return when_ <= scheduler_.now(); }
    void await_suspend(std::coroutine_handle<> waiting) {
        waiting_ = waiting;
        scheduler_.arm(*this, when_);
    }
    void await_resume() const noexcept {}

private:
    Scheduler& scheduler_;
    Instant when_;
    std::coroutine_handle<> waiting_;
};

inline sleep_until sleep_for(Scheduler& scheduler, Nanos duration) {
    return sleep_until(scheduler, scheduler.now() + duration);
}

/// Lets everything else that is ready run first.
class [[nodiscard]] yield_to_loop : private Ready {
public:
    explicit yield_to_loop(Scheduler& scheduler) noexcept
        : Ready([](Ready& ready) noexcept { static_cast<yield_to_loop&>(ready).waiting_.resume(); }),
          scheduler_(scheduler) {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiting) {
        waiting_ = waiting;
        scheduler_.defer(*this);
    }
    void await_resume() const noexcept {}

private:
    Scheduler& scheduler_;
    std::coroutine_handle<> waiting_;
};

/// A flag that coroutines of one loop wait for. `set` wakes all of them (from the loop's top level); stays set until
/// `clear`. Must outlive its waiters.
class Event {
public:
    explicit Event(Scheduler& scheduler) noexcept : scheduler_(scheduler) {}
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;

    bool is_set() const noexcept { return set_; }
    void set();
    void clear() noexcept { set_ = false; }
    /// Wakes those who wait now, and leaves the flag clear.
    void pulse() {
        set();
        clear();
    }

    class [[nodiscard]] Wait : private Ready {
    public:
        explicit Wait(Event& event) noexcept
            : Ready([](Ready& ready) noexcept { static_cast<Wait&>(ready).waiting_.resume(); }), event_(event) {}
        ~Wait() { unlink(); }
        Wait(const Wait&) = delete;
        Wait& operator=(const Wait&) = delete;
        bool await_ready() const noexcept { return event_.set_; }
        void await_suspend(std::coroutine_handle<> waiting);
        void await_resume() const noexcept {}

    private:
        friend class Event;
        void unlink() noexcept;
        Event& event_;
        std::coroutine_handle<> waiting_;
        bool listed_ = false;
        std::list<Wait*>::iterator place_;
    };
    Wait wait() noexcept { return Wait(*this); }

private:
    friend class Wait;
    Scheduler& scheduler_;
    bool set_ = false;
    std::list<Wait*> waiting_;
};

/// Runs `task` at most until `deadline`; then it is cancelled and the result is empty.
/// T must not be void; use Result<void>.
template <class T>
class [[nodiscard]] until : private Timer {
public:
    until(Scheduler& scheduler, Instant deadline, Task<T> task)
        : Timer([](Timer& timer) noexcept { static_cast<until&>(timer).waiting_.resume(); }),
          scheduler_(scheduler),
          deadline_(deadline),
          task_(std::move(task)) {}
    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiting) {
        waiting_ = waiting;
        scheduler_.arm(*this, deadline_);
        task_.handle().promise().continue_with(waiting);
        return task_.handle();
    }
    std::optional<T> await_resume() {
        scheduler_.disarm(*this);
        std::optional<T> result;
        if (task_.done()) result.emplace(task_.handle().promise().take());
        task_.reset();
        return result;
    }

private:
    Scheduler& scheduler_;
    Instant deadline_;
    Task<T> task_;
    std::coroutine_handle<> waiting_;
};

/// Runs `task` until `event` is set; then it is cancelled and the result is empty. The task wins a tie.
template <class T>
Task<std::optional<T>> unless(Event& event, Task<T> task);

struct Reaper;

/// Tasks that run side by side on one loop, owned by the group. Destroying the group cancels them all.
class TaskGroup {
public:
    explicit TaskGroup(Scheduler& scheduler);
    ~TaskGroup();
    TaskGroup(const TaskGroup&) = delete;
    TaskGroup& operator=(const TaskGroup&) = delete;

    /// Starts `task` at the loop's next turn. What it needs is moved into it: parameters by value.
    void spawn(Task<void> task);
    /// Resumes when no task is left.
    Task<void> join();
    /// Cancels all of them at once. Not from inside one of them.
    void cancel() noexcept;
    std::size_t size() const noexcept { return running_; }

private:
    struct Member;
    void reap() noexcept;
    Scheduler& scheduler_;
    std::list<std::unique_ptr<Member>> members_;
    std::size_t running_ = 0;
    Event idle_;
    friend struct Reaper;
    std::unique_ptr<Reaper> reaper_;
};

/// An unbounded hand-over between coroutines of one loop; whoever pushes bounds it by `size`.
template <class T>
class Mailbox {
public:
    explicit Mailbox(Scheduler& scheduler) noexcept : filled_(scheduler) {}
    void push(T value) {
        items_.push_back(std::move(value));
        filled_.set();
    }
    /// After it `take` gives what is left, then nothing, for ever.
    void close() {
        closed_ = true;
        filled_.set();
    }
    std::size_t size() const noexcept { return items_.size(); }
    bool closed() const noexcept { return closed_; }
    /// The next item; empty once closed and drained. One taker at a time.
    Task<std::optional<T>> take() {
        while (items_.empty() && !closed_) {
            filled_.clear();
            co_await filled_.wait();
        }
        std::optional<T> item;
        if (!items_.empty()) {
            item.emplace(std::move(items_.front()));
            items_.pop_front();
        }
        co_return item;
    }

private:
    Event filled_;
    std::deque<T> items_;
    bool closed_ = false;
};

namespace detail {

/// Two tasks from one parent; the first that ends resumes it. Both are owned by the awaiter.
template <class A, class B>
class [[nodiscard]] first_of {
public:
    first_of(Task<A> a, Task<B> b) : a_(std::move(a)), b_(std::move(b)) {}
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> waiting) {
        // While `starting_`, an early end must not resume the parent: it is still being suspended right here.
        watch_a_ = watch(a_.handle(), waiting);
        watch_b_ = watch(b_.handle(), waiting);
        watch_a_.handle().resume();
        if (!ended_) watch_b_.handle().resume();
        starting_ = false;
        return !ended_;
    }
    std::pair<std::optional<A>, std::optional<B>> await_resume() {
        std::pair<std::optional<A>, std::optional<B>> result;
        if (a_.done())
            result.first.emplace(a_.handle().promise().take());
        else if (b_.done())
            result.second.emplace(b_.handle().promise().take());
        watch_a_.reset();
        watch_b_.reset();
        a_.reset();
        b_.reset();
        return result;
    }

private:
    struct Peek {
        std::coroutine_handle<> child;
        PromiseBase* promise;
        bool await_ready() const noexcept { return false; }
        std::coroutine_handle<> await_suspend(std::coroutine_handle<> self) const noexcept {
            promise->continue_with(self);
            return child;
        }
        void await_resume() const noexcept {}
    };
    struct Resume {
        std::coroutine_handle<> parent;
        bool await_ready() const noexcept { return false; }
        std::coroutine_handle<> await_suspend(std::coroutine_handle<>) const noexcept { return parent; }
        void await_resume() const noexcept {}
    };
    template <class Handle>
    Task<void> watch(Handle child, std::coroutine_handle<> parent) {
        PromiseBase* const promise = &child.promise();
        co_await Peek{child, promise};
        const bool first = !std::exchange(ended_, true);
        if (first && !starting_) co_await Resume{parent};
        co_await std::suspend_always{};  // Both watchers end only with the awaiter that owns them.
    }
    Task<A> a_;
    Task<B> b_;
    Task<void> watch_a_, watch_b_;
    bool starting_ = true, ended_ = false;
};

}  // namespace detail

/// Runs two tasks; the first that ends wins, the other is cancelled. Exactly one of the pair is set.
/// Neither may be of type void; use Result<void>.
template <class A, class B>
detail::first_of<A, B> race(Task<A> a, Task<B> b) {
    return detail::first_of<A, B>(std::move(a), std::move(b));
}

namespace detail {
inline Task<bool> set_of(Event& event) {
    co_await event.wait();
    co_return true;
}
}  // namespace detail

template <class T>
Task<std::optional<T>> unless(Event& event, Task<T> task) {
    auto ends = co_await race(std::move(task), detail::set_of(event));
    co_return std::move(ends.first);
}

}  // namespace evenkeel
