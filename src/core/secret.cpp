#include "core/secret.hpp"

namespace evenkeel {

Secret& Secret::operator=(Secret&& other) noexcept {
    if (this != &other) {
        wipe();
        value_ = std::move(other.value_);
        other.wipe();
    }
    return *this;
}

std::string Secret::masked() const {
    constexpr std::size_t shown = 4;
    if (value_.empty()) return "not set";
    if (value_.size() < 4 * shown) return "set";
    return value_.substr(0, shown) + "…" + value_.substr(value_.size() - shown);
}

void Secret::wipe() noexcept {
    // Volatile, so that the compiler keeps stores to memory that nobody reads again.
    volatile char* bytes = value_.data();
    for (std::size_t i = 0; i < value_.capacity(); ++i) bytes[i] = 0;
    value_.clear();
}

}  // namespace evenkeel
