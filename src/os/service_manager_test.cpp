#include "os/service_manager.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <filesystem>

#include "core/unique_fd.hpp"

namespace evenkeel::os {
namespace {

/// What a service manager listens with.
class Manager {
public:
    explicit Manager(const std::string& name) : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
        sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
        std::ranges::copy(name, address.sun_path);
        if (name.front() == '@') address.sun_path[0] = '\0';
        const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
        EXPECT_EQ(::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), length), 0);
    }
    std::string heard() const {
        std::array<char, 64> text{};
        const ssize_t got = ::recv(fd_.get(), text.data(), text.size(), 0);
        return got < 0 ? "nothing" : std::string(text.data(), static_cast<std::size_t>(got));
    }

private:
    UniqueFd fd_;
};

TEST(ServiceManager, hears_of_the_start_by_file_and_without_one) {
    std::string directory = ::testing::TempDir() + "evenkeel-notify-XXXXXX";
    ASSERT_NE(::mkdtemp(directory.data()), nullptr);
    for (const std::string& name : {directory + "/notify", "@evenkeel-test" + directory}) {
        const Manager manager(name);
        ASSERT_TRUE(tell_service_manager(name, "READY=1"));
        EXPECT_EQ(manager.heard(), "READY=1");
        EXPECT_EQ(manager.heard(), "nothing");
    }
    std::filesystem::remove_all(directory);
}

TEST(ServiceManager, is_left_alone_where_there_is_none) {
    EXPECT_TRUE(tell_service_manager("", "READY=1"));
    EXPECT_FALSE(tell_service_manager("/nowhere/notify", "READY=1"));
    EXPECT_FALSE(tell_service_manager("relative", "READY=1"));
    EXPECT_FALSE(tell_service_manager(std::string(200, '/'), "READY=1"));
}

}  // namespace
}  // namespace evenkeel::os
