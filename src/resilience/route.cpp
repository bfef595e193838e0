#include "resilience/route.hpp"

#include <algorithm>

#include "resilience/breaker_memory.hpp"
#include "resilience/failover.hpp"

namespace evenkeel {
namespace {

constexpr std::int64_t format_version = 1;

std::vector<std::shared_ptr<Lane>> build(Env env, std::vector<LaneSpec> specs, Event& changed, Event& slow) {
    std::vector<std::shared_ptr<Lane>> lanes;
    for (LaneSpec& spec : specs) lanes.push_back(std::make_shared<Lane>(env, std::move(spec), changed, &slow));
    return lanes;
}

std::shared_ptr<Lane> hedge_among(const std::vector<std::shared_ptr<Lane>>& lanes, std::string_view word) {
    for (const auto& lane : lanes) {
        if (lane == lanes.front()) continue;
        if (word == "cloud" ? !lane->identity().local : lane->identity().name == word) return lane;
    }
    return nullptr;
}

}  // namespace

Route::Route(Env env, std::vector<LaneSpec> lanes, RouteOptions options)
    : env_(env),
      changed_(env.scheduler),
      slow_(env.scheduler),
      lanes_(build(env, std::move(lanes), changed_, slow_)),
      tree_(resuming(failover(lanes_, env, hedge_among(lanes_, options.hedge)), options.rescue, env)) {}

Route::~Route() = default;

void Route::start_probes(Prober::Report report) {
    prober_ = std::make_unique<Prober>(env_, lanes_, changed_, slow_, std::move(report));
}

Instant Route::next_try_at(bool local_only) const noexcept {
    Instant earliest = forever;
    for (const auto& lane : lanes_)
        if (!local_only || lane->identity().local) earliest = sooner(earliest, lane->breaker().next_try());
    return earliest;
}

bool Route::may_try_now(bool local_only) const noexcept {
    return std::ranges::any_of(lanes_, [&](const auto& lane) {
        return (!local_only || lane->identity().local) && lane->breaker().may_try_now();
    });
}

std::vector<LaneStatus> Route::lanes() const {
    std::vector<LaneStatus> all;
    for (const auto& lane : lanes_) all.push_back(lane->status());
    return all;
}

std::string Route::save() const {
    std::string text;
    JsonWriter json(text);
    json.object().member("version", format_version);
    json.member("saved_at_ms", static_cast<std::int64_t>(env_.wall().time_since_epoch().count()));
    json.name("lanes").array();
    for (const auto& lane : lanes_) {
        json.object().member("name", lane->identity().name).member("model", lane->identity().model);
        json.member("credential", lane->spec().credential);
        write_breaker(json, lane->breaker().state(), env_.now());
        json.name("prefill").object();
        for (const auto& [model, works] : lane->prefill().known()) json.member(model, works);
        json.end_object();
        json.end_object();
    }
    json.end_array().end_object();
    return text;
}

Result<void> Route::load(std::string_view text) {
    if (text.empty()) return {};
    JsonDoc doc;
    const auto root = doc.parse(text);
    if (!root || (*root)["version"].integer() != format_version || !(*root)["lanes"].is_array())
        return own_fault(ErrorClass::storage, "the stored health of the providers cannot be read", "damaged");
    // A clock that was set back since makes no time pass; one set forward can only make a probe come early.
    const Millis wall = env_.wall().time_since_epoch();
    const Millis saved_at{std::clamp<std::int64_t>((*root)["saved_at_ms"].integer_or(0), 0, wall.count())};
    const Nanos gone = std::min<Millis>(wall - saved_at, std::chrono::hours{24 * 366});
    for (const Json& stored : (*root)["lanes"].elements()) {
        for (const auto& lane : lanes_) {
            const bool same = stored["name"].string() == lane->identity().name &&
                              stored["model"].string() == lane->identity().model &&
                              stored["credential"].string() == lane->spec().credential;
            if (!same) continue;
            if (auto state = read_breaker(stored, env_.now(), gone)) lane->breaker().restore(std::move(*state));
            for (const auto& [model, works] : stored["prefill"].members())
                if (const auto known = works.boolean()) lane->prefill().remember(std::string(model), *known);
        }
    }
    return {};
}

std::unique_ptr<Route> make_route(Env env, std::vector<LaneSpec> lanes, RouteOptions options) {
    return std::make_unique<Route>(env, std::move(lanes), options);
}

}  // namespace evenkeel
