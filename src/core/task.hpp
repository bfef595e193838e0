#pragma once
#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

#include "core/pool.hpp"

namespace evenkeel {

/// A lazy coroutine: it starts when awaited, and its owner is whoever awaits it.
///
/// **Destroying a Task cancels it.** Every leaf that suspends (timer, socket, event) unregisters in its destructor, so
/// dropping the outermost Task unwinds the whole chain, runs every destructor, and nothing of it runs again. Therefore:
/// never destroy a Task from code that runs inside it; wake others through Scheduler::defer, never by a direct call.
/// A reference given to a Task must live until it is done; what goes into TaskGroup::spawn is given by value.
/// One thread: a Task is resumed only on the loop it was started on.
template <class T = void>
class Task;

namespace detail {

/// Frames come from the pool: a request runs through a dozen of them.
class PromiseBase : public Pooled {
public:
    struct FinalAwaiter {
        bool await_ready() const noexcept { return false; }
        template <class Promise>
        std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> done) const noexcept {
            return done.promise().continuation_;
        }
        void await_resume() const noexcept {}
    };
    std::suspend_always initial_suspend() const noexcept { return {}; }
    FinalAwaiter final_suspend() const noexcept { return {}; }
    void unhandled_exception() noexcept { exception_ = std::current_exception(); }
    void continue_with(std::coroutine_handle<> continuation) noexcept { continuation_ = continuation; }

protected:
    void rethrow() const {
        if (exception_) std::rethrow_exception(exception_);
    }

private:
    std::coroutine_handle<> continuation_ = std::noop_coroutine();
    std::exception_ptr exception_;
};

template <class T>
class Promise : public PromiseBase {
public:
    Task<T> get_return_object() noexcept;
    template <class U = T>
    void return_value(U&& value) {
        value_.emplace(std::forward<U>(value));
    }
    T take() {
        rethrow();
        return std::move(*value_);
    }

private:
    std::optional<T> value_;
};

template <>
class Promise<void> : public PromiseBase {
public:
    Task<void> get_return_object() noexcept;
    void return_void() const noexcept {}
    void take() const { rethrow(); }
};

}  // namespace detail

template <class T>
class [[nodiscard]] Task {
public:
    using promise_type = detail::Promise<T>;
    using Handle = std::coroutine_handle<promise_type>;

    Task() noexcept = default;
    explicit Task(Handle handle) noexcept : handle_(handle) {}
    Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
    Task& operator=(Task&& other) noexcept {
        if (this != &other) {
            reset();
            handle_ = std::exchange(other.handle_, {});
        }
        return *this;
    }
    ~Task() { reset(); }

    /// Cancels what is left of it.
    void reset() noexcept {
        if (handle_) std::exchange(handle_, {}).destroy();
    }
    explicit operator bool() const noexcept { return static_cast<bool>(handle_); }
    bool done() const noexcept { return handle_ && handle_.done(); }
    Handle handle() const noexcept { return handle_; }

    struct Awaiter {
        Handle handle;
        bool await_ready() const noexcept { return handle.done(); }
        std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) const noexcept {
            handle.promise().continue_with(awaiting);
            return handle;
        }
        T await_resume() const { return handle.promise().take(); }
    };
    Awaiter operator co_await() const& noexcept { return Awaiter{handle_}; }
    Awaiter operator co_await() const&& noexcept { return Awaiter{handle_}; }

private:
    Handle handle_;
};

template <class T>
Task<T> detail::Promise<T>::get_return_object() noexcept {
    return Task<T>(std::coroutine_handle<Promise<T>>::from_promise(*this));
}
inline Task<void> detail::Promise<void>::get_return_object() noexcept {
    return Task<void>(std::coroutine_handle<Promise<void>>::from_promise(*this));
}

}  // namespace evenkeel
