#include "control/owner.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

namespace evenkeel {
namespace {

struct Directory {
    Directory() {
        std::string pattern = ::testing::TempDir() + "ownerXXXXXX";
        path = ::mkdtemp(pattern.data());
    }
    ~Directory() { std::filesystem::remove_all(path); }
    std::string path;
};

TEST(OwnerGate, gives_ownership_to_one_and_names_it_to_the_other) {
    Directory directory;
    auto one = make_owner_gate(directory.path);
    auto other = make_owner_gate(directory.path);
    auto ownership = one->try_take("chat").value();
    ASSERT_TRUE(ownership);
    EXPECT_FALSE(other->try_take("ask").value());
    const auto holder = other->holder();
    ASSERT_TRUE(holder);
    EXPECT_EQ(holder->kind, "chat");
    EXPECT_GT(holder->pid, 0u);
    ownership.reset();
    EXPECT_TRUE(other->try_take("ask").value());
}

TEST(OwnerGate, clears_a_socket_that_may_be_there) {
    Directory directory;
    auto gate = make_owner_gate(directory.path);
    EXPECT_TRUE(gate->clear_socket());
    EXPECT_EQ(gate->socket_path(), directory.path + "/control.sock");
}

TEST(OwnerFault, is_known_by_class_origin_and_code) {
    EXPECT_TRUE(is_owner_fault(owner_fault("owner_unreachable", "").error()));
    EXPECT_TRUE(is_owner_fault(owner_fault("control_version", "").error()));
    EXPECT_FALSE(is_owner_fault(owner_fault("other", "").error()));
    EXPECT_FALSE(is_owner_fault(provider_fault(ErrorClass::transient, Scope::provider, "", "owner_gone").error()));
}

}  // namespace
}  // namespace evenkeel
