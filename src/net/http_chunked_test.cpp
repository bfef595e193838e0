#include "net/http_chunked.hpp"

namespace evenkeel::http {
namespace {

/// "[body] whole|more|why", and what was left over.
std::string outcome_of(std::string_view wire, Manner manner, std::size_t piece) {
    ChunkedDecoder decoder(manner);
    std::string body;
    while (!wire.empty() && !decoder.whole() && decoder.problem().empty()) {
        std::string bytes(wire.substr(0, piece));
        std::size_t used = 0;
        body += decoder.decode(bytes, used);
        EXPECT_GT(used, 0U);
        wire.remove_prefix(used);
    }
    if (!decoder.problem().empty()) return "broken";
    return "[" + body + "] " + (decoder.whole() ? "whole" : "more") + std::string(wire);
}

TEST(ChunkedDecoder, gives_the_same_in_pieces_of_any_size) {
    struct Case {
        std::string_view wire, strict, lenient;
    };
    for (const Case& each : {
             Case{"5\r\nhello\r\n0\r\n\r\nGET", "[hello] wholeGET", "[hello] wholeGET"},
             Case{"1\r\na\r\n02\r\nbc\r\n003;x=y\r\ndef\r\n0\r\nA: b\r\n\r\n", "[abcdef] whole", "[abcdef] whole"},
             Case{"A\r\n0123456789\r\n0\r\n", "[0123456789] more", "[0123456789] more"},
             Case{"5\r\nhel", "[hel] more", "[hel] more"},
             Case{"5\nhello\n0\n\n", "broken", "[hello] whole"},
             Case{"5 \r\nhello\r\n0\t\r\n\r\n", "broken", "[hello] whole"},
             Case{"0\r\nodd trailer\r\n\r\n", "broken", "[] whole"},
             Case{"5x\r\nhello\r\n", "broken", "broken"},
             Case{"-5\r\nhello\r\n", "broken", "broken"},
             Case{"0x5\r\nhello\r\n", "broken", "broken"},
             Case{"\r\nhello\r\n", "broken", "broken"},
             Case{"11111111111111111\r\nhello\r\n", "broken", "broken"},
             Case{"5\r\nhello!\r\n", "broken", "broken"},
         })
        for (std::size_t piece = 1; piece <= each.wire.size(); ++piece) {
            EXPECT_EQ(outcome_of(each.wire, Manner::strict, piece), each.strict) << each.wire << piece;
            EXPECT_EQ(outcome_of(each.wire, Manner::lenient, piece), each.lenient) << each.wire << piece;
        }
}

TEST(ChunkedDecoder, moves_the_body_together_in_place) {
    ChunkedDecoder decoder(Manner::lenient);
    std::string wire = "3\r\nabc\r\n3\r\ndef\r\n3\r\nghi\r\n";
    std::size_t used = 0;
    const std::string_view body = decoder.decode(wire, used);
    EXPECT_EQ(body, "abcdefghi");
    EXPECT_EQ(body.data(), wire.data() + 3);
    EXPECT_EQ(used, wire.size());
}

TEST(ChunkedDecoder, bounds_lines_and_trailers) {
    const std::string extension = "1;" + std::string(ChunkedDecoder::line_bytes_max, 'x') + "\r\na\r\n0\r\n\r\n";
    EXPECT_EQ(outcome_of(extension, Manner::lenient, extension.size()), "broken");
    EXPECT_EQ(outcome_of(extension, Manner::lenient, 1), "broken");
    std::string trailers = "0\r\n";
    while (trailers.size() < 2 * ChunkedDecoder::trailer_bytes_max) trailers += "A: 0123456789\r\n";
    EXPECT_EQ(outcome_of(trailers, Manner::lenient, 100), "broken");
}

}  // namespace
}  // namespace evenkeel::http
