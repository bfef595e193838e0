#include "net/fd_watch.hpp"

#include <sys/epoll.h>

#include <utility>

namespace evenkeel {
namespace {
/// Reads (writes, accepts) of one socket in one turn of the loop.
constexpr unsigned tries_per_turn_max = 16;
}  // namespace

FdWatch::FdWatch(Loop& loop, int fd) noexcept
    : loop_(loop), fd_(fd), pollable_(loop.watch(fd, EPOLLONESHOT, *this) == 0) {}

FdWatch::~FdWatch() {
    if (pollable_) loop_.unwatch(fd_);
}

void FdWatch::on_events(std::uint32_t) noexcept {
    if (waiter_ != nullptr) loop_.defer(*std::exchange(waiter_, nullptr));
}

FdWatch::Wait::Wait(FdWatch& watch) noexcept
    : Ready([](Ready& ready) noexcept { static_cast<Wait&>(ready).waiting_.resume(); }), watch_(watch) {}

FdWatch::Wait::~Wait() {
    if (watch_.waiter_ == this) watch_.waiter_ = nullptr;
}

void FdWatch::Wait::await_suspend(std::coroutine_handle<> waiting) noexcept {
    waiting_ = waiting;
    // epoll refuses regular files (EPERM), which never block; and what it cannot watch the read itself will explain.
    if (!watch_.pollable_ || watch_.loop_.rewatch(watch_.fd_, EPOLLIN | EPOLLONESHOT, watch_) != 0) {
        watch_.loop_.defer(*this);
        return;
    }
    watch_.waiter_ = this;
}

int EdgeWatch::start(int fd) noexcept {
    const int error = loop_.watch(fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, *this);
    if (error == 0) fd_ = fd;
    return error;
}

void EdgeWatch::stop() noexcept {
    if (fd_ < 0) return;
    loop_.unwatch(std::exchange(fd_, -1));
    ended_ = true;
    reading.wake(loop_);
    writing.wake(loop_);
}

void EdgeWatch::on_events(std::uint32_t events) noexcept {
    if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) ended_ = true;
    if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) reading.wake(loop_);
    if ((events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0) writing.wake(loop_);
}

bool EdgeWatch::Side::may_try(const Loop& loop) noexcept {
    if (!ready_) return false;
    if (turn_ != loop.turns()) {
        turn_ = loop.turns();
        tries_left_ = tries_per_turn_max;
    }
    if (tries_left_ == 0) return false;
    --tries_left_;
    return true;
}

void EdgeWatch::Side::wait(Loop& loop, Ready* waiter) noexcept {
    waiter_ = waiter;
    if (ready_ && waiter_ != nullptr) loop.defer(*std::exchange(waiter_, nullptr));
}

void EdgeWatch::Side::wake(Loop& loop) noexcept {
    ready_ = true;
    if (waiter_ != nullptr) loop.defer(*std::exchange(waiter_, nullptr));
}

}  // namespace evenkeel
