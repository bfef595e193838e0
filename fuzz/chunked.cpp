// The chunked coding: splitting changes nothing, the strict reader accepts no more than the lenient one, and what is
// encoded comes back.
#include <array>
#include <cstdio>
#include <string>

#include "fuzz/fuzz.hpp"
#include "net/http_chunked.hpp"

namespace evenkeel::fuzz {
namespace {

struct Decoded {
    std::string body;
    bool whole = false, broken = false;
    std::size_t used = 0;
};

Decoded decode(std::string_view wire, http::Manner manner, std::string_view seed, bool split) {
    http::ChunkedDecoder decoder(manner);
    Decoded result;
    const auto take = [&](std::string_view piece) {
        std::string bytes(piece);
        std::size_t used = 0;
        result.body += decoder.decode(bytes, used);
        require(used <= bytes.size(), "more was taken than was there");
        result.used += used;
        result.whole = decoder.whole();
        result.broken = !decoder.problem().empty();
        require(!(result.whole && result.broken), "whole and broken at once");
        return !result.whole && !result.broken;
    };
    if (split)
        in_pieces(wire, seed, take);
    else if (!wire.empty())
        (void)take(wire);
    return result;
}

std::string encode(std::string_view body, std::string_view seed) {
    std::string wire;
    in_pieces(body, seed, [&](std::string_view piece) {
        std::array<char, 16> size{};
        std::snprintf(size.data(), size.size(), "%zx\r\n", piece.size());
        wire.append(size.data()).append(piece).append("\r\n");
        return true;
    });
    return wire + "0\r\n\r\n";
}

}  // namespace

void fuzz_one(std::string_view input) {
    const std::string_view seed = take_text(input, 4);
    const Decoded strict = decode(input, http::Manner::strict, seed, false);
    for (const http::Manner manner : {http::Manner::strict, http::Manner::lenient}) {
        const Decoded whole = decode(input, manner, seed, false), split = decode(input, manner, seed, true);
        require(whole.whole == split.whole && whole.broken == split.broken, "splitting changed the verdict");
        if (!whole.broken) require_same(whole.body, split.body, "splitting changed the body");
        if (whole.whole) require(whole.used == split.used, "splitting changed where the body ends");
        if (strict.whole) {
            require(whole.whole, "lenient refused what strict accepts");
            require_same(strict.body, whole.body, "strict and lenient read two bodies");
        }
    }
    const Decoded back = decode(encode(input, seed), http::Manner::strict, seed, true);
    require(back.whole, "an encoded body did not come back whole");
    require_same(input, back.body, "an encoded body came back changed");
}

}  // namespace evenkeel::fuzz
