#pragma once
#include <string>
#include <string_view>
#include <utility>

namespace evenkeel {

/// A key or token. It cannot be printed, compared or copied by accident: there is no operator<<, no formatter and no
/// conversion; `reveal` is the one word to search for. The bytes are overwritten when it goes.
class Secret {
public:
    Secret() = default;
    explicit Secret(std::string value) noexcept : value_(std::move(value)) {}
    Secret(Secret&& other) noexcept : value_(std::move(other.value_)) { other.wipe(); }
    Secret& operator=(Secret&& other) noexcept;
    Secret(const Secret&) = default;
    Secret& operator=(const Secret&) = default;
    ~Secret() { wipe(); }

    bool empty() const noexcept { return value_.empty(); }
    /// For the one place that writes it to the wire. Never into a log, an error or a row.
    std::string_view reveal() const noexcept { return value_; }
    /// "sk-n…9f2c" for people; "set" where it is too short to show any of it; "not set".
    std::string masked() const;

private:
    void wipe() noexcept;
    std::string value_;
};

}  // namespace evenkeel
