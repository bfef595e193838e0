#pragma once
#include <string>

#include "core/result.hpp"

namespace evenkeel::os {

/// A directory of our own (0700) under $TMPDIR or /tmp, removed with all that is in it when this object goes.
class TemporaryDirectory {
public:
    /// `name` begins its name. Errors: storage.
    static Result<TemporaryDirectory> make(const std::string& parent, const std::string& name);
    TemporaryDirectory(TemporaryDirectory&& other) noexcept : path_(std::exchange(other.path_, {})) {}
    TemporaryDirectory& operator=(TemporaryDirectory&&) = delete;
    ~TemporaryDirectory();
    const std::string& path() const noexcept { return path_; }

private:
    explicit TemporaryDirectory(std::string path) noexcept : path_(std::move(path)) {}
    std::string path_;
};

}  // namespace evenkeel::os
