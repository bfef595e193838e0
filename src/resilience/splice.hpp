#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace evenkeel {

/// Where a second text goes on from a first that was cut, as a pure machine. The first was already read by somebody: a
/// byte of it must neither come twice nor be missing.
class Splice {
public:
    enum class Second : unsigned char {
        whole,         ///< The second answers the question anew: it fits only if it begins with the first, to the byte.
        continuation,  ///< It was asked to go on behind prefill(first), and may have repeated some of it.
    };
    enum class State : unsigned char { undecided, fits, differs };

    /// `first` stays as it is until the state is decided.
    Splice(Second second, std::string_view first);

    /// Takes more of the second text. Once it fits, `rest()` is what of it is new so far; the caller then takes all
    /// that follows as it comes.
    State feed(std::string_view text);
    /// The second text has ended.
    State end();
    std::string_view rest() const noexcept { return rest_; }

    /// What a provider is asked to go on from: the first text without the blanks at its end, which some refuse and some
    /// drop. Empty: there is nothing to go on from.
    static std::string_view prefill(std::string_view first) noexcept;

private:
    State feed_whole(std::string_view text);
    State feed_continuation(std::string_view text);
    void find_repeats(char begin);
    void narrow_repeats(std::size_t from);
    State settle(bool ended);

    /// A repeat is looked for at the beginnings of words in so much of the first text's end, and at its very beginning.
    static constexpr std::size_t repeat_bytes_max = 512;
    /// A shorter one is taken for what comes next: "go, go".
    static constexpr std::size_t repeat_bytes_min = 3, repeat_bytes_min_beyond_ascii = 6;

    Second second_;
    std::string_view first_;
    std::string_view prefill_;
    std::size_t matched_ = 0;           ///< whole: so much of the first has come again.
    std::string held_;                  ///< continuation: the second text until it is decided.
    std::vector<std::size_t> repeats_;  ///< Places in the prefill from which held_ may be repeating it.
    std::size_t repeated_ = 0;          ///< So many bytes at the beginning of held_ are a repeat for certain.
    std::string_view rest_;
};

}  // namespace evenkeel
