#include "net/sse_parser.hpp"

namespace evenkeel {
namespace {

using testing::ElementsAre;

/// What a stream gave, one line an event, so that a table can say it.
struct Outcome {
    std::vector<std::string> events;
    std::uint64_t comments = 0;
    bool failed = false;
    bool operator==(const Outcome&) const = default;
};

void PrintTo(const Outcome& outcome, std::ostream* out) {
    *out << testing::PrintToString(outcome.events) << " comments " << outcome.comments << " failed " << outcome.failed;
}

void collect(Outcome& outcome, const Result<std::span<const SseEvent>>& given) {
    if (!given) {
        outcome.failed = true;
        return;
    }
    for (const SseEvent& event : *given)
        outcome.events.push_back(std::string(event.name) + "|" + std::string(event.data));
}

/// Feeds the pieces from buffers that die at once, so that a view kept too long is found by ASan.
Outcome parse(const std::vector<std::string_view>& pieces, SseLimits limits = {}) {
    SseParser parser(limits);
    Outcome outcome;
    for (const std::string_view piece : pieces) {
        const auto copy = std::make_unique<std::string>(piece);
        collect(outcome, parser.feed(*copy));
    }
    collect(outcome, parser.finish());
    outcome.comments = parser.comments();
    return outcome;
}

std::vector<std::string_view> bytes_of(std::string_view text) {
    std::vector<std::string_view> pieces;
    for (std::size_t i = 0; i < text.size(); ++i) pieces.push_back(text.substr(i, 1));
    return pieces;
}

struct Case {
    std::string_view stream;
    std::vector<std::string> events;
    std::uint64_t comments = 0;
    bool failed = false;
};

constexpr SseLimits small{.line_bytes_max = 40, .event_bytes_max = 24};

const std::vector<Case>& cases() {
    static const std::vector<Case> table{
        {"data: a\n\n", {"|a"}},
        {"data: a\r\n\r\ndata: b\r\n\r\n", {"|a", "|b"}},
        {"data: a\r\rdata: b\r\r", {"|a", "|b"}},
        {"data: a\n\r\ndata: b\r\n\ndata: c\r\n\r", {"|a", "|b", "|c"}},
        {"data: a\r\r\ndata: b\n\r", {"|a", "|b"}},
        {"data:a\n\ndata:  b\n\n", {"|a", "| b"}},
        {"event: ping\ndata: {}\n\ndata: x\n\n", {"ping|{}", "|x"}},
        {"data: x\nevent: late\n\n", {"late|x"}},
        {"event: ping\n\ndata: x\n\n", {"|x"}},
        {"event: ping\ndata:\n\ndata: x\n\n", {"|x"}},
        {"data: 1\ndata: 2\ndata: 3\n\ndata: 4\n\n", {"|1\n2\n3", "|4"}},
        {"data: 1\ndata: 2\n\ndata: 3\ndata: 4\n\n", {"|1\n2", "|3\n4"}},
        {"data\ndata: x\n\n", {"|\nx"}},
        {"data\n\ndata: \n\n", {}},
        {"\xEF\xBB\xBF"
         "data: a\n\n\xEF\xBB\xBF"
         "data: b\n\n",
         {"|a"}},
        {"\xEF\xBB\xBF: hi\ndata: a\n\n", {"|a"}, 1},
        {": OPENROUTER PROCESSING\n\n: again\ndata: a\n:\n\n", {"|a"}, 3},
        {"retry: 3000\nid: 7\n\nid: 8\ndata: a\nfoo: bar\nwithout\n\n", {"|a"}},
        {"error: {\"code\":400}\n\ndata: [DONE]\n\n", {"error|{\"code\":400}", "|[DONE]"}},
        {"data: {\"a\":1}\n\ndata: [DONE]", {"|{\"a\":1}", "|[DONE]"}},
        {"data: a\n", {"|a"}},
        {"event: x\ndata: a\r", {"x|a"}},
        {": only", {}, 1},
        {"data: \xE2\x82\xAC\xF0\x9F\x98\x80\n\n", {"|\xE2\x82\xAC\xF0\x9F\x98\x80"}},
        {"data: a:b: c\n\nevent:e\ndata:d\n\nevent:f\ndata:g\n\nevent: h", {"|a:b: c", "e|d", "f|g"}},
        {" data: no\n\nDATA: no\n\ndata : no\n\n", {}},
        {"\n\r\n\r\r\n", {}},
        {"", {}},
        {"data: ok\n\ndata: 0123456789012345678901234567890123456789\n\n", {"|ok"}, 0, true},
        {"data: 012345678901\ndata: 012345678901\n\n", {}, 0, true},
        {"data: 012345678901\ndata: 01234567890\n\n", {"|012345678901\n01234567890"}},
        {"data: ok\n\n: a comment that is longer than a line may be\n", {"|ok"}, 0, true},
    };
    return table;
}

TEST(SseParser, gives_what_the_table_says) {
    for (const Case& each : cases()) {
        const Outcome expected{each.events, each.comments, each.failed};
        EXPECT_EQ(parse({each.stream}, small), expected) << each.stream;
    }
}

TEST(SseParser, gives_the_same_at_every_split_and_byte_by_byte) {
    for (const Case& each : cases()) {
        const Outcome expected{each.events, each.comments, each.failed};
        EXPECT_EQ(parse(bytes_of(each.stream), small), expected) << each.stream;
        for (std::size_t a = 0; a <= each.stream.size(); ++a)
            for (std::size_t b = a; b <= each.stream.size(); ++b)
                EXPECT_EQ(parse({each.stream.substr(0, a), each.stream.substr(a, b - a), each.stream.substr(b)}, small),
                          expected)
                    << each.stream << " split at " << a << " and " << b;
    }
}

TEST(SseParser, copies_nothing_of_an_event_that_lies_within_one_read) {
    const std::string read = "event: x\ndata: one\n\n: c\n\ndata: two\r\n\r\n";
    SseParser parser;
    const auto events = parser.feed(read);
    ASSERT_TRUE(events);
    ASSERT_EQ(events->size(), 2U);
    for (const SseEvent& event : *events) {
        EXPECT_GE(event.data.data(), read.data());
        EXPECT_LT(event.data.data(), read.data() + read.size());
    }
}

TEST(SseParser, gives_the_events_before_an_oversized_line_and_then_the_error_for_ever) {
    SseParser parser(small);
    const auto first = parser.feed("data: ok\n\ndata: 0123456789012345678901234567890123456789");
    ASSERT_TRUE(first);
    EXPECT_EQ(first->size(), 1U);
    EXPECT_EQ(parser.feed("data: x\n\n").error().cls, ErrorClass::bad_answer);
    EXPECT_EQ(parser.feed("data: x\n\n").error().code, "event_too_long");
    EXPECT_FALSE(parser.finish());
}

TEST(SseParser, takes_a_line_of_many_megabytes_in_pieces) {
    const std::string line = "data: " + std::string(8 * 1024 * 1024, 'x') + "\n\n";
    SseParser parser;
    std::size_t bytes = 0;
    for (std::size_t at = 0; at < line.size(); at += 65'536) {
        const auto events = parser.feed(std::string_view(line).substr(at, 65'536));
        ASSERT_TRUE(events);
        for (const SseEvent& event : *events) bytes += event.data.size();
    }
    EXPECT_EQ(bytes, 8U * 1024 * 1024);
}

}  // namespace
}  // namespace evenkeel
