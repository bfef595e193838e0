// What all fuzz targets share. A target defines `fuzz_one`; libFuzzer calls it with bytes that it varies.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace evenkeel::fuzz {

/// One input. What it says must hold whatever the bytes are; it ends the process where it does not.
void fuzz_one(std::string_view input);

/// Ends the process, so that libFuzzer keeps the input, unless `holds`. `what` is printed.
void require(bool holds, std::string_view what);
/// As require; prints both transcripts.
void require_same(std::string_view one, std::string_view other, std::string_view what);

/// Gives `text` to `take` in pieces whose sizes (1 to 64 bytes) follow from the bytes of `seed`, so that a found case
/// repeats. `take` returns false to end early.
void in_pieces(std::string_view text, std::string_view seed, const std::function<bool(std::string_view)>& take);

/// Takes one byte off the front of `input`; 0 where nothing is left.
std::uint8_t take_byte(std::string_view& input) noexcept;
/// Takes up to `most` bytes off the front.
std::string_view take_text(std::string_view& input, std::size_t most) noexcept;

}  // namespace evenkeel::fuzz
