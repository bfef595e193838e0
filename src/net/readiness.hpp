#pragma once
#include <coroutine>

#include "net/connection.hpp"

namespace evenkeel {

/// Suspends until a connection that has answered `again` is worth another attempt. Takes its waiter back when it is
/// cancelled.
class [[nodiscard]] readiness : private Ready {
public:
    using Subscribe = void (Connection::*)(Ready*) noexcept;
    readiness(Connection& connection, Subscribe subscribe) noexcept
        : Ready([](Ready& ready) noexcept {
              auto& self = static_cast<readiness&>(ready);
              self.subscribed_ = false;
              self.waiting_.resume();
          }),
          connection_(connection),
          subscribe_(subscribe) {}
    ~readiness() {
        if (subscribed_) (connection_.*subscribe_)(nullptr);
    }
    readiness(const readiness&) = delete;
    readiness& operator=(const readiness&) = delete;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiting) noexcept {
        waiting_ = waiting;
        subscribed_ = true;
        (connection_.*subscribe_)(this);
    }
    void await_resume() const noexcept {}

private:
    Connection& connection_;
    Subscribe subscribe_;
    std::coroutine_handle<> waiting_;
    bool subscribed_ = false;
};

inline readiness until_readable(Connection& connection) noexcept { return {connection, &Connection::on_readable}; }
inline readiness until_writable(Connection& connection) noexcept { return {connection, &Connection::on_writable}; }

}  // namespace evenkeel
