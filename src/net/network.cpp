#include "net/network.hpp"

#include <string_view>
#include <utility>

#include "core/async.hpp"
#include "core/text.hpp"
#include "net/socket.hpp"
#include "net/socket_listener.hpp"
#include "net/tls.hpp"

namespace evenkeel {
namespace {

/// With addresses that worked before, the name servers get this share of connect_timeout; the rest is for connecting.
constexpr int share_for_names = 4;

class SocketNetwork final : public Network {
public:
    SocketNetwork(Env env, Loop& loop, ResolverOptions names)
        : loop_(loop), resolver_(env, loop, std::move(names)), tls_(loop) {}

    Task<Result<ConnectionPtr>> dial(const Endpoint& endpoint) override {
        // What it was busy with when the time was up is what an operator wants to know.
        std::string_view busy_with = "connecting";
        auto connection =
            co_await until(loop_, loop_.now() + endpoint.connect_timeout, dial_at_leisure(endpoint, busy_with));
        if (connection) co_return std::move(*connection);
        co_return provider_fault(ErrorClass::silent, Scope::provider,
                                 to_string(endpoint) + " did not answer within " +
                                     spoken_duration(endpoint.connect_timeout) + " (" + std::string(busy_with) + ")",
                                 "connect_timeout");
    }

    Result<std::unique_ptr<Listener>> listen(const Endpoint& endpoint) override { return listen_at(loop_, endpoint); }

private:
    Task<Result<ConnectionPtr>> dial_at_leisure(const Endpoint& endpoint, std::string_view& busy_with) {
        auto plain = co_await connect(endpoint, busy_with);
        if (!plain || !endpoint.tls) co_return plain;
        busy_with = "TLS handshake";
        co_return co_await tls_.secure(std::move(*plain), endpoint);
    }

    Task<Result<ConnectionPtr>> connect(const Endpoint& endpoint, std::string_view& busy_with) {
        if (!endpoint.path.empty()) {
            const auto address = SocketAddress::unix_path(endpoint.path);
            if (!address) co_return fail(address.error());
            co_return co_await connect_to(loop_, *address);
        }
        busy_with = "looking up the name";
        auto addresses =
            co_await resolver_.resolve(endpoint.host, endpoint.port, endpoint.connect_timeout / share_for_names);
        if (!addresses) co_return fail(std::move(addresses.error()));
        if (endpoint.public_only) {
            std::erase_if(*addresses, [](const SocketAddress& address) { return !address.is_public(); });
            if (addresses->empty())
                co_return provider_fault(ErrorClass::transient, Scope::provider,
                                         to_string(endpoint) + " is an address of a private network",
                                         "private_address");
        }
        busy_with = "connecting";
        co_return co_await connect_to_any(loop_, std::move(*addresses));
    }

    Loop& loop_;
    Resolver resolver_;
    TlsClient tls_;
};

}  // namespace

std::unique_ptr<Network> make_socket_network(Env env, Loop& loop, ResolverOptions names) {
    return std::make_unique<SocketNetwork>(env, loop, std::move(names));
}

}  // namespace evenkeel
