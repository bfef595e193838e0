// What we write is JSON, whatever it holds, and says what was put in.
#include <bit>
#include <cstring>
#include <string>
#include <vector>

#include "core/json.hpp"
#include "core/json_writer.hpp"
#include "core/text.hpp"
#include "fuzz/fuzz.hpp"

namespace evenkeel::fuzz {
namespace {

constexpr int depth_max = 12;
constexpr int values_max = 200;

/// Writes a value that the input chooses, and what a reader must find.
class Chooser {
public:
    Chooser(std::string_view input, std::string& out) : input_(input), json_(out) {}

    void value(int depth = 0) {
        const int kind = ++values_ > values_max ? 0 : take_byte(input_) % (depth < depth_max ? 8 : 6);
        switch (kind) {
            case 0: json_.null(); break;
            case 1: json_.value((take_byte(input_) & 1) != 0); break;
            case 2: json_.value(bits<std::int64_t>()); break;
            case 3: json_.value(bits<std::uint64_t>()); break;
            case 4: json_.value(bits<double>()); break;
            case 5: json_.value(take_text(input_, take_byte(input_))); break;
            case 6: array(depth); break;
            default: object(depth); break;
        }
    }

private:
    template <class T>
    T bits() {
        T number{};
        const std::string_view raw = take_text(input_, sizeof(T));
        std::memcpy(&number, raw.data(), raw.size());
        return number;
    }
    void array(int depth) {
        json_.array();
        for (int left = take_byte(input_) % 5; left > 0; --left) value(depth + 1);
        json_.end_array();
    }
    void object(int depth) {
        json_.object();
        for (int left = take_byte(input_) % 5; left > 0; --left) {
            json_.name(take_text(input_, take_byte(input_) % 32));
            value(depth + 1);
        }
        json_.end_object();
    }
    std::string_view input_;
    JsonWriter json_;
    int values_ = 0;
};

}  // namespace

void fuzz_one(std::string_view input) {
    std::string text;
    JsonWriter json(text);
    json.array().value(input);
    Chooser(input, text).value();
    // The second writer began anew, so the comma between the two values is ours.
    std::string first;
    append_json_string(first, input);
    require(text.starts_with("[" + first), "a string was written in two ways");
    text.insert(1 + first.size(), ",");
    text += "]";
    JsonDoc document;
    const auto root = document.parse(text);
    require(root.has_value(), "what was written is no JSON: " + text);
    const auto back = root->at(0).string();
    require(back.has_value(), "a string came back as something else");
    require_same(to_valid_utf8(input), *back, "a string came back changed");
    JsonDoc again;
    const std::string rewritten = root->to_text();
    const auto second = again.parse(rewritten);
    require(second.has_value(), "JSON as text again is no JSON");
    require_same(rewritten, second->to_text(), "JSON as text again changed");
}

}  // namespace evenkeel::fuzz
