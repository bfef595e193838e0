#include "daemon/backend.hpp"

#include <array>

#include "access/origin_check.hpp"
#include "daemon/http_settings.hpp"
#include "daemon/readable_rest.hpp"
#include "daemon/route_builder.hpp"
#include "os/entropy.hpp"
#include "os/files.hpp"
#include "store/sqlite_engine.hpp"

namespace evenkeel {
namespace {

constexpr std::string_view health_key = "route.health";
constexpr Millis answers_may_end{2'000};
constexpr Millis health_settles{250};  ///< A burst of changes is one write.
constexpr Seconds retire_every{3'600};
/// So long the use of keys stays known by the minute; then by the day.
constexpr std::chrono::days usage_by_minute{2};

std::unique_ptr<Route> route_of(Env env, Network& network, const Settings& settings, const BackendOptions& options,
                                std::vector<std::shared_ptr<Upstream>>& upstreams) {
    std::vector<LaneSpec> lanes = make_lanes(env, network, settings);
    if (options.adjust) options.adjust(lanes);
    for (const LaneSpec& lane : lanes) upstreams.push_back(lane.upstream);
    return make_route(env, std::move(lanes), route_options(settings));
}

}  // namespace

std::string database_file(const Settings& settings) { return settings.storage.dir + "/evenkeel.db"; }

ChatOptions chat_options(const Settings& settings, const BackendOptions& backend) {
    ChatOptions options;
    options.works_queue = backend.works_queue;
    options.system_prompt = settings.chat.system_prompt;
    options.history_messages = static_cast<std::size_t>(settings.chat.history_messages);
    options.max_tokens = static_cast<std::uint32_t>(settings.chat.max_tokens);
    options.temperature = settings.chat.temperature;
    options.answer_bytes_max = settings.chat.answer_bytes_max.bytes;
    options.ttl = settings.queue.ttl;
    options.practice = backend.practice;
    options.attempts_max = settings.queue.max_attempts;
    options.crashes_max = settings.queue.max_crashes;
    options.tries_max = static_cast<std::uint32_t>(settings.route.attempts_max);
    options.restarts_max = static_cast<std::uint32_t>(settings.route.restarts_max);
    options.turn_deadline = settings.route.answer_deadline;
    options.lease_for = settings.queue.lease;
    options.live_max = static_cast<std::size_t>(settings.queue.live_max);
    options.rooms_max = static_cast<std::size_t>(settings.queue.watched_max);
    options.watchers_max = static_cast<std::size_t>(settings.queue.watchers_max);
    options.question_bytes_max = settings.queue.question_bytes_max.bytes;
    options.retry_delay_min = settings.queue.retry_delay_min;
    options.retry_delay_max = settings.queue.retry_delay_max;
    options.drain.max_concurrent = static_cast<std::size_t>(settings.queue.workers);
    for (const ProviderSettings& provider : settings.providers)
        if (provider.left_out.empty() && provider.rate_limit.per_second > 0) {
            options.drain.rate_per_s = provider.rate_limit.per_second;
            break;
        }
    return options;
}

Task<Result<std::unique_ptr<LocalOwner>>> Backend::open(Env env, Network& network, const Settings& settings,
                                                        BackendOptions options) {
    SqliteOptions sqlite;
    sqlite.file = database_file(settings);
    sqlite.max_pending = settings.queue.max_pending;
    sqlite.crashes_max = settings.queue.max_crashes;
    auto opened = open_sqlite(sqlite, env.wall());
    if (!opened) {
        Error error = opened.error();
        if (error.code == "damaged") error.detail += " " + keep_readable_rest(sqlite.file, env.wall());
        co_return fail(std::move(error));
    }
    auto figures = (*opened)->figures();
    if (!figures) co_return fail(figures.error());
    std::unique_ptr<Backend> backend(
        new Backend(env, network, settings, options, std::move(*opened), figures->generation));
    if (auto keys = co_await backend->open_keys(); !keys) co_return fail(std::move(keys.error()));
    co_await backend->recall_health();
    Backend& self = *backend;
    if (!options.works_queue) co_return std::unique_ptr<LocalOwner>(std::move(backend));
    self.route_->start_probes([&self](std::span<const Attempt> tries) { self.record_probes(tries); });
    self.keeper_->start();
    self.tasks_.spawn(keep_health(self));
    self.tasks_.spawn(retire_old(self));
    if (options.serves_http)
        if (const Result<void> serving = self.serve_http(network, options); !serving) co_return fail(serving.error());
    co_return std::unique_ptr<LocalOwner>(std::move(backend));
}

Backend::Backend(Env env, Network& network, const Settings& settings, const BackendOptions& options,
                 std::unique_ptr<StoreEngine> engine, std::uint64_t generation)
    : env_(env),
      settings_(settings),
      generation_(generation),
      store_(options.make_store(env.scheduler, std::move(engine))),
      route_(route_of(env, network, settings, options, upstreams_)),
      monitor_(env, *route_),
      engine_(env, *store_, *route_, monitor_, charging(chat_options(settings, options)),
              OwnerView{.pid = options.pid, .command = options.command, .directory = settings.storage.dir}),
      calls_(*store_, engine_),
      tasks_(env.scheduler) {}

/// What a key's call in the queue used up counts against the key, whoever still waits for it.
ChatOptions Backend::charging(ChatOptions options) {
    options.on_tries = [this](const Inbound& message, std::span<const Attempt> tries) {
        if (const auto key = parse_id(message.principal)) access().charge(*key, tries, Counted::in_ledger);
    };
    return options;
}

/// The listener is the last to come and the first to go: whoever is let in finds everything there.
Result<void> Backend::serve_http(Network& network, const BackendOptions& options) {
    // Without a key everybody who can connect is let in.
    if (auto allowed = may_listen(std::array{settings_.server.listen}, access().open()); !allowed)
        return fail(std::move(allowed.error()));
    const auto place = listen_place(settings_.server.listen);
    if (!place) return fail(place.error());
    auto listener = network.listen(*place);
    if (!listener) return fail(listener.error());
    operator_room_ = std::make_unique<OperatorRoom>(env_, *store_, monitor_, settings_.log);
    GatewayOptions gateway{.attempts_max = static_cast<std::uint32_t>(settings_.route.attempts_max),
                           .deadline = settings_.route.answer_deadline,
                           .ttl = settings_.queue.ttl};
    gateway.access = &access();
    gateway.operator_desk = operator_room_.get();
    gateway.origins = {.listen = {place->host},
                       .allow_hosts = settings_.server.allow_hosts,
                       .allow_origins = settings_.server.allow_origins};
    gateway_ = std::make_unique<Gateway>(env_, *route_, upstreams_, std::move(gateway), &operator_room_->book());
    gateway_->keep_calls(calls_);
    http_ = std::make_unique<HttpServer>(
        env_, std::move(*listener),
        [this](HttpIncoming& request, HttpResponder& responder) { return gateway_->serve(request, responder); },
        server_limits(settings_.server));
    if (options.on_listening) options.on_listening(http_->port());
    return {};
}

Backend::~Backend() { route_->stop_probes(); }

namespace {
Task<Result<void>> ended(HttpServer& server) {
    co_await server.drain();
    co_return Result<void>();
}
Task<Result<void>> wound_down(Engine& engine) {
    co_await engine.wind_down();
    co_return Result<void>();
}
}  // namespace

/// Callers of the gateway get what they wait for, since nobody could answer them later. Of the queue only answers that
/// are nearly whole may end; the others go back to it, so that no crash is counted against them.
Task<void> Backend::drain() {
    if (http_) (void)co_await until(env_.scheduler, env_.now() + settings_.server.drain_timeout, ended(*http_));
    http_.reset();
    (void)co_await until(env_.scheduler, env_.now() + answers_may_end, wound_down(engine_));
    co_await engine_.hand_back();
    // What cannot be written now is lost with the process, as with a kill; the store has said so.
    (void)co_await keeper_->flush();
    co_await save_health();
}

Task<Result<void>> Backend::open_keys() {
    HashingKey fresh{};
    os::secure_bytes(fresh);
    auto keeper = co_await KeyKeeper::open(env_, *store_, fresh);
    if (!keeper) co_return fail(std::move(keeper.error()));
    keeper_ = std::move(*keeper);
    desk_ = std::make_unique<KeyDesk>(env_, engine_, *keeper_);
    co_return Result<void>{};
}

/// What was learnt of the providers before the last end: a dead one is not asked again just because we were restarted.
Task<void> Backend::recall_health() {
    auto recalled = co_await store_->run([](StoreEngine& e) { return e.outbox().recall(health_key); });
    if (!recalled) co_return;
    const Result<void> loaded = route_->load(*recalled);
    if (!loaded)
        env_.notes.note({.severity = Severity::warning, .name = "route.health_lost", .detail = loaded.error().detail});
}

Task<void> Backend::keep_health(Backend& self) {
    while (true) {
        co_await self.route_->changed().wait();
        co_await sleep_for(self.env_.scheduler, health_settles);
        co_await self.save_health();
    }
}

Task<void> Backend::save_health() {
    std::string now = route_->save();
    if (now == kept_health_) co_return;
    kept_health_ = now;
    // A failure to keep it costs one first-content limit after a restart: told, and no reason to stop.
    auto done =
        co_await store_->run([text = std::move(now)](StoreEngine& e) { return e.outbox().remember(health_key, text); });
    if (!done)
        env_.notes.note(
            {.severity = Severity::warning, .name = "route.health_not_kept", .detail = done.error().detail});
}

Task<void> Backend::retire_old(Backend& self) {
    while (true) {
        const WallTime before = self.env_.wall() - self.settings_.storage.retention;
        auto gone = co_await self.store_->run([before](StoreEngine& e) { return e.conversations().retire(before); });
        if (gone && *gone > 0)
            self.env_.notes.note({.name = "store.retired",
                                  .detail = "messages older than [storage] retention were removed",
                                  .value = static_cast<std::int64_t>(*gone)});
        const WallTime now = self.env_.wall();
        (void)co_await self.store_->run(
            [now, before](StoreEngine& e) { return e.usage().retire_usage(now - usage_by_minute, before, now); });
        co_await sleep_for(self.env_.scheduler, retire_every);
    }
}

void Backend::record_probes(std::span<const Attempt> tries) {
    std::vector<Attempt> kept(tries.begin(), tries.end());
    store_->submit(
        [kept = std::move(kept), now = env_.wall()](StoreEngine& e) { (void)e.outbox().record_tries(kept, now); },
        [](const Result<void>&) {});
}

}  // namespace evenkeel
