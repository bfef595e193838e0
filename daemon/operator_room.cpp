#include "daemon/operator_room.hpp"

#include <algorithm>
#include <vector>

#include "core/json_writer.hpp"
#include "os/files.hpp"
#include "os/process.hpp"

namespace evenkeel {
namespace {

constexpr std::string_view well = "closed";

std::unique_ptr<AccessLog> open_log(Env env, const std::string& path) {
    if (path.empty()) return nullptr;
    return std::make_unique<AccessLog>(env, [path](std::string_view bytes) { return os::append_to_file(path, bytes); });
}

}  // namespace

OperatorRoom::OperatorRoom(Env env, AsyncStore& store, const RouteHealth& health, const LogSettings& settings)
    : env_(env),
      store_(store),
      health_(health),
      metrics_(EVENKEEL_VERSION),
      log_(open_log(env, settings.access_file)),
      book_(env, metrics_, log_.get()) {}

/// A question is answered where some provider is well, and kept where none is: ready means that the store takes it.
Task<OperatorDesk::Readiness> OperatorRoom::readiness() {
    const auto figures = co_await store_.run([](StoreEngine& engine) { return engine.figures(); });
    const std::vector<LaneView> lanes = health_.lanes();
    Readiness readiness{.ready = figures.has_value(), .json = {}};
    JsonWriter json(readiness.json);
    json.object().member("ready", readiness.ready).name("providers").array();
    for (const LaneView& lane : lanes)
        json.object()
            .member("name", std::string_view(lane.name))
            .member("phase", std::string_view(lane.phase))
            .end_object();
    json.end_array();
    if (!readiness.ready) json.member("reason", std::string_view(figures.error().detail));
    json.end_object();
    co_return readiness;
}

Task<Result<std::string>> OperatorRoom::metrics() {
    const auto figures = co_await store_.run([](StoreEngine& engine) { return engine.figures(); });
    if (!figures) co_return fail(figures.error());
    const std::vector<LaneView> lanes = health_.lanes();
    std::vector<ProviderFigures> providers;
    providers.reserve(lanes.size());
    for (const LaneView& lane : lanes)
        providers.push_back({.name = lane.name,
                             .well = lane.phase == well,
                             .calls = lane.calls,
                             .failures = lane.failures,
                             .probes = lane.probes});
    QueueFigures queue{.queued = figures->queued,
                       .working = figures->working,
                       .undelivered = figures->undelivered,
                       .dead = figures->dead};
    if (figures->oldest_open) queue.oldest = std::max(Millis{0}, env_.wall() - *figures->oldest_open);
    co_return metrics_.text(providers, queue, os::resident_bytes());
}

}  // namespace evenkeel
