#include "net/ndjson_parser.hpp"

namespace evenkeel {
namespace {

struct Outcome {
    std::vector<std::string> lines;
    bool failed = false;
    bool operator==(const Outcome&) const = default;
};

void PrintTo(const Outcome& outcome, std::ostream* out) {
    *out << testing::PrintToString(outcome.lines) << " failed " << outcome.failed;
}

void collect(Outcome& outcome, const Result<std::span<const std::string_view>>& given) {
    if (given)
        outcome.lines.insert(outcome.lines.end(), given->begin(), given->end());
    else
        outcome.failed = true;
}

constexpr std::size_t small = 24;

/// Feeds the pieces from buffers that die at once, so that a view kept too long is found by ASan.
Outcome parse(const std::vector<std::string_view>& pieces) {
    NdjsonParser parser(small);
    Outcome outcome;
    for (const std::string_view piece : pieces) {
        const auto copy = std::make_unique<std::string>(piece);
        collect(outcome, parser.feed(*copy));
    }
    collect(outcome, parser.finish());
    return outcome;
}

const std::vector<std::pair<std::string_view, Outcome>>& cases() {
    static const std::vector<std::pair<std::string_view, Outcome>> table{
        {"{\"a\":1}\n{\"b\":2}\n", {{"{\"a\":1}", "{\"b\":2}"}}},
        {"{\"a\":1}\r\n{\"b\":2}\r\n", {{"{\"a\":1}", "{\"b\":2}"}}},
        {"\n\r\n  \n{}\n\n{}", {{"{}", "{}"}}},
        {"{\"error\":\"x\"}", {{"{\"error\":\"x\"}"}}},
        {"\xEF\xBB\xBF{}\n{}\r", {{"{}", "{}"}}},
        {"\xF0\x9F\x98\x80\n", {{"\xF0\x9F\x98\x80"}}},
        {"", {}},
        {"\n", {}},
        {"012345678901234567890123\n{}", {{"012345678901234567890123", "{}"}}},
        {"{}\n0123456789012345678901234\n{}\n", {{"{}"}, true}},
        {"{}\n0123456789012345678901234", {{"{}"}, true}},
    };
    return table;
}

TEST(NdjsonParser, gives_the_same_at_every_split_and_byte_by_byte) {
    for (const auto& [stream, expected] : cases()) {
        std::vector<std::string_view> bytes;
        for (std::size_t i = 0; i < stream.size(); ++i) bytes.push_back(stream.substr(i, 1));
        EXPECT_EQ(parse(bytes), expected) << stream;
        for (std::size_t a = 0; a <= stream.size(); ++a)
            for (std::size_t b = a; b <= stream.size(); ++b)
                EXPECT_EQ(parse({stream.substr(0, a), stream.substr(a, b - a), stream.substr(b)}), expected)
                    << stream << " split at " << a << " and " << b;
    }
}

TEST(NdjsonParser, copies_nothing_of_a_line_that_lies_within_one_read) {
    const std::string read = "{\"a\":1}\n{\"b\":2}\n";
    NdjsonParser parser;
    const auto lines = parser.feed(read);
    ASSERT_TRUE(lines);
    ASSERT_EQ(lines->size(), 2U);
    EXPECT_EQ((*lines)[0].data(), read.data());
    EXPECT_EQ((*lines)[1].data(), read.data() + 8);
}

TEST(NdjsonParser, tells_of_a_line_over_the_limit_after_what_came_before_it) {
    NdjsonParser parser(small);
    const auto first = parser.feed("{}\n" + std::string(small + 1, 'x'));
    ASSERT_TRUE(first);
    EXPECT_EQ(first->size(), 1U);
    EXPECT_EQ(parser.feed("{}\n").error().code, "line_too_long");
    EXPECT_EQ(parser.finish().error().cls, ErrorClass::bad_answer);
}

}  // namespace
}  // namespace evenkeel
