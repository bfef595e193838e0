#pragma once
#include <functional>
#include <memory>
#include <string>

#include "access/key_keeper.hpp"
#include "chat/engine.hpp"
#include "chat/route_monitor.hpp"
#include "config/settings.hpp"
#include "control/session.hpp"
#include "core/env.hpp"
#include "daemon/key_desk.hpp"
#include "daemon/operator_room.hpp"
#include "frontends/http/gateway.hpp"
#include "net/connection.hpp"
#include "net/http_server.hpp"
#include "resilience/route.hpp"
#include "store/async_store.hpp"

namespace evenkeel {

struct BackendOptions {
    std::string command;  ///< For `status`: "serve", "chat", …
    std::uint32_t pid = 0;
    bool works_queue = true;                               ///< false: for commands that look at the data and end.
    bool practice = false;                                 ///< The providers are practice ones; every answer says so.
    std::function<void(std::vector<LaneSpec>&)> adjust;    ///< For drills: changes the lanes before they are built.
    bool serves_http = false;                              ///< Listens at [server] listen.
    std::function<void(std::uint16_t port)> on_listening;  ///< Told the port once it does.
    StoreMaker make_store = make_threaded_store;           ///< On virtual time: make_inline_store.
};

/// The engine of a process that owns the data: store, route, worker and desk, wired together. Here and nowhere else is
/// the graph built. Env, network and settings outlive it.
class Backend final : public LocalOwner {
public:
    /// Opens the store (a second at the most, also with a hundred thousand questions queued) and starts working the
    /// queue. Errors: storage.
    static Task<Result<std::unique_ptr<LocalOwner>>> open(Env env, Network& network, const Settings& settings,
                                                          BackendOptions options);
    ~Backend() override;

    Desk& desk() override { return *desk_; }
    /// Who may call the HTTP API.
    Access& access() noexcept { return keeper_->access(); }
    std::uint64_t generation() const noexcept override { return generation_; }
    Task<void> drain() override;

private:
    Backend(Env env, Network& network, const Settings& settings, const BackendOptions& options,
            std::unique_ptr<StoreEngine> engine, std::uint64_t generation);
    ChatOptions charging(ChatOptions options);
    Result<void> serve_http(Network& network, const BackendOptions& options);
    Task<Result<void>> open_keys();
    Task<void> recall_health();
    static Task<void> keep_health(Backend& self);
    Task<void> save_health();
    static Task<void> retire_old(Backend& self);
    void record_probes(std::span<const Attempt> tries);

    Env env_;
    const Settings& settings_;
    std::uint64_t generation_;
    std::unique_ptr<AsyncStore> store_;
    std::vector<std::shared_ptr<Upstream>> upstreams_;  ///< Of the route, in its order.
    std::unique_ptr<Route> route_;
    RouteMonitor monitor_;
    Engine engine_;
    Calls calls_;
    std::unique_ptr<KeyKeeper> keeper_;
    std::unique_ptr<KeyDesk> desk_;
    std::string kept_health_;
    TaskGroup tasks_;
    std::unique_ptr<OperatorRoom> operator_room_;
    std::unique_ptr<Gateway> gateway_;
    std::unique_ptr<HttpServer> http_;
};

/// The database's path under the settings' data directory.
std::string database_file(const Settings& settings);

/// The engine's options, from the settings.
ChatOptions chat_options(const Settings& settings, const BackendOptions& options);

}  // namespace evenkeel
