#pragma once
#include <memory>
#include <string>

#include "access/key_operations.hpp"
#include "chat/desk.hpp"

namespace evenkeel {

/// A desk that also knows the operations on keys; everything else is the other desk's. Both outlive it.
class KeyDesk final : public Desk {
public:
    KeyDesk(Env env, Desk& inner, KeyKeeper& keeper) noexcept : inner_(inner), keys_(env, keeper) {}
    Task<Result<std::unique_ptr<TurnStream>>> submit(Inbound message) override;
    Task<Result<std::unique_ptr<TurnStream>>> follow(Id id) override;
    Task<Result<void>> cancel(Id id) override;
    Task<Result<std::unique_ptr<DeliveryStream>>> deliveries(std::string frontend, std::string conversation) override;
    Task<Result<void>> shown(Id id) override;
    Task<Result<std::string>> call(std::string operation, std::string arguments) override;

private:
    Desk& inner_;
    KeyOperations keys_;
};

}  // namespace evenkeel
