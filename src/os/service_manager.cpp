#include "os/service_manager.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include "core/unique_fd.hpp"
#include "os/files.hpp"

namespace evenkeel::os {

Result<void> tell_service_manager(const std::string& socket, std::string_view state) {
    if (socket.empty()) return {};
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    if ((socket.front() != '/' && socket.front() != '@') || socket.size() >= sizeof(address.sun_path))
        return file_fault("write to $NOTIFY_SOCKET", socket, EINVAL);
    std::ranges::copy(socket, address.sun_path);
    if (socket.front() == '@') address.sun_path[0] = '\0';
    const UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!fd) return file_fault("write to $NOTIFY_SOCKET", socket, errno);
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket.size());
    const ssize_t sent = ::sendto(fd.get(), state.data(), state.size(), MSG_NOSIGNAL,
                                  reinterpret_cast<const sockaddr*>(&address), length);
    if (sent < 0) return file_fault("write to $NOTIFY_SOCKET", socket, errno);
    return {};
}

}  // namespace evenkeel::os
