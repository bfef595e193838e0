#include "core/scheduler.hpp"

#include <utility>

namespace evenkeel {

Timer::~Timer() {
    if (queue_ != nullptr) queue_->disarm(*this);
}

void Ready::unlink() noexcept {
    if (next_ == nullptr) return;
    previous_->next_ = next_;
    next_->previous_ = previous_;
    next_ = previous_ = nullptr;
}

TimerQueue::~TimerQueue() {
    for (Timer* timer : heap_) timer->queue_ = nullptr;
}

bool TimerQueue::before(const Timer& a, const Timer& b) const noexcept {
    return a.when_ != b.when_ ? a.when_ < b.when_ : a.order_ < b.order_;
}

void TimerQueue::place(std::size_t at, Timer* timer) noexcept {
    heap_[at] = timer;
    timer->place_ = at;
}

void TimerQueue::sift_up(std::size_t at) noexcept {
    Timer* const timer = heap_[at];
    while (at > 0 && before(*timer, *heap_[(at - 1) / 2])) {
        place(at, heap_[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    place(at, timer);
}

void TimerQueue::sift_down(std::size_t at) noexcept {
    Timer* const timer = heap_[at];
    for (std::size_t child = 2 * at + 1; child < heap_.size(); child = 2 * at + 1) {
        if (child + 1 < heap_.size() && before(*heap_[child + 1], *heap_[child])) ++child;
        if (!before(*heap_[child], *timer)) break;
        place(at, heap_[child]);
        at = child;
    }
    place(at, timer);
}

void TimerQueue::arm(Timer& timer, Instant when) {
    if (timer.queue_ != nullptr) timer.queue_->disarm(timer);
    if (when == forever) return;
    timer.when_ = when;
    timer.order_ = order_++;
    timer.queue_ = this;
    heap_.push_back(&timer);
    sift_up(heap_.size() - 1);
}

void TimerQueue::disarm(Timer& timer) noexcept {
    if (timer.queue_ != this) return;
    const std::size_t at = timer.place_;
    timer.queue_ = nullptr;
    Timer* const last = heap_.back();
    heap_.pop_back();
    if (last == &timer) return;
    place(at, last);
    sift_up(at);
    sift_down(last->place_);
}

std::size_t TimerQueue::run_due(Instant now) {
    const std::uint64_t armed_before = order_;
    std::size_t ran = 0;
    while (!heap_.empty() && heap_.front()->when_ <= now && heap_.front()->order_ < armed_before) {
        Timer& timer = *heap_.front();
        disarm(timer);
        timer.callback_(timer);
        ++ran;
    }
    return ran;
}

ReadyList::~ReadyList() {
    while (head_.next_ != &head_) head_.next_->unlink();
    head_.next_ = head_.previous_ = nullptr;
}

void ReadyList::push(Ready& ready) noexcept {
    if (ready.queued()) return;
    ready.previous_ = head_.previous_;
    ready.next_ = &head_;
    head_.previous_->next_ = &ready;
    head_.previous_ = &ready;
}

std::size_t ReadyList::run() {
    // A marker ends this turn: what the callbacks queue behind it waits for the next one, so nobody starves.
    Ready marker([](Ready&) noexcept {});
    push(marker);
    std::size_t ran = 0;
    while (head_.next_ != &marker) {
        Ready& ready = *head_.next_;
        ready.unlink();
        ready.callback_(ready);
        ++ran;
    }
    return ran;
}

}  // namespace evenkeel
