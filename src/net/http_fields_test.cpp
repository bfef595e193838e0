#include "net/http_fields.hpp"

namespace evenkeel::http {
namespace {

using State = HeadReader::State;

/// The state in which the reader ends, fed piece by piece, and the head where it is whole.
std::pair<State, std::string> read(std::string_view wire, Manner manner, std::size_t piece) {
    HeadReader reader(manner, 20);
    State state = State::more;
    while (state == State::more && !wire.empty()) {
        std::string_view input = wire.substr(0, piece);
        wire.remove_prefix(input.size());
        state = reader.take(input);
    }
    return {state, state == State::whole ? std::string(reader.head()) : ""};
}

TEST(HeadReader, finds_the_end_in_pieces_of_any_size) {
    struct Case {
        std::string_view wire;
        State strict, lenient;
        std::string_view head = {};
    };
    for (const Case& each : {
             Case{"a\r\nb\r\n\r\nrest", State::whole, State::whole, "a\r\nb\r\n"},
             Case{"\r\na\r\n\r\n", State::whole, State::whole, "a\r\n"},
             Case{"\r\n\r\na\r\n\r\n", State::bad_line, State::bad_line},
             Case{"a\nb\n\n", State::bad_line, State::whole, "a\nb\n"},
             Case{"a\r\n\n", State::bad_line, State::whole, "a\r\n"},
             Case{"a\r\nb\r\n", State::more, State::more},
             Case{"a\r\n012345678901234567890", State::too_big, State::too_big},
             Case{"a\r\n0123456789012\r\n\r\n", State::whole, State::whole, "a\r\n0123456789012\r\n"},
             Case{"a\r\n01234567890123\r\n\r\n", State::too_big, State::too_big},
         })
        for (std::size_t piece = 1; piece <= each.wire.size(); ++piece) {
            const auto strict = read(each.wire, Manner::strict, piece);
            EXPECT_EQ(strict.first, each.strict) << each.wire << piece;
            if (each.strict == State::whole) EXPECT_EQ(strict.second, each.head);
            const auto lenient = read(each.wire, Manner::lenient, piece);
            EXPECT_EQ(lenient.first, each.lenient) << each.wire << piece;
            if (each.lenient == State::whole) EXPECT_EQ(lenient.second, each.head);
        }
}

TEST(HeadReader, takes_nothing_beyond_the_head) {
    HeadReader reader(Manner::strict, 100);
    std::string_view input = "a\r\n\r\nb\r\n";
    ASSERT_EQ(reader.take(input), State::whole);
    EXPECT_EQ(input, "b\r\n");
    reader.reset();
    EXPECT_FALSE(reader.begun());
    EXPECT_EQ(reader.take(input), State::more);
    EXPECT_TRUE(reader.begun());
}

TEST(Fields, are_split_and_trimmed) {
    const auto field = parse_field("Name: \t value: x \t", Manner::strict);
    ASSERT_TRUE(field);
    EXPECT_EQ(field->name, "Name");
    EXPECT_EQ(field->value, "value: x");
    EXPECT_EQ(parse_field("Name : v", Manner::lenient)->name, "Name");
    for (const std::string_view bad : {"", "no colon", ": v", "a b: v", "N\r: v", "N: a\rb", "N: \x01", "N: \x7f"})
        for (const Manner manner : {Manner::strict, Manner::lenient}) EXPECT_FALSE(parse_field(bad, manner)) << bad;
    EXPECT_FALSE(parse_field("Name : v", Manner::strict));
}

TEST(Fields, give_lengths_only_for_plain_digits) {
    EXPECT_EQ(parse_length("0"), 0U);
    EXPECT_EQ(parse_length("18446744073709551615"), 18446744073709551615U);
    for (const std::string_view bad : {"", "-1", "+1", " 1", "1 ", "0x1", "1_0", "1,1", "18446744073709551616"})
        EXPECT_EQ(parse_length(bad), std::nullopt) << bad;
}

TEST(Fields, know_the_words_of_a_list) {
    EXPECT_TRUE(lists("a, Close ,b", "close"));
    EXPECT_TRUE(lists("close", "close"));
    for (const std::string_view list : {"", ",", "closed", "not close", "a;close"}) EXPECT_FALSE(lists(list, "close"));
}

TEST(Fields, are_written_only_where_they_cannot_break_the_head) {
    std::string head;
    EXPECT_TRUE(append_fields(head, {{"A", "1"}, {"B", ""}, {"C", "\xC3\xA4\tx"}}));
    EXPECT_EQ(head, "A: 1\r\nB: \r\nC: \xC3\xA4\tx\r\n");
    for (const HttpHeaders& bad : std::vector<HttpHeaders>{{{"A", "x\ny"}},
                                                           {{"A", "x\r"}},
                                                           {{"A:", "x"}},
                                                           {{"", "x"}},
                                                           {{"CONNECTION", "x"}},
                                                           {{"Content-Length", "1"}}})
        EXPECT_EQ(append_fields(head, bad).error().cls, ErrorClass::internal);
}

}  // namespace
}  // namespace evenkeel::http
