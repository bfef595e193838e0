#include "core/json_writer.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/json.hpp"

namespace evenkeel {
namespace {

TEST(JsonWriter, puts_commas_where_they_belong) {
    std::string out;
    JsonWriter json(out);
    json.object().member("a", 1).name("b").array().value("x").value(true).null().object().end_object().end_array();
    json.member("c", 0.5).end_object();
    EXPECT_EQ(out, R"({"a":1,"b":["x",true,null,{}],"c":0.5})");
}

TEST(JsonWriter, escapes_and_repairs_strings) {
    std::string out;
    append_json_string(out, std::string_view("q\"b\\n\n\x01\xff é", 11));
    EXPECT_EQ(out, "\"q\\\"b\\\\n\\n\\u0001\xEF\xBF\xBD é\"");
}

TEST(JsonWriter, what_it_writes_reads_back) {
    std::string text;
    for (int c = 0; c < 256; ++c) text += static_cast<char>(c);
    std::string out;
    append_json_string(out, text);
    JsonDoc doc;
    ASSERT_TRUE(doc.parse(out).has_value());
    EXPECT_EQ(doc.root().string()->substr(0, 128), text.substr(0, 128));
}

TEST(JsonWriter, numbers_that_json_cannot_hold_are_null) {
    std::string out;
    JsonWriter json(out);
    json.array().value(std::nan("")).value(std::numeric_limits<double>::infinity());
    json.value(std::numeric_limits<std::int64_t>::min()).value(std::uint64_t{18'446'744'073'709'551'615u}).end_array();
    EXPECT_EQ(out, "[null,null,-9223372036854775808,18446744073709551615]");
}

TEST(JsonWriter, large_numbers_are_not_taken_for_integers_that_no_reader_can_hold) {
    std::string out;
    JsonWriter json(out);
    json.array().value(132459872240225157120.0).value(-1e15).value(123456789.0).value(0.1).end_array();
    EXPECT_EQ(out, "[1.3245987224022516e+20,-1e+15,123456789,0.1]");
    JsonDoc doc;
    ASSERT_TRUE(doc.parse(out).has_value());
    EXPECT_EQ(doc.root().at(0).number(), 132459872240225157120.0);
}

}  // namespace
}  // namespace evenkeel
