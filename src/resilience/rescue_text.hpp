#pragma once
#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace evenkeel {

/// What all answers together may keep for their rescue. Bytes.
struct RescueRoom {
    std::size_t max = 0;
    std::size_t used = 0;
};

/// The text of one answer as it was read, kept so that another provider can go on from it. Over a limit it is given up
/// for good, and the answer can no longer be taken up. The room outlives it.
class RescueText {
public:
    RescueText(RescueRoom& room, std::size_t max) noexcept : room_(room), max_(max) {}
    ~RescueText() { room_.used -= reserved_; }
    RescueText(const RescueText&) = delete;
    RescueText& operator=(const RescueText&) = delete;

    void add(std::string_view text) {
        if (!kept_) return;
        const std::size_t size = text_.size() + text.size();
        if (size > max_ || (size > reserved_ && !reserve(size))) return give_up();
        text_ += text;
    }
    void give_up() noexcept {
        kept_ = false;
        text_ = std::string();
        room_.used -= std::exchange(reserved_, 0);
    }
    bool is_kept() const noexcept { return kept_; }
    /// Stays where it is until `add`.
    std::string_view view() const noexcept { return text_; }

private:
    /// The room counts what the text really takes: capacity, not length.
    bool reserve(std::size_t size) {
        constexpr std::size_t least = 256;
        const std::size_t wanted = std::clamp(size * 2, least, std::max(least, max_));
        if (room_.used - reserved_ + wanted > room_.max) return false;
        text_.reserve(wanted);
        room_.used += wanted - std::exchange(reserved_, wanted);
        return true;
    }
    RescueRoom& room_;
    std::size_t max_;
    std::size_t reserved_ = 0;
    std::string text_;
    bool kept_ = true;
};

}  // namespace evenkeel
