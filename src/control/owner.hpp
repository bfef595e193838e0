#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace evenkeel {

/// The process that owns a data directory: it works the queue, and all others are its clients.
struct OwnerIdentity {
    std::uint32_t pid = 0;
    std::string kind;     ///< The command it runs: "serve", "chat", "ask", …
    std::string version;  ///< Of the program.
    std::uint64_t generation = 0;
};
std::string to_json(const OwnerIdentity& owner);
/// "serve (pid 4711)".
std::string describe(const OwnerIdentity& owner);

/// The only command that no other can ask to give up ownership.
inline constexpr std::string_view serve_kind = "serve";

/// Ownership itself: it lasts as long as this object, and ends however the process ends.
class Ownership {
public:
    virtual ~Ownership() = default;
};

/// Who may own the data directory. One of it is enough for a process. Implementations: the lock file; a twin in tests.
class OwnerGate {
public:
    virtual ~OwnerGate() = default;
    /// Takes it if nobody has it; null where another does. Never waits. Errors: storage.
    virtual Result<std::unique_ptr<Ownership>> try_take(std::string_view kind) = 0;
    /// Who has it, as far as is written down: pid and kind only.
    virtual std::optional<OwnerIdentity> holder() const = 0;
    /// Removes the socket that an owner left behind when it was killed. Only for who has ownership: nobody else can be
    /// listening then.
    virtual Result<void> clear_socket() = 0;
    /// Where the owner serves.
    virtual std::string socket_path() const = 0;
};

/// By DIR/owner.lock and DIR/control.sock. The directory exists.
std::unique_ptr<OwnerGate> make_owner_gate(std::string directory);

/// Why nobody could be asked; all of class transient, and the reason for exit code 69:
/// "owner_gone"        it ended while we spoke (a Session goes on at the next owner);
/// "owner_unreachable" it holds the directory but does not answer;
/// "owner_busy"        a `serve` owns it, and we are a second `serve`;
/// "control_version"   it speaks another version of the control protocol.
std::unexpected<Error> owner_fault(std::string_view code, std::string detail);
bool is_owner_fault(const Error& error) noexcept;

}  // namespace evenkeel
