#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace evenkeel {

/// Appends JSON to a string, commas in place. The caller keeps the grammar (a name before each member's value); strings
/// are escaped and made valid UTF-8 (a broken sequence becomes U+FFFD), numbers that JSON cannot hold become null.
///
///     JsonWriter json(out);
///     json.object().member("id", id).name("tags").array().value("a").end_array().end_object();
class JsonWriter {
public:
    explicit JsonWriter(std::string& out) noexcept : out_(out) {}

    JsonWriter& object() { return open('{'); }
    JsonWriter& end_object() { return close('}'); }
    JsonWriter& array() { return open('['); }
    JsonWriter& end_array() { return close(']'); }
    JsonWriter& name(std::string_view name);
    JsonWriter& value(std::string_view text);
    JsonWriter& value(const char* text) { return value(std::string_view(text)); }
    JsonWriter& value(bool truth);
    JsonWriter& value(std::int64_t number);
    JsonWriter& value(std::uint64_t number);
    JsonWriter& value(int number) { return value(static_cast<std::int64_t>(number)); }
    JsonWriter& value(unsigned number) { return value(static_cast<std::uint64_t>(number)); }
    /// Shortest form that reads back as the same double; null for NaN and infinities.
    JsonWriter& value(double number);
    JsonWriter& null();
    /// Text that is JSON already.
    JsonWriter& raw(std::string_view json);
    template <class T>
    JsonWriter& member(std::string_view key, const T& content) {
        name(key);
        return value(content);
    }

private:
    JsonWriter& open(char bracket);
    JsonWriter& close(char bracket);
    void separate();
    std::string& out_;
    bool need_comma_ = false;
};

/// Appends `text` as a JSON string, quotes included.
void append_json_string(std::string& out, std::string_view text);

}  // namespace evenkeel
