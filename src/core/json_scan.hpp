#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace evenkeel {

/// Where a text stops being JSON, and why.
struct JsonFlaw {
    std::size_t at = 0;     ///< Bytes before it.
    std::string_view what;  ///< "a comma or } is missing"; never a byte of the text.
};
/// "line 3, column 14: a comma or } is missing". Columns count bytes, from 1.
std::string describe(const JsonFlaw& flaw, std::string_view text);

/// Is told of each member of the outermost object: its name without the quotes, its value, both as written.
using JsonMemberSink = void (*)(void* context, std::string_view name, std::string_view value);

/// Reads one JSON object from end to end and keeps nothing of it: the whole grammar (RFC 8259), valid UTF-8, nesting
/// up to json_depth_max, nothing behind it but blanks. Unlike JsonDoc it tells where things stand in the text, so that
/// a member can be replaced in place. Nothing: the text is such an object. `is_utf8`: that was looked at before, for it
/// is a part of a text that was scanned.
std::optional<JsonFlaw> scan_json_object(std::string_view text, JsonMemberSink sink, void* context,
                                         bool is_utf8 = false);

/// The same with a callable: `(std::string_view name, std::string_view value)`.
template <class OnMember>
std::optional<JsonFlaw> scan_json_object(std::string_view text, OnMember&& on_member, bool is_utf8 = false) {
    using Callable = std::remove_reference_t<OnMember>;
    return scan_json_object(
        text,
        [](void* context, std::string_view name, std::string_view value) {
            (*static_cast<Callable*>(context))(name, value);
        },
        &on_member, is_utf8);
}

}  // namespace evenkeel
