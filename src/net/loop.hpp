#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "core/scheduler.hpp"
#include "core/task.hpp"
#include "core/unique_fd.hpp"

namespace evenkeel {

/// Who is told what happened at a descriptor. Implementations: EdgeWatch, FdWatch, the resolver's sockets.
class EventSink {
public:
    /// `events` are epoll's bits. Called in the middle of a batch: it may set flags and defer, and nothing else, so
    /// that no sink of the same batch is destroyed before its turn.
    virtual void on_events(std::uint32_t events) noexcept = 0;

protected:
    ~EventSink() = default;
};

/// The real scheduler: one thread, one epoll set. A turn waits for descriptors until the next timer, then runs what was
/// posted, what is ready, and what is due, each bounded by what was there when the turn began: nobody starves.
/// Outlives everything that was built with it, and every thread that posts.
class Loop final : public Scheduler {
public:
    /// `real` is os::SystemClock. Ends the process where the kernel gives no epoll set: nothing could run without.
    explicit Loop(const Clock& real);

    Instant now() const noexcept override { return now_; }
    WallTime wall() const noexcept override { return real_.wall(); }
    void arm(Timer& timer, Instant when) override { timers_.arm(timer, when); }
    void disarm(Timer& timer) noexcept override { timers_.disarm(timer); }
    void defer(Ready& ready) override { ready_.push(ready); }
    void post(std::function<void()> work) override;

    /// Turns until `task` is done and gives its value. Not from inside a turn.
    template <class T>
    T run(Task<T> task) {
        now_ = real_.now();
        task.handle().resume();
        while (!task.done()) turn();
        return task.handle().promise().take();
    }

    /// Adds `fd` with epoll's `events`, changes them, takes it out. Each gives 0 or an errno value.
    int watch(int fd, std::uint32_t events, EventSink& sink) noexcept;
    int rewatch(int fd, std::uint32_t events, EventSink& sink) noexcept;
    void unwatch(int fd) noexcept;
    /// How many turns there were; for those who bound their work per turn.
    std::uint64_t turns() const noexcept { return turns_; }

private:
    void turn();
    void wait_for_events();
    void run_posted();

    const Clock& real_;
    Instant now_;
    UniqueFd epoll_;
    UniqueFd wake_;
    bool fine_timeouts_ = true;  ///< epoll_pwait2 is there (Linux 5.11).
    bool woken_ = false;         ///< Another thread has posted.
    std::uint64_t turns_ = 0;
    TimerQueue timers_;
    ReadyList ready_;
    std::mutex posting_;
    std::vector<std::function<void()>> posted_;  ///< Guarded by posting_; bounded by those who post.
};

}  // namespace evenkeel
