#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "core/async.hpp"
#include "store/engine.hpp"

namespace evenkeel {

/// The store as coroutines see it: a call is a message to the one thread that owns the engine, and resumes on the
/// caller's loop once it is durable. Calls that wait together are committed together.
class AsyncStore {
public:
    /// Runs on the engine's thread. Must not block on anything else, must not throw.
    using Work = std::function<void(StoreEngine&)>;
    virtual ~AsyncStore() = default;
    /// Runs `work` inside a group and then `done` on the caller's loop, after the group's commit; `commit` is its
    /// error. Dropping the caller does not undo the work.
    virtual void submit(Work work, std::function<void(Result<void> commit)> done) = 0;
    /// The same outside any group: backup, check, forget.
    virtual void submit_alone(Work work, std::function<void()> done) = 0;

    /// `auto accepted = co_await store.run([=](StoreEngine& e) { return e.queue().accept(message, id, now); });`
    /// The function is copied to the other thread: capture by value.
    template <class Function>
    auto run(Function function) -> Task<std::invoke_result_t<Function&, StoreEngine&>>;
    template <class Function>
    auto run_alone(Function function) -> Task<std::invoke_result_t<Function&, StoreEngine&>>;

protected:
    explicit AsyncStore(Scheduler& scheduler) noexcept : scheduler_(scheduler) {}
    Scheduler& scheduler_;

private:
    /// Gives `function` to the other thread by `hand_in` and resumes with what it gave, or with the commit's error.
    template <class Function, class Submit>
    auto resumed(Function function, Submit hand_in) -> Task<std::invoke_result_t<Function&, StoreEngine&>>;
};

/// The engine on a thread of its own; group commit. Destroying it finishes what was submitted.
std::unique_ptr<AsyncStore> make_threaded_store(Scheduler& scheduler, std::unique_ptr<StoreEngine> engine);
/// The engine on the caller's thread, at the loop's next turn: for the simulator.
std::unique_ptr<AsyncStore> make_inline_store(Scheduler& scheduler, std::unique_ptr<StoreEngine> engine);
/// Either of them.
using StoreMaker = std::unique_ptr<AsyncStore> (*)(Scheduler&, std::unique_ptr<StoreEngine>);

template <class Function>
auto AsyncStore::run(Function function) -> Task<std::invoke_result_t<Function&, StoreEngine&>> {
    return resumed(std::move(function), [this](Work work, std::function<void(Result<void>)> done) {
        submit(std::move(work), std::move(done));
    });
}

template <class Function>
auto AsyncStore::run_alone(Function function) -> Task<std::invoke_result_t<Function&, StoreEngine&>> {
    return resumed(std::move(function), [this](Work work, std::function<void(Result<void>)> done) {
        submit_alone(std::move(work), [done = std::move(done)] { done(Result<void>()); });
    });
}

template <class Function, class Submit>
auto AsyncStore::resumed(Function function, Submit hand_in) -> Task<std::invoke_result_t<Function&, StoreEngine&>> {
    using Value = std::invoke_result_t<Function&, StoreEngine&>;
    struct Shared {
        explicit Shared(Scheduler& scheduler) : done(scheduler) {}
        Event done;
        std::optional<Value> value;
    };
    // Shared with the other thread: if this coroutine is dropped, the late result falls into the void.
    auto shared = std::make_shared<Shared>(scheduler_);
    auto work = [shared, function = std::move(function)](StoreEngine& engine) mutable {
        shared->value.emplace(function(engine));
    };
    auto finish = [shared](Result<void> commit) {
        if (!commit) shared->value.emplace(std::unexpect, commit.error());
        shared->done.set();
    };
    hand_in(std::move(work), std::move(finish));
    co_await shared->done.wait();
    co_return std::move(*shared->value);
}

}  // namespace evenkeel
