#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "resilience/lane.hpp"
#include "resilience/prober.hpp"
#include "resilience/resuming.hpp"

namespace evenkeel {

/// What holds for all lanes of a route.
struct RouteOptions {
    RescueLimits rescue;
    /// Who is asked beside the first lane when that is slower than usual: "off"; "cloud", the next lane that is not
    /// local; or a lane's name.
    std::string hedge = "off";
};

/// The whole tree, resuming(failover(lane, …)), and what is known of its lanes. One loop. Streams must not outlive it.
class Route final : public Provider {
public:
    /// In the order in which they are asked; names are unique. None: every call is refused with "no_provider".
    Route(Env env, std::vector<LaneSpec> lanes, RouteOptions options);
    ~Route() override;

    std::string describe() const override { return tree_->describe(); }
    Task<Result<std::unique_ptr<ReplyStream>>> open(const ChatRequest& request, Call& call) override {
        return tree_->open(request, call);
    }

    /// Starts looking after open lanes (prober.hpp). Once; ends with the route or stop_probes.
    void start_probes(Prober::Report report);
    void stop_probes() noexcept { prober_.reset(); }

    /// When the first lane may be asked: a time that is not in the future means now, `forever` that no lane may ever
    /// take such a call. `local_only`: of the lanes a private conversation may use. A call that then comes with nowhere
    /// else to go carries the probe.
    Instant next_try_at(bool local_only = false) const noexcept;
    bool may_try_now(bool local_only = false) const noexcept;
    /// Pulsed when a lane's state changes, and when a probe is due that a waiting call may carry.
    Event& changed() noexcept { return changed_; }
    /// In the order of the route.
    std::vector<LaneStatus> lanes() const;

    /// The lanes' health as a small JSON text, for StoreEngine::remember.
    std::string save() const;
    /// Takes up what `save` wrote, in this process or an earlier one; lanes that changed their model or key since are
    /// left as they are. An empty text is nothing to take up. Errors: storage "damaged", and nothing was changed.
    Result<void> load(std::string_view text);

private:
    Env env_;
    Event changed_;
    Event slow_;  ///< A question waits longer than usual.
    std::vector<std::shared_ptr<Lane>> lanes_;
    ProviderPtr tree_;
    std::unique_ptr<Prober> prober_;
};

std::unique_ptr<Route> make_route(Env env, std::vector<LaneSpec> lanes, RouteOptions options = {});

}  // namespace evenkeel
