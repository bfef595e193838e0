#include "control/tenure.hpp"

namespace evenkeel {
namespace {
constexpr Millis step_back_for{3'000};
}

OwnerSeeker::OwnerSeeker(Env env, Network& network, OwnerGate& gate, OwnerFactory factory, SessionOptions options)
    : env_(env), network_(network), gate_(gate), factory_(std::move(factory)), options_(std::move(options)) {}

Task<Result<std::shared_ptr<Tenure>>> OwnerSeeker::try_once() {
    if (env_.now() >= not_before_) {
        auto ownership = gate_.try_take(options_.kind);
        if (!ownership) co_return fail(std::move(ownership.error()));
        if (*ownership) co_return co_await become(std::move(*ownership));
    }
    co_return co_await join();
}

/// Serves from the moment on at which it can: until then clients find nobody, and try again.
Task<Result<std::shared_ptr<Tenure>>> OwnerSeeker::become(std::unique_ptr<Ownership> ownership) {
    auto tenure = std::make_shared<Tenure>(env_.scheduler);
    tenure->ownership = std::move(ownership);
    if (auto cleared = gate_.clear_socket(); !cleared) co_return fail(std::move(cleared.error()));
    auto local = co_await factory_();
    if (!local) co_return fail(std::move(local.error()));
    tenure->local = std::move(*local);
    tenure->identity = {.pid = options_.pid,
                        .kind = options_.kind,
                        .version = options_.version,
                        .generation = tenure->local->generation()};
    auto listener = network_.listen(Endpoint{.path = gate_.socket_path()});
    if (!listener) co_return fail(std::move(listener.error()));
    ControlServerOptions serving{.identity = tenure->identity, .uid = options_.uid};
    if (!must_own()) serving.on_yield = [owned = tenure.get()] { owned->lost.set(); };
    tenure->server =
        std::make_unique<ControlServer>(env_, std::move(*listener), tenure->local->desk(), std::move(serving));
    env_.notes.note({.name = "owner.taken",
                     .subject = options_.kind,
                     .detail = "This process owns the data directory now.",
                     .value = static_cast<std::int64_t>(tenure->identity.generation)});
    co_return tenure;
}

Task<Result<std::shared_ptr<Tenure>>> OwnerSeeker::join() {
    auto tenure = std::make_shared<Tenure>(env_.scheduler);
    tenure->remote = std::make_unique<RemoteDesk>(env_, network_, gate_.socket_path());
    auto identity = co_await tenure->remote->who();
    if (!identity && identity.error().code == "owner_gone") co_return std::shared_ptr<Tenure>{};
    if (!identity) co_return fail(std::move(identity.error()));
    tenure->identity = std::move(*identity);
    not_before_ = {};  // Somebody has had its turn; when that one ends, we race like all others.
    if (!must_own()) co_return tenure;
    if (tenure->identity.kind == serve_kind)
        co_return owner_fault("owner_busy", describe(tenure->identity) + " serves this data directory already");
    auto yields = co_await tenure->remote->ask_to_yield();
    if (!yields && yields.error().code != "owner_gone") co_return fail(std::move(yields.error()));
    co_return std::shared_ptr<Tenure>{};
}

void OwnerSeeker::step_back() { not_before_ = env_.now() + step_back_for; }

Error OwnerSeeker::unreachable() const {
    const auto holder = gate_.holder();
    const std::string who = holder ? describe(*holder) : "another process";
    const std::string remedy =
        holder && holder->pid != 0 ? "end it (kill " + std::to_string(holder->pid) + ")" : "end it";
    return owner_fault("owner_unreachable", who + " owns the data behind " + gate_.socket_path() +
                                                " but does not answer: wait a little, or " + remedy)
        .error();
}

}  // namespace evenkeel
