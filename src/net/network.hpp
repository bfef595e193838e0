#pragma once
#include <memory>

#include "core/env.hpp"
#include "net/connection.hpp"
#include "net/loop.hpp"
#include "net/resolver.hpp"

namespace evenkeel {

/// The real network: names by the resolver, TCP and Unix sockets of the loop, TLS where the endpoint asks for it, all
/// within its connect_timeout. Errors as Network::dial says, with codes "refused", "reset", "unreachable",
/// "connect_timeout", "name_not_found", "dns_failed", "certificate", "tls", "ca_file",
/// "private_address"; and transient of our own where
/// this process has no descriptor or port left. Outlives its connections.
std::unique_ptr<Network> make_socket_network(Env env, Loop& loop, ResolverOptions names = {});

}  // namespace evenkeel
