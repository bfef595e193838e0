#include "testing/sim.hpp"

#include <cstdio>
#include <cstdlib>

namespace evenkeel::testing {
namespace {
constexpr Instant first_instant{std::chrono::hours{1}};
constexpr WallTime first_wall{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};
}  // namespace

SimScheduler::SimScheduler() : now_(first_instant) {}

WallTime SimScheduler::wall() const noexcept {
    return first_wall + std::chrono::duration_cast<Millis>(now_ - first_instant) + wall_offset_;
}

void SimScheduler::start(std::coroutine_handle<> handle) { handle.resume(); }

void SimScheduler::step() {
    for (std::size_t n = posted_.size(); n > 0; --n) {
        auto work = std::move(posted_.front());
        posted_.pop_front();
        work();
    }
    ready_.run();
    timers_.run_due(now_);
}

void SimScheduler::settle() {
    do step();
    while (!posted_.empty() || !ready_.empty() || timers_.next() <= now_);
}

void SimScheduler::run_until(Instant until) {
    for (settle(); timers_.next() <= until; settle()) now_ = timers_.next();
    now_ = until;
}

bool SimScheduler::turn() {
    if (posted_.empty() && ready_.empty() && timers_.empty()) return false;
    if (posted_.empty() && ready_.empty() && timers_.next() > now_) now_ = timers_.next();
    step();
    return true;
}

void SimScheduler::turn_or_die() {
    if (turn()) return;
    std::fputs("SimScheduler: the task waits for something that nobody will ever do\n", stderr);
    std::abort();
}

std::uint64_t SeededRandom::bits() noexcept {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

void RecordingNotes::note(const Note& note) noexcept {
    names_.emplace_back(note.name);
    lines.push_back(std::string(note.name) + " " + std::string(note.subject) + " " + std::string(note.detail));
}

std::size_t RecordingNotes::count(std::string_view name) const noexcept {
    return static_cast<std::size_t>(std::count(names_.begin(), names_.end(), name));
}

}  // namespace evenkeel::testing
