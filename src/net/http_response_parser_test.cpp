#include "net/http_response_parser.hpp"

namespace evenkeel::http {
namespace {

constexpr HttpClientLimits small{.head_bytes_max = 120, .body_bytes_max = 20};

/// "status [body] state", after the peer has closed where `closes`.
std::string outcome_of(std::string_view wire, std::size_t piece, bool closes, bool to_head) {
    ResponseParser parser(small, to_head);
    std::string body;
    for (std::size_t at = 0; at < wire.size(); at += piece) {
        const auto bytes = std::make_unique<std::string>(wire.substr(at, piece));
        body += parser.take(*bytes);
    }
    if (closes && parser.state() != ResponseParser::State::whole) parser.end();
    switch (parser.state()) {
        case ResponseParser::State::head: return "head";
        case ResponseParser::State::body: return std::to_string(parser.status()) + " [" + body + "] more";
        case ResponseParser::State::whole:
            return std::to_string(parser.status()) + " [" + body + "] " + (parser.keeps_alive() ? "keep" : "close");
        case ResponseParser::State::broken:
            return std::string(to_string(parser.error().cls)) + " " + parser.error().code;
    }
    return {};
}

struct Case {
    std::string_view wire, outcome;
    bool closes = false, to_head = false;
};

TEST(ResponseParser, gives_what_the_table_says_at_every_piece_size) {
    const std::vector<Case> table{
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "200 [hello] keep"},
        {"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", "200 [] keep"},
        {"HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", "200 [] keep"},
        {"\r\nHTTP/1.1 404 Not  Found\nContent-Length : 2\nodd line\n\nno", "404 [no] keep"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3 \r\nllo\r\n0\r\nX: y\r\n\r\n",
         "200 [hello] keep"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x\nhello\n0\n\n", "200 [hello] keep"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
         "200 [hello] close"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nhi", "200 [hi] keep"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi", "200 [hi] close"},
        {"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", "200 [hi] close"},
        {"HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: Keep-Alive\r\n\r\nhi", "200 [hi] keep"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi!", "200 [hi] close"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nHTTP", "200 [] close"},
        {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 201 Made\r\nContent-Length: "
         "1\r\n\r\na",
         "201 [a] keep"},
        {"HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n", "204 [] keep"},
        {"HTTP/1.1 304 Not Modified\r\n\r\n", "304 [] keep"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "200 [] keep", false, true},
        {"HTTP/1.1 200 OK\r\n\r\nuntil the end", "200 [until the end] more"},
        {"HTTP/1.1 200 OK\r\n\r\nuntil the end", "200 [until the end] close", true},
        {"HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\nContent-Length: 0\r\n\r\n", "200 [] keep"},
        // Cut.
        {"", "transient closed", true},
        {"\r\n", "transient cut", true},
        {"HTT", "transient cut", true},
        {"HTTP/1.1 200 OK\r\nContent-Le", "transient cut", true},
        {"HTTP/1.1 100 Continue\r\n\r\n", "transient cut", true},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", "transient cut", true},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "transient cut", true},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", "transient cut", true},
        // Not an answer.
        {"<html>", "bad_answer not_http"},
        {"SSH-2.0-OpenSSH_9.2\r\n", "bad_answer not_http"},
        {"HTTP/2 200 OK\r\n\r\n", "bad_answer not_http"},
        {"HTTP/1.1 20 OK\r\n\r\n", "bad_answer not_http"},
        {"HTTP/1.1 2000 OK\r\n\r\n", "bad_answer not_http"},
        {"HTTP/1.1 -20 OK\r\n\r\n", "bad_answer not_http"},
        {"HTTP/1.1 099 OK\r\n\r\n", "bad_answer not_http"},
        {"HTTP/1.1 101 Switching Protocols\r\n\r\n", "bad_answer framing"},
        {"HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n", "bad_answer framing"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi", "bad_answer framing"},
        {"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nhi", "bad_answer framing"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\nhi", "bad_answer framing"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhi", "bad_answer framing"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhix\r\n", "bad_answer framing"},
        {"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nhi", "bad_answer content_encoding"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 21\r\n\r\n", "bad_answer body_too_big"},
        {"HTTP/1.1 200 OK\r\n\r\n012345678901234567890", "bad_answer body_too_big"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n15\r\n012345678901234567890\r\n",
         "bad_answer body_too_big"},
        {"HTTP/1.1 200 OK\r\nX: 01234567890123456789012345678901234567890123456789012345678901234567890123456789"
         "01234567890123456789012345678901234567890123456789\r\n\r\n",
         "bad_answer head_too_big"},
    };
    for (const Case& each : table)
        for (const std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{5}, each.wire.size() + 1})
            EXPECT_EQ(outcome_of(each.wire, piece, each.closes, each.to_head), each.outcome)
                << "in pieces of " << piece << ": " << each.wire;
}

TEST(ResponseParser, ends_interim_replies_that_never_end) {
    ResponseParser parser(small, false);
    for (int i = 0; i < 17; ++i) {
        std::string wire = "HTTP/1.1 102 Processing\r\n\r\n";
        parser.take(wire);
    }
    EXPECT_EQ(parser.state(), ResponseParser::State::broken);
}

TEST(ResponseParser, finds_fields_without_regard_to_case) {
    ResponseParser parser(small, false);
    std::string wire = "HTTP/1.1 429 Slow\r\nRetry-After:  7 \r\nX: 1\r\nx: 2\r\nContent-Length: 0\r\n\r\n";
    parser.take(wire);
    EXPECT_EQ(parser.header("retry-after"), "7");
    EXPECT_EQ(parser.header("X"), "1");
    EXPECT_EQ(parser.header("absent"), "");
}

}  // namespace
}  // namespace evenkeel::http
