#pragma once
#include <memory>
#include <vector>

#include "config/settings.hpp"
#include "core/env.hpp"
#include "llm/provider.hpp"
#include "llm/provider_options.hpp"
#include "net/connection.hpp"
#include "resilience/lane.hpp"
#include "resilience/route.hpp"

namespace evenkeel {

/// One configured provider as its adapter wants it.
ProviderOptions provider_options(const ProviderSettings& settings);

/// A client for that provider, ready to be asked. `network` outlives it.
std::shared_ptr<Upstream> make_upstream(Env env, Network& network, const ProviderSettings& settings);

/// The lanes of the route in the order of the settings; providers that are left out (no key) have none.
std::vector<LaneSpec> make_lanes(Env env, Network& network, const Settings& settings);

/// What holds for all lanes.
RouteOptions route_options(const Settings& settings);

/// Eight bytes of the key's SHA-256 in hexadecimal: tells whether a key was changed, and nothing else about it.
std::string key_fingerprint(const Secret& key);

}  // namespace evenkeel
