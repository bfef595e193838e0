#include "llm/scrub.hpp"

#include <algorithm>
#include <unordered_set>
#include <vector>

#include "core/text.hpp"

namespace evenkeel {
namespace {

constexpr std::size_t columns_max = 200;
constexpr std::size_t key_piece = 8;
constexpr std::size_t text_piece = 12;
constexpr std::size_t shortest = 4;  // "Hi" in an error message betrays nothing, and "a" would mask every word.

/// The words of one message, and which bytes of them must not be shown.
class Mask {
public:
    explicit Mask(std::string_view words) : words_(words), hidden_(words.size(), false) {}

    /// Hides what the words share with `text`, in pieces of at least `piece` bytes.
    void hide_shared(std::string_view text, std::size_t piece) {
        if (text.size() < piece) return hide_whole(text);
        if (words_.size() < piece) return;
        std::unordered_set<std::string_view> pieces;
        for (std::size_t i = 0; i + piece <= words_.size(); ++i) pieces.insert(words_.substr(i, piece));
        std::unordered_set<std::string_view> shared;
        for (std::size_t i = 0; i + piece <= text.size(); ++i)
            if (const auto found = pieces.find(text.substr(i, piece)); found != pieces.end()) shared.insert(*found);
        for (std::size_t i = 0; i + piece <= words_.size(); ++i)
            if (shared.contains(words_.substr(i, piece))) hide(i, piece);
    }

    std::string shown() const {
        std::string text;
        for (std::size_t i = 0; i < words_.size(); ++i) {
            if (!hidden_[i])
                text += words_[i];
            else if (i == 0 || !hidden_[i - 1])
                text += "…";
        }
        return text;
    }

private:
    void hide_whole(std::string_view text) {
        if (text.size() < shortest) return;
        for (std::size_t at = words_.find(text); at != std::string_view::npos; at = words_.find(text, at + 1))
            hide(at, text.size());
    }
    void hide(std::size_t at, std::size_t length) {
        std::fill_n(hidden_.begin() + static_cast<std::ptrdiff_t>(at), length, true);
    }
    std::string_view words_;
    std::vector<bool> hidden_;
};

}  // namespace

std::string scrubbed(std::string_view words, const Secret& key, std::span<const Turn> turns) {
    // A little more than is shown, so that what is cut at the edge is still recognised.
    const std::string line = one_line(utf8_prefix(words, 16 * columns_max), 2 * columns_max);
    Mask mask(line);
    mask.hide_shared(key.reveal(), key_piece);
    for (const Turn& turn : turns) mask.hide_shared(trimmed(turn.text), text_piece);
    return one_line(mask.shown(), columns_max);
}

}  // namespace evenkeel
