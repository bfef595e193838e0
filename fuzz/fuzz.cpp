#include "fuzz/fuzz.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace evenkeel::fuzz {

void require(bool holds, std::string_view what) {
    if (holds) return;
    std::fprintf(stderr, "broken: %.*s\n", static_cast<int>(what.size()), what.data());
    std::abort();
}

void require_same(std::string_view one, std::string_view other, std::string_view what) {
    if (one == other) return;
    std::fprintf(stderr, "--- one\n%.*s\n--- other\n%.*s\n", static_cast<int>(one.size()), one.data(),
                 static_cast<int>(other.size()), other.data());
    require(false, what);
}

void in_pieces(std::string_view text, std::string_view seed, const std::function<bool(std::string_view)>& take) {
    constexpr std::size_t largest = 64;
    std::size_t step = 0;
    while (!text.empty()) {
        const std::size_t wanted =
            seed.empty() ? 1 : 1 + static_cast<unsigned char>(seed[step++ % seed.size()]) % largest;
        const std::string_view piece = text.substr(0, wanted);
        text.remove_prefix(piece.size());
        // A copy of its own: reading past the piece is then an error that AddressSanitizer sees.
        if (!take(std::string(piece))) return;
    }
}

std::uint8_t take_byte(std::string_view& input) noexcept {
    if (input.empty()) return 0;
    const auto byte = static_cast<std::uint8_t>(input.front());
    input.remove_prefix(1);
    return byte;
}

std::string_view take_text(std::string_view& input, std::size_t most) noexcept {
    const std::string_view text = input.substr(0, std::min(most, input.size()));
    input.remove_prefix(text.size());
    return text;
}

}  // namespace evenkeel::fuzz

// The name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {  // NOLINT(readability-identifier-naming)
    evenkeel::fuzz::fuzz_one({reinterpret_cast<const char*>(data), size});
    return 0;
}
