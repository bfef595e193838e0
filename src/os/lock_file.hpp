#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "core/unique_fd.hpp"

namespace evenkeel::os {

/// Who wrote itself into the lock of a data directory.
struct LockHolder {
    std::uint32_t pid = 0;
    std::string kind;  ///< "serve", "chat", …: the command it runs.
    bool operator==(const LockHolder&) const = default;
};

/// The right to own a data directory: an exclusive flock on DIR/owner.lock, held as long as this object lives and
/// given back by the kernel however the process ends. The file itself stays: removing it would let two hold it.
class LockFile {
public:
    /// Nothing when another holds it. Never waits. Errors: storage (as in files.hpp).
    static Result<std::optional<LockFile>> try_acquire(const std::string& directory, std::string_view kind);
    /// Who holds it; ask after try_acquire came back empty. Nothing where nobody is written down, or whoever is no
    /// longer runs.
    static std::optional<LockHolder> holder(const std::string& directory);

    LockFile(LockFile&&) noexcept = default;
    LockFile& operator=(LockFile&&) noexcept = default;
    ~LockFile();

private:
    explicit LockFile(UniqueFd fd) noexcept : fd_(std::move(fd)) {}
    UniqueFd fd_;
};

}  // namespace evenkeel::os
