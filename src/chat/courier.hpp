#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "chat/desk.hpp"
#include "chat/options.hpp"
#include "core/env.hpp"
#include "store/async_store.hpp"

namespace evenkeel {

/// Hands out of the outbox what surfaces must still show: each item to one stream at a time, and to another when that
/// one left or did not say `shown` for a while. What a watcher of the question is about to be told, or just was, is
/// held back. A stream survives the courier and then says "owner_gone". One loop.
class Courier {
public:
    /// `held_back`: is somebody being told this one by other means?
    Courier(Env env, AsyncStore& store, const ChatOptions& options, std::function<bool(const Id&)> held_back);
    ~Courier();
    Courier(const Courier&) = delete;
    Courier& operator=(const Courier&) = delete;

    std::unique_ptr<DeliveryStream> subscribe(std::string frontend, std::string conversation);
    /// There may be something new to hand out.
    void wake();
    void shown(const Id& id);

private:
    class Stream;
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace evenkeel
