#pragma once
#include <coroutine>
#include <cstdint>

#include "net/loop.hpp"

namespace evenkeel {

/// Waits for a descriptor that belongs to somebody else and may be blocking: standard input, a signalfd, a pipe.
/// `co_await watch.readable()` resumes when one read would not block; what that read leaves is seen by the next wait.
/// A regular file is always ready. One watch per descriptor, one waiter at a time; it goes before the descriptor.
class FdWatch final : private EventSink {
public:
    FdWatch(Loop& loop, int fd) noexcept;
    ~FdWatch();
    FdWatch(const FdWatch&) = delete;
    FdWatch& operator=(const FdWatch&) = delete;

    class [[nodiscard]] Wait : private Ready {
    public:
        explicit Wait(FdWatch& watch) noexcept;
        ~Wait();
        Wait(const Wait&) = delete;
        Wait& operator=(const Wait&) = delete;
        bool await_ready() const noexcept { return false; }
        void await_suspend(std::coroutine_handle<> waiting) noexcept;
        void await_resume() const noexcept {}

    private:
        FdWatch& watch_;
        std::coroutine_handle<> waiting_;
    };
    Wait readable() noexcept { return Wait(*this); }

private:
    void on_events(std::uint32_t events) noexcept override;
    Loop& loop_;
    int fd_;
    bool pollable_;
    Ready* waiter_ = nullptr;
};

/// The edge-triggered readiness of one non-blocking socket: remembers edges that nobody waited for, and bounds how
/// often one busy socket is tried per turn, so that it cannot keep the loop to itself.
class EdgeWatch final : private EventSink {
public:
    explicit EdgeWatch(Loop& loop) noexcept : loop_(loop) {}
    ~EdgeWatch() { stop(); }
    EdgeWatch(const EdgeWatch&) = delete;
    EdgeWatch& operator=(const EdgeWatch&) = delete;

    /// Gives 0 or an errno value.
    int start(int fd) noexcept;
    /// Takes the descriptor out of the loop (before it is closed) and wakes whoever waits.
    void stop() noexcept;

    class Side {
    public:
        /// Whether to try now. False: nothing since `drained`, or this turn has had its share; then `wait`.
        bool may_try(const Loop& loop) noexcept;
        /// The kernel said that there is nothing (no room) now.
        void drained() noexcept { ready_ = false; }
        /// Defers `waiter` once trying is worth while; null takes it back.
        void wait(Loop& loop, Ready* waiter) noexcept;

    private:
        friend class EdgeWatch;
        void wake(Loop& loop) noexcept;
        Ready* waiter_ = nullptr;
        bool ready_ = true;  // Unknown at first: trying tells.
        unsigned tries_left_ = 0;
        std::uint64_t turn_ = UINT64_MAX;
    };
    Side reading;
    Side writing;

    /// `co_await watch.readable()`: as Side::wait.
    class [[nodiscard]] Wait : private Ready {
    public:
        Wait(Loop& loop, Side& side) noexcept
            : Ready([](Ready& ready) noexcept { static_cast<Wait&>(ready).waiting_.resume(); }),
              loop_(loop),
              side_(side) {}
        ~Wait() {
            if (side_.waiter_ == this) side_.waiter_ = nullptr;
        }
        Wait(const Wait&) = delete;
        Wait& operator=(const Wait&) = delete;
        bool await_ready() const noexcept { return false; }
        void await_suspend(std::coroutine_handle<> waiting) noexcept {
            waiting_ = waiting;
            side_.wait(loop_, this);
        }
        void await_resume() const noexcept {}

    private:
        Loop& loop_;
        Side& side_;
        std::coroutine_handle<> waiting_;
    };
    Wait readable() noexcept { return Wait(loop_, reading); }
    Wait writable() noexcept { return Wait(loop_, writing); }

    /// The peer has closed or reset: read to the end, no further edge will come.
    bool ended() const noexcept { return ended_; }

private:
    void on_events(std::uint32_t events) noexcept override;
    Loop& loop_;
    int fd_ = -1;
    bool ended_ = false;
};

}  // namespace evenkeel
