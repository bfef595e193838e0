#include "control/owner.hpp"

#include <algorithm>
#include <array>

#include "core/json_writer.hpp"
#include "os/files.hpp"
#include "os/lock_file.hpp"

namespace evenkeel {
namespace {

constexpr std::array<std::string_view, 4> owner_codes{"owner_gone", "owner_unreachable", "owner_busy",
                                                      "control_version"};

struct LockedDirectory final : Ownership {
    explicit LockedDirectory(os::LockFile taken) : lock(std::move(taken)) {}
    os::LockFile lock;
};

class DirectoryGate final : public OwnerGate {
public:
    explicit DirectoryGate(std::string directory) : directory_(std::move(directory)) {}

    Result<std::unique_ptr<Ownership>> try_take(std::string_view kind) override {
        auto lock = os::LockFile::try_acquire(directory_, kind);
        if (!lock) return fail(std::move(lock.error()));
        std::unique_ptr<Ownership> ownership;
        if (*lock) ownership = std::make_unique<LockedDirectory>(std::move(**lock));
        return ownership;
    }
    std::optional<OwnerIdentity> holder() const override {
        const auto holder = os::LockFile::holder(directory_);
        if (!holder) return std::nullopt;
        return OwnerIdentity{.pid = holder->pid, .kind = holder->kind};
    }
    Result<void> clear_socket() override { return os::remove_file(socket_path()); }
    std::string socket_path() const override { return directory_ + "/control.sock"; }

private:
    std::string directory_;
};

}  // namespace

std::string to_json(const OwnerIdentity& owner) {
    std::string out;
    JsonWriter json(out);
    json.object().member("pid", owner.pid).member("kind", owner.kind).member("version", owner.version);
    json.member("generation", owner.generation).end_object();
    return out;
}

std::string describe(const OwnerIdentity& owner) {
    return (owner.kind.empty() ? std::string("a process") : owner.kind) + " (pid " + std::to_string(owner.pid) + ")";
}

std::unique_ptr<OwnerGate> make_owner_gate(std::string directory) {
    return std::make_unique<DirectoryGate>(std::move(directory));
}

std::unexpected<Error> owner_fault(std::string_view code, std::string detail) {
    return own_fault(ErrorClass::transient, std::move(detail), std::string(code));
}

bool is_owner_fault(const Error& error) noexcept {
    return error.origin == Origin::self && error.cls == ErrorClass::transient &&
           std::ranges::find(owner_codes, error.code) != owner_codes.end();
}

}  // namespace evenkeel
