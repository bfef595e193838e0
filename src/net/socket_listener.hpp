#pragma once
#include <memory>

#include "net/connection.hpp"
#include "net/loop.hpp"

namespace evenkeel {

/// Listens at a numeric address, "localhost" (127.0.0.1) or a Unix path. A socket file that nobody answers at is
/// replaced; the file is removed when the listener goes. Errors: storage, own, with the remedy (codes "address_in_use",
/// "not_permitted", "path_too_long", "no_such_address").
Result<std::unique_ptr<Listener>> listen_at(Loop& loop, const Endpoint& endpoint);

}  // namespace evenkeel
