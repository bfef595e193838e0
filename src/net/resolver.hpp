#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/env.hpp"
#include "net/loop.hpp"
#include "net/socket_address.hpp"

namespace evenkeel {

struct ResolverOptions {
    std::string configuration = "/etc/resolv.conf";  ///< Read again as soon as it changes.
    std::uint16_t port = 53;                         ///< Of the name servers.
};

/// Finds addresses: numbers, "localhost", /etc/hosts, then DNS over the loop, without a thread. Each name is a question
/// of its own, so that one that hangs blocks no other; two who ask for the same name share one. What a name last
/// resolved to is kept and serves while DNS fails or is slow.
class Resolver {
public:
    static constexpr std::size_t names_kept_max = 256;      ///< Last good addresses; the longest unused goes first.
    static constexpr std::size_t questions_open_max = 256;  ///< Names at a time; c-ares gives each up after seconds.

    Resolver(Env env, Loop& loop, ResolverOptions options = {});
    ~Resolver();
    Resolver(const Resolver&) = delete;
    Resolver& operator=(const Resolver&) = delete;

    /// At least one address, IPv6 first. Where the name has resolved before, no longer than `patience`. No deadline of
    /// its own else: whoever awaits it drops it. Errors: transient of the provider (codes "name_not_found",
    /// "dns_failed"), transient of our own (too many questions).
    Task<Result<std::vector<SocketAddress>>> resolve(std::string name, std::uint16_t port, Millis patience);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace evenkeel
