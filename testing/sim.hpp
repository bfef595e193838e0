#pragma once
#include <deque>
#include <string>
#include <vector>

#include "core/async.hpp"
#include "core/env.hpp"

namespace evenkeel::testing {

/// Virtual time and the loop in one. Time moves only when nothing is left to do at the present moment, then it jumps
/// to the next timer: hours pass in microseconds, and a run is a pure function of its seed.
class SimScheduler final : public Scheduler {
public:
    /// Starts at a fixed instant and at 2026-01-01T00:00:00Z.
    SimScheduler();
    Instant now() const noexcept override { return now_; }
    WallTime wall() const noexcept override;
    void arm(Timer& timer, Instant when) override { timers_.arm(timer, when); }
    void disarm(Timer& timer) noexcept override { timers_.disarm(timer); }
    void defer(Ready& ready) override { ready_.push(ready); }
    void post(std::function<void()> work) override { posted_.push_back(std::move(work)); }

    /// Moves the wall clock alone, as an administrator or NTP would.
    void jump_wall(Millis by) { wall_offset_ += by; }
    /// One turn of the loop: what is ready now, else the next timer's moment. For tests that stop between any two
    /// turns. False when nothing is left to do.
    bool turn();
    /// Runs what is ready now, and what that makes ready, without letting time pass.
    void settle();
    /// Runs until nothing is ready and no timer is armed, or `until` is reached; then it is exactly that time.
    void run_until(Instant until);
    void run_for(Nanos duration) { run_until(now_ + duration); }
    /// Runs until `task` is done and gives its value. A task that can never finish ends the test program.
    template <class T>
    T run(Task<T> task) {
        start(task.handle());
        while (!task.done()) turn_or_die();
        return task.handle().promise().take();
    }

private:
    void start(std::coroutine_handle<> handle);
    void step();
    void turn_or_die();
    Instant now_;
    Millis wall_offset_{0};
    TimerQueue timers_;
    ReadyList ready_;
    std::deque<std::function<void()>> posted_;
};

/// SplitMix64 (Steele, Lea, Flood 2014): small, seeded, the same everywhere.
class SeededRandom final : public Random {
public:
    explicit SeededRandom(std::uint64_t seed) noexcept : state_(seed) {}
    std::uint64_t bits() noexcept override;

private:
    std::uint64_t state_;
};

/// Keeps every note as "name subject detail", for tests that ask what an operator was told.
class RecordingNotes final : public Notes {
public:
    void note(const Note& note) noexcept override;
    /// How many were told under that name.
    std::size_t count(std::string_view name) const noexcept;
    std::vector<std::string> lines;

private:
    std::vector<std::string> names_;
};

/// What most tests need: virtual time, a seed, the notes.
struct Sim {
    explicit Sim(std::uint64_t seed = 1) : random(seed) {}
    SimScheduler scheduler;
    SeededRandom random;
    RecordingNotes notes;
    Env env() noexcept { return Env{scheduler, random, notes}; }
    template <class T>
    T run(Task<T> task) {
        return scheduler.run(std::move(task));
    }
};

}  // namespace evenkeel::testing
