#include "net/http_request_parser.hpp"

namespace evenkeel::http {
namespace {

constexpr HttpServerLimits small{.head_bytes_max = 200, .fields_max = 5, .body_bytes_max = 32};

/// What came of a stream of requests, so that a table can say it: "METHOD path?query [body]" each, then the refusal.
std::string outcome_of(std::string_view wire, std::size_t piece) {
    RequestParser parser(small);
    std::string outcome;
    for (std::size_t at = 0; at < wire.size(); at += piece) {
        std::string bytes(wire.substr(at, piece));
        std::span<char> input(bytes);
        while (!input.empty()) {
            parser.take(input);
            if (parser.state() == RequestParser::State::refused)
                return outcome + std::to_string(parser.refusal().status);
            if (parser.state() != RequestParser::State::whole) break;
            const HttpIncoming& request = parser.request();
            outcome += std::string(request.method) + " " + request.path + "?" + std::string(request.query) + " [" +
                       request.body + "]" + (parser.keeps_alive() ? "" : " close") + "; ";
            parser.reset();
        }
        EXPECT_TRUE(input.empty());
    }
    return outcome;
}

void expect(std::string_view wire, std::string_view outcome) {
    EXPECT_EQ(outcome_of(wire, wire.size()), outcome) << wire;
    for (const std::size_t piece : {1U, 2U, 3U, 7U}) EXPECT_EQ(outcome_of(wire, piece), outcome) << piece << wire;
}

constexpr std::string_view host = "Host: x\r\n";
std::string get(std::string_view fields) { return "GET / HTTP/1.1\r\n" + std::string(fields) + "\r\n"; }
std::string post(std::string_view fields, std::string_view body) {
    return "POST / HTTP/1.1\r\n" + std::string(host) + std::string(fields) + "\r\n" + std::string(body);
}
std::string chunked(std::string_view body) { return post("Transfer-Encoding: chunked\r\n", body); }
std::string target(std::string_view text) { return "GET " + std::string(text) + " HTTP/1.1\r\nHost: x\r\n\r\n"; }

TEST(RequestParser, reads_well_formed_requests) {
    expect("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "GET /? []; ");
    expect("\r\nGET /a%20b?c=%20d HTTP/1.1\r\nhOsT:x:80\r\n\r\n", "GET /a b?c=%20d []; ");
    expect(post("Content-Length: 5\r\n", "hello"), "POST /? [hello]; ");
    expect(post("Content-Length: 0\r\n", ""), "POST /? []; ");
    expect(chunked("5\r\nhello\r\n0\r\n\r\n"), "POST /? [hello]; ");
    expect(chunked("3;a=\"b\"\r\nhel\r\n02\r\nlo\r\n000\r\nX-Trailer: y\r\n\r\n"), "POST /? [hello]; ");
    expect(post("TRANSFER-ENCODING:\tChunked \r\n", "A\r\n0123456789\r\n0\r\n\r\n"), "POST /? [0123456789]; ");
    expect(get("Host: x\r\nConnection: foo, Close\r\n"), "GET /? [] close; ");
    expect("GET / HTTP/1.0\r\n\r\n", "GET /? [] close; ");
    expect("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "GET /? []; ");
    expect("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", "OPTIONS *? []; ");
    expect(target("http://X/y?z"), "GET /y?z []; ");
    expect(target("http://x"), "GET /? []; ");
    expect(target("/a//b/../c?d?e"), "GET /a//b/../c?d?e []; ");
    expect(get("Host: [::1]:8484\r\n"), "GET /? []; ");
    expect(get("Host: x\r\nX: \xC3\xA4\t b \r\nEmpty:\r\n"), "GET /? []; ");
}

TEST(RequestParser, separates_pipelined_requests) {
    expect(post("Content-Length: 2\r\n", "ab") + chunked("1\r\nc\r\n0\r\n\r\n") + target("/last"),
           "POST /? [ab]; POST /? [c]; GET /last? []; ");
}

TEST(RequestParser, refuses_what_two_readers_could_understand_differently) {
    const std::vector<std::string> bad_requests{
        post("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        post("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n", "0\r\n\r\n"),
        post("Content-Length: 1\r\nContent-Length: 1\r\n", "a"),
        post("Content-Length: 1\r\nContent-Length: 2\r\n", "a"),
        post("Content-Length: 1, 1\r\n", "a"),
        post("Content-Length: +1\r\n", "a"),
        post("Content-Length: -1\r\n", "a"),
        post("Content-Length: 0x1\r\n", "a"),
        post("Content-Length: 1_0\r\n", "a"),
        post("Content-Length: 1 0\r\n", "a"),
        post("Content-Length:\r\n", "a"),
        post("Content-Length: 18446744073709551617\r\n", "a"),
        post("Content-Length : 1\r\n", "a"),
        post("Content-Length\t: 1\r\n", "a"),
        post("X: y\r\n folded\r\n", ""),
        post("X: y\r\n\tContent-Length: 1\r\n", "a"),
        post(" X: y\r\n", ""),
        post("X: a\rb\r\n", ""),
        post("X: a\r\r\n", ""),
        post("X: a\nY: b\r\n", ""),
        post(std::string_view("X: a\0b\r\n", 8), ""),
        post("X: a\x01\r\n", ""),
        post("X\x80: a\r\n", ""),
        post("no colon\r\n", ""),
        post(": no name\r\n", ""),
        "GET / HTTP/1.1\nHost: x\n\n",
        "GET / HTTP/1.1\r\nHost: x\r\n\n",
        "\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    };
    for (const std::string& wire : bad_requests) expect(wire, "400");
}

TEST(RequestParser, refuses_bad_hosts_targets_and_request_lines) {
    for (const std::string_view fields : {"", "Host: x\r\nHost: x\r\n", "Host: a b\r\n", "Host: a/b\r\n", "Host:\r\n",
                                          "Host: u@h\r\n", "Host: a,b\r\n"})
        expect(get(fields), "400");
    for (const std::string_view text : {"x", "*", "http//x", "ftp://x/", "/a b", "/\x7f", "/\xC3\xA4", "/#a", "/%zz",
                                        "/%0d%0aX:y", "/%00", "http://other/", "http:///", "x:443", "/a\rb"})
        expect(target(text), "400");
    for (const std::string_view line :
         {"GET /", "GET  / HTTP/1.1", "GET / HTTP/1.1 ", " GET / HTTP/1.1", "GET\t/\tHTTP/1.1", "G@T / HTTP/1.1",
          "GET / http/1.1", "GET / HTTP/1,1", "GET / HTTP/11", "/ HTTP/1.1", "GET / HTTP/1.1x",
          "AVERYLONGMETHODTHATNOBODYHASEVERHEARDOF / HTTP/1.1"})
        expect(std::string(line) + "\r\nHost: x\r\n\r\n", "400");
    for (const std::string_view version : {"HTTP/2.0", "HTTP/0.9", "HTTP/1.2", "HTTP/3.1"})
        expect("GET / " + std::string(version) + "\r\nHost: x\r\n\r\n", "505");
    expect("CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n", "501");
}

TEST(RequestParser, refuses_other_transfer_codings_and_expectations) {
    for (const std::string_view coding : {"gzip", "chunked, gzip", "gzip, chunked", "chunked, chunked", "xchunked",
                                          "identity", "chunked;a=b", "\"chunked\"",
                                          "\x0b"
                                          "chunked",
                                          ""})
        expect(post("Transfer-Encoding: " + std::string(coding) + "\r\n", "0\r\n\r\n"),
               coding.starts_with('\x0b') ? "400" : "501");
    expect(post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), "501");
    expect(post("Expect: 200-maybe\r\nContent-Length: 1\r\n", "a"), "417");
}

TEST(RequestParser, refuses_broken_chunks) {
    for (const std::string_view body :
         {"-2\r\nab\r\n", "+2\r\nab\r\n", "0x2\r\nab\r\n", "1_0\r\nab\r\n", " 2\r\nab\r\n", "2 \r\nab\r\n",
          "2x\r\nab\r\n", "\r\nab\r\n", "g\r\nab\r\n", "2\nab\r\n", "2\r\nab\n", "2\r\nabc\r\n", "2;a\rb\r\nab\r\n",
          "2;a\x01\r\nab\r\n", "10000000000000000\r\nab\r\n", "0\r\nno trailer\r\n\r\n", "0\r\nX: y\n\r\n", "0\r\n\n"})
        expect(chunked(body), "400");
    expect(chunked("1;" + std::string(300, 'a') + "\r\n"), "400");
    std::string trailers = "0\r\n";
    for (int i = 0; i < 900; ++i) trailers += "X: 12345678\r\n";
    expect(chunked(trailers), "400");
}

TEST(RequestParser, keeps_its_limits) {
    expect(get("Host: x\r\nX: " + std::string(200, 'a') + "\r\n"), "431");
    expect("GET /" + std::string(300, 'a'), "431");
    expect(get("Host: x\r\nA:1\r\nB:1\r\nC:1\r\nD:1\r\n"), "GET /? []; ");
    expect(get("Host: x\r\nA:1\r\nB:1\r\nC:1\r\nD:1\r\nE:1\r\n"), "431");
    expect(post("Content-Length: 32\r\n", std::string(32, 'a')), "POST /? [" + std::string(32, 'a') + "]; ");
    expect(post("Content-Length: 33\r\n", ""), "413");
    expect(chunked("20\r\n" + std::string(32, 'a') + "\r\n0\r\n\r\n"), "POST /? [" + std::string(32, 'a') + "]; ");
    expect(chunked("20\r\n" + std::string(32, 'a') + "\r\n1\r\na"), "413");
    expect(chunked("fffffffffffffff\r\n" + std::string(40, 'a')), "413");
}

TEST(RequestParser, never_merges_trailers) {
    RequestParser parser(small);
    std::string wire = chunked("0\r\nAuthorization: mine\r\n\r\n");
    std::span<char> input(wire);
    ASSERT_EQ(parser.take(input), RequestParser::State::whole);
    EXPECT_EQ(parser.request().header("authorization"), "");
    EXPECT_EQ(parser.request().header("TRANSFER-encoding"), "chunked");
}

TEST(RequestParser, tells_once_that_a_client_waits_to_send_its_body) {
    RequestParser parser(small);
    std::string wire = post("Expect: 100-Continue\r\nContent-Length: 1\r\n", "");
    std::span<char> input(wire);
    ASSERT_EQ(parser.take(input), RequestParser::State::body);
    EXPECT_TRUE(parser.take_expectation());
    EXPECT_FALSE(parser.take_expectation());
}

}  // namespace
}  // namespace evenkeel::http
