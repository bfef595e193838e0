#pragma once
#include <memory>
#include <string>
#include <vector>

#include "resilience/route.hpp"
#include "testing/scripted_provider.hpp"
#include "testing/sim.hpp"

namespace evenkeel::testing {

/// A cloud and a local provider behind a route, on virtual time: what most tests of the route need.
struct RouteWorld {
    explicit RouteWorld(std::uint64_t seed = 1) : sim(seed) {
        cloud = std::make_shared<ScriptedProvider>(sim.env(), "cloud");
        local = std::make_shared<ScriptedProvider>(sim.env(), "local", true);
        local->always(answering("From home."));
        build();
    }
    /// Both providers, cloud first, with fresh health: as after a restart.
    void build() {
        route = make_route(sim.env(), {{.upstream = cloud, .context_tokens = 128'000, .credential = "key-1"},
                                       {.upstream = local, .context_tokens = 8'192}});
    }
    void start_probes() {
        route->start_probes(
            [this](std::span<const Attempt> tries) { probes.insert(probes.end(), tries.begin(), tries.end()); });
    }

    /// One question and all that became of it.
    struct Reply {
        Drained drained;
        std::vector<Attempt> attempts;
        Nanos took{0};
        const Error& error() const { return *drained.error; }
        /// Who answered; empty: nobody.
        std::string by() const { return drained.error || attempts.empty() ? std::string() : attempts.back().provider; }
    };
    Reply ask(Call call = {}, ChatRequest request = question("What is a keel?")) {
        const Instant began = sim.scheduler.now();
        Reply reply;
        reply.drained = sim.run(testing::ask(*route, request, call));
        reply.attempts = std::move(call.attempts);
        reply.took = sim.scheduler.now() - began;
        return reply;
    }
    void wait(Nanos duration) { sim.scheduler.run_for(duration); }
    LaneStatus cloud_lane() const { return route->lanes().front(); }
    BreakerPhase cloud_phase() const { return cloud_lane().phase; }

    Sim sim;
    std::shared_ptr<ScriptedProvider> cloud, local;
    std::vector<Attempt> probes;
    std::unique_ptr<Route> route;
};

/// Nothing listens there.
inline Script refusing() { return failing(ErrorClass::transient, {}, "refused"); }

}  // namespace evenkeel::testing
