#include "net/loop.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>

namespace evenkeel {
namespace {

/// Events taken from the kernel at a time. What does not fit comes with the next turn.
constexpr int batch_max = 256;

UniqueFd or_die(int fd, const char* what) {
    if (fd < 0) {
        std::perror(what);
        std::abort();
    }
    return UniqueFd(fd);
}

epoll_event event_for(std::uint32_t events, EventSink* sink) noexcept {
    epoll_event event{};
    event.events = events;
    event.data.ptr = sink;
    return event;
}

}  // namespace

Loop::Loop(const Clock& real)
    : real_(real),
      now_(real.now()),
      epoll_(or_die(::epoll_create1(EPOLL_CLOEXEC), "evenkeel: no epoll set (raise ulimit -n)")),
      wake_(or_die(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "evenkeel: no eventfd (raise ulimit -n)")) {
    // Edge-triggered: each write is an event of its own, so the counter need never be read.
    epoll_event event = event_for(EPOLLIN | EPOLLET, nullptr);
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake_.get(), &event);
}

void Loop::post(std::function<void()> work) {
    const std::scoped_lock lock(posting_);
    posted_.push_back(std::move(work));
    if (posted_.size() > 1) return;  // Whoever posted the first has woken the loop.
    const std::uint64_t one = 1;
    if (::write(wake_.get(), &one, sizeof one) != sizeof one) std::abort();  // Only after 2^64 posts.
}

int Loop::watch(int fd, std::uint32_t events, EventSink& sink) noexcept {
    epoll_event event = event_for(events, &sink);
    return ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0 ? 0 : errno;
}

int Loop::rewatch(int fd, std::uint32_t events, EventSink& sink) noexcept {
    epoll_event event = event_for(events, &sink);
    return ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event) == 0 ? 0 : errno;
}

void Loop::unwatch(int fd) noexcept { ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr); }

void Loop::turn() {
    ++turns_;
    wait_for_events();
    now_ = real_.now();
    if (std::exchange(woken_, false)) run_posted();
    ready_.run();
    timers_.run_due(now_);
}

void Loop::wait_for_events() {
    std::array<epoll_event, batch_max> batch;
    Nanos timeout{0};
    // The time that handlers took since `now_` was read must not lengthen the wait.
    if (ready_.empty()) timeout = timers_.empty() ? Nanos::max() : std::max(Nanos{0}, timers_.next() - real_.now());
    int count = -1;
    if (fine_timeouts_) {
        const timespec wait{.tv_sec = timeout.count() / 1'000'000'000, .tv_nsec = timeout.count() % 1'000'000'000};
        count =
            ::epoll_pwait2(epoll_.get(), batch.data(), batch_max, timeout == Nanos::max() ? nullptr : &wait, nullptr);
        // Older kernels do not have it, and some sandboxes forbid what they do not know.
        if (count < 0 && errno != EINTR) fine_timeouts_ = false;
    }
    if (!fine_timeouts_) {
        const auto millis = std::chrono::ceil<Millis>(std::min<Nanos>(timeout, Millis{INT_MAX})).count();
        count = ::epoll_wait(epoll_.get(), batch.data(), batch_max,
                             timeout == Nanos::max() ? -1 : static_cast<int>(millis));
    }
    for (int i = 0; i < count; ++i) {
        const epoll_event& event = batch[static_cast<std::size_t>(i)];
        if (event.data.ptr == nullptr)
            woken_ = true;
        else
            static_cast<EventSink*>(event.data.ptr)->on_events(event.events);
    }
}

void Loop::run_posted() {
    std::vector<std::function<void()>> work;
    {
        const std::scoped_lock lock(posting_);
        work.swap(posted_);
    }
    for (const auto& item : work) item();
}

}  // namespace evenkeel
