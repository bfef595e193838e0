#include "net/socket_listener.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "core/async.hpp"
#include "net/socket.hpp"
#include "testing/real_loop.hpp"

namespace evenkeel {
namespace {

using ::testing::HasSubstr;
using testing::RealLoop;

class UnixListener : public ::testing::Test {
protected:
    UnixListener() {
        std::string pattern = ::testing::TempDir() + "evenkeel-sock-XXXXXX";
        directory_ = ::mkdtemp(pattern.data());
    }
    ~UnixListener() override { std::filesystem::remove_all(directory_); }
    Endpoint endpoint() const { return Endpoint{.path = directory_ + "/s.sock"}; }
    SocketAddress address() const { return *SocketAddress::unix_path(endpoint().path); }
    /// What a killed process leaves: the file, and nobody behind it.
    void leave_stale_file() const {
        const UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM, 0));
        ASSERT_EQ(::bind(fd.get(), address().get(), address().length()), 0);
    }
    std::string directory_;
    RealLoop real_;
};

TEST_F(UnixListener, is_private_and_knows_who_connects) {
    auto listener = listen_at(real_.loop, endpoint());
    ASSERT_TRUE(listener.has_value());
    struct stat status{};
    ASSERT_EQ(::lstat(endpoint().path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0600u);
    EXPECT_EQ((*listener)->port(), 0);
    const auto client = real_.run(connect_to(real_.loop, address()));
    ASSERT_TRUE(client.has_value());
    const auto server = real_.run((*listener)->accept());
    ASSERT_TRUE(server.has_value());
    EXPECT_EQ((*server)->peer_uid(), ::getuid());
    EXPECT_EQ((*client)->peer(), "unix:" + endpoint().path);
    ASSERT_TRUE(real_.run(write_all(**client, "hello")).has_value());
    std::array<std::byte, 16> into{};
    EXPECT_EQ(real_.run(read_some(**server, into)), 5u);
}

TEST_F(UnixListener, removes_its_file_when_it_goes) {
    {
        const auto listener = listen_at(real_.loop, endpoint());
    }
    EXPECT_FALSE(std::filesystem::exists(endpoint().path));
    const auto refused = real_.run(connect_to(real_.loop, address()));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, "refused");
    EXPECT_THAT(refused.error().detail, HasSubstr("there is no such socket"));
}

TEST_F(UnixListener, leaves_the_file_of_its_successor) {
    auto first = listen_at(real_.loop, endpoint());
    ASSERT_TRUE(first.has_value());
    std::filesystem::remove(endpoint().path);
    const auto second = listen_at(real_.loop, endpoint());
    ASSERT_TRUE(second.has_value());
    first->reset();
    EXPECT_TRUE(real_.run(connect_to(real_.loop, address())).has_value());
}

TEST_F(UnixListener, replaces_the_file_of_a_dead_one_but_not_of_a_living_one) {
    leave_stale_file();
    EXPECT_FALSE(real_.run(connect_to(real_.loop, address())).has_value());
    const auto first = listen_at(real_.loop, endpoint());
    ASSERT_TRUE(first.has_value());
    const auto second = listen_at(real_.loop, endpoint());
    ASSERT_FALSE(second.has_value());
    EXPECT_EQ(second.error().code, "address_in_use");
    EXPECT_EQ(second.error().cls, ErrorClass::storage);
    EXPECT_TRUE(real_.run(connect_to(real_.loop, address())).has_value());
}

TEST_F(UnixListener, never_removes_what_is_no_socket) {
    const UniqueFd file(::open(endpoint().path.c_str(), O_CREAT | O_WRONLY, 0600));
    EXPECT_FALSE(listen_at(real_.loop, endpoint()).has_value());
    EXPECT_TRUE(std::filesystem::is_regular_file(endpoint().path));
}

TEST_F(UnixListener, says_what_is_wrong_with_its_path) {
    const auto nowhere = listen_at(real_.loop, Endpoint{.path = directory_ + "/none/s.sock"});
    ASSERT_FALSE(nowhere.has_value());
    EXPECT_THAT(nowhere.error().detail, HasSubstr("its directory does not exist"));
    const auto too_long = listen_at(real_.loop, Endpoint{.path = "/" + std::string(200, 'x')});
    ASSERT_FALSE(too_long.has_value());
    EXPECT_EQ(too_long.error().code, "path_too_long");
}

TEST(TcpListener, takes_a_free_port_and_refuses_one_in_use) {
    RealLoop real;
    for (const std::string host : {"127.0.0.1", "localhost"}) {
        const auto first = listen_at(real.loop, Endpoint{.host = host});
        ASSERT_TRUE(first.has_value());
        ASSERT_GT((*first)->port(), 0);
        const auto second = listen_at(real.loop, Endpoint{.host = host, .port = (*first)->port()});
        ASSERT_FALSE(second.has_value());
        EXPECT_EQ(second.error().code, "address_in_use");
        EXPECT_THAT(second.error().detail, HasSubstr("127.0.0.1:" + std::to_string((*first)->port())));
    }
    EXPECT_EQ(listen_at(real.loop, Endpoint{.host = "example.org"}).error().code, "no_such_address");
    EXPECT_EQ(listen_at(real.loop, Endpoint{.host = "192.0.2.1"}).error().code, "no_such_address");
}

TEST(TcpListener, accepts_a_crowd) {
    RealLoop real;
    const auto listener = listen_at(real.loop, Endpoint{.host = "127.0.0.1"});
    ASSERT_TRUE(listener.has_value());
    const auto crowd = [](Loop& loop, Listener& at) -> Task<std::size_t> {
        std::vector<ConnectionPtr> all;
        for (int i = 0; i < 100; ++i)
            if (auto client = co_await connect_to(loop, *SocketAddress::numeric("127.0.0.1", at.port())))
                all.push_back(std::move(*client));
        for (int i = 0; i < 100; ++i)
            if (auto server = co_await at.accept()) all.push_back(std::move(*server));
        co_return all.size();
    };
    EXPECT_EQ(real.run(crowd(real.loop, **listener)), 200u);
}

TEST(TcpListener, without_a_free_descriptor_says_so_and_accepts_later) {
    RealLoop real;
    const auto listener = listen_at(real.loop, Endpoint{.host = "127.0.0.1"});
    ASSERT_TRUE(listener.has_value());
    const auto here = *SocketAddress::numeric("127.0.0.1", (*listener)->port());
    const auto client = real.run(connect_to(real.loop, here));
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    const UniqueFd next_free(::dup(0));
    const rlimit none_left{static_cast<rlim_t>(next_free.get()), before.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none_left);
    const auto refused = real.run((*listener)->accept());
    const auto dialled = real.run(connect_to(real.loop, here));
    ::setrlimit(RLIMIT_NOFILE, &before);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().cls, ErrorClass::transient);
    EXPECT_EQ(refused.error().code, "too_many_files");
    ASSERT_FALSE(dialled.has_value());
    EXPECT_EQ(dialled.error().origin, Origin::self);  // No provider is to blame.
    EXPECT_TRUE(real.run((*listener)->accept()).has_value());
}

}  // namespace
}  // namespace evenkeel
