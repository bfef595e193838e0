#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "core/time.hpp"

namespace evenkeel {

/// The one source of time. Implementations: os::Loop (real), testing::SimScheduler (virtual).
class Clock {
public:
    virtual ~Clock() = default;
    /// Monotonic. Constant while one handler of the loop runs.
    virtual Instant now() const noexcept = 0;
    /// UTC, for rows and logs.
    virtual WallTime wall() const noexcept = 0;
};

class Scheduler;

/// A callback at a time. Belongs to whoever embeds it; the destructor disarms it. Not copyable, not movable.
class Timer {
public:
    using Callback = void (*)(Timer&) noexcept;
    explicit Timer(Callback callback) noexcept : callback_(callback) {}
    ~Timer();
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;
    bool armed() const noexcept { return queue_ != nullptr; }

private:
    friend class TimerQueue;
    Callback callback_;
    class TimerQueue* queue_ = nullptr;
    std::size_t place_ = 0;
    Instant when_{};
    std::uint64_t order_ = 0;
};

/// A callback that the loop runs once from its top level, soon: how one coroutine wakes another without running on
/// top of it. The destructor takes it back.
class Ready {
public:
    using Callback = void (*)(Ready&) noexcept;
    explicit Ready(Callback callback) noexcept : callback_(callback) {}
    ~Ready() { unlink(); }
    Ready(const Ready&) = delete;
    Ready& operator=(const Ready&) = delete;
    bool queued() const noexcept { return next_ != nullptr; }

private:
    friend class ReadyList;
    void unlink() noexcept;
    Callback callback_;
    Ready* next_ = nullptr;
    Ready* previous_ = nullptr;
};

/// Runs callbacks on one thread, in order of time. All but `post` may be called on that thread only.
class Scheduler : public Clock {
public:
    /// (Re-)arms `timer`. A time in the past fires at the next turn of the loop. `forever` never fires.
    virtual void arm(Timer& timer, Instant when) = 0;
    virtual void disarm(Timer& timer) noexcept = 0;
    /// Queues `ready`; a second call before it ran changes nothing.
    virtual void defer(Ready& ready) = 0;
    /// From any thread: runs `work` on the loop's thread. The only way into the loop from outside.
    virtual void post(std::function<void()> work) = 0;
};

/// The timers of one loop: a binary heap, ties in the order of arming. No clock of its own.
class TimerQueue {
public:
    TimerQueue() = default;
    ~TimerQueue();
    TimerQueue(const TimerQueue&) = delete;
    TimerQueue& operator=(const TimerQueue&) = delete;
    void arm(Timer& timer, Instant when);
    void disarm(Timer& timer) noexcept;
    /// The earliest time, `forever` when empty.
    Instant next() const noexcept { return heap_.empty() ? forever : heap_.front()->when_; }
    /// Runs what is due at `now`; what these arm for `now` or earlier waits for the next call. Gives how many ran.
    std::size_t run_due(Instant now);
    bool empty() const noexcept { return heap_.empty(); }

private:
    bool before(const Timer& a, const Timer& b) const noexcept;
    void place(std::size_t at, Timer* timer) noexcept;
    void sift_up(std::size_t at) noexcept;
    void sift_down(std::size_t at) noexcept;
    std::vector<Timer*> heap_;
    std::uint64_t order_ = 0;
};

/// The callbacks that wait for the next turn of one loop; first in, first out.
class ReadyList {
public:
    ReadyList() noexcept : head_([](Ready&) noexcept {}) { head_.next_ = head_.previous_ = &head_; }
    ~ReadyList();
    ReadyList(const ReadyList&) = delete;
    ReadyList& operator=(const ReadyList&) = delete;
    void push(Ready& ready) noexcept;
    /// Runs what was queued before the call. Gives how many ran.
    std::size_t run();
    bool empty() const noexcept { return head_.next_ == &head_; }

private:
    Ready head_;
};

}  // namespace evenkeel
