#pragma once
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace evenkeel::os {

/// Tells whoever started this process as a service how it goes: "READY=1", "STOPPING=1", "RELOADING=1". One datagram to
/// the socket that $NOTIFY_SOCKET names (sd_notify(3), section "Standalone implementations"); '@' in front means one
/// without a file. Does nothing where `socket` is empty. Errors: storage, with the reason; a service that cannot tell
/// goes on all the same.
Result<void> tell_service_manager(const std::string& socket, std::string_view state);

}  // namespace evenkeel::os
