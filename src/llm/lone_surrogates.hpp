#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace evenkeel {

// Some servers cut an emoji into two escaped surrogates and send each in a delta of its own ("\ud83d", then "\ude42").
// That is no valid JSON text, but the answer is sound: the halves are carried through the parser as private-use code
// points (U+10D800 to U+10DFFF) and joined behind it.

/// `json` with every escaped surrogate that lacks its other half replaced by its stand-in. Nothing if there is none.
std::optional<std::string> with_stand_ins(std::string_view json);

/// Joins stand-ins over consecutive texts of one stream; a half that stays alone becomes U+FFFD.
class SurrogateJoiner {
public:
    /// The text so far; a first half at its end is held back.
    std::string feed(std::string_view text);
    /// What was held back, if anything.
    std::string finish();

private:
    void take(std::string& out, std::uint32_t half);
    std::uint32_t held_ = 0;  ///< A first half, 0xD800 to 0xDBFF.
};

}  // namespace evenkeel
