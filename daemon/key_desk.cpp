#include "daemon/key_desk.hpp"

#include <utility>

namespace evenkeel {

Task<Result<std::unique_ptr<TurnStream>>> KeyDesk::submit(Inbound message) { return inner_.submit(std::move(message)); }
Task<Result<std::unique_ptr<TurnStream>>> KeyDesk::follow(Id id) { return inner_.follow(id); }
Task<Result<void>> KeyDesk::cancel(Id id) { return inner_.cancel(id); }
Task<Result<std::unique_ptr<DeliveryStream>>> KeyDesk::deliveries(std::string frontend, std::string conversation) {
    return inner_.deliveries(std::move(frontend), std::move(conversation));
}
Task<Result<void>> KeyDesk::shown(Id id) { return inner_.shown(id); }

Task<Result<std::string>> KeyDesk::call(std::string operation, std::string arguments) {
    if (KeyOperations::knows(operation)) return keys_.call(std::move(operation), std::move(arguments));
    return inner_.call(std::move(operation), std::move(arguments));
}

}  // namespace evenkeel
