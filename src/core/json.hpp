#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.hpp"

namespace evenkeel {

/// How deep JSON may nest; deeper is refused, so that no reader of ours recurses without bound.
inline constexpr std::size_t json_depth_max = 64;

/// A value inside a JsonDoc; valid as long as the document. Every accessor is total: the wrong kind, a missing member
/// and a number out of range give nothing, so a chain of look-ups needs no checks in between.
class Json {
public:
    enum class Kind : std::uint8_t { missing, null, boolean, number, string, array, object };
    Json() noexcept = default;

    Kind kind() const noexcept;
    bool is_missing() const noexcept { return kind() == Kind::missing; }
    /// Missing or null: most providers mean the same by both.
    bool is_nothing() const noexcept { return kind() <= Kind::null; }
    bool is_object() const noexcept { return kind() == Kind::object; }
    bool is_array() const noexcept { return kind() == Kind::array; }
    /// The member of that name (the first where a name repeats).
    Json operator[](std::string_view name) const noexcept;
    Json operator[](const char* name) const noexcept { return (*this)[std::string_view(name)]; }
    /// The element at that place.
    Json at(std::size_t index) const noexcept;
    /// Members or elements; 0 for other kinds.
    std::size_t size() const noexcept;

    std::optional<std::string_view> string() const noexcept;
    std::optional<bool> boolean() const noexcept;
    /// A whole number; 3.0 counts, 3.5 does not.
    std::optional<std::int64_t> integer() const noexcept;
    std::optional<double> number() const noexcept;
    std::string_view string_or(std::string_view other) const noexcept { return string().value_or(other); }
    std::int64_t integer_or(std::int64_t other) const noexcept { return integer().value_or(other); }

    /// The elements of an array, in order; none for other kinds.
    std::vector<Json> elements() const;
    /// The members of an object, in order; none for other kinds.
    std::vector<std::pair<std::string_view, Json>> members() const;
    /// The value as JSON text again, without blanks.
    std::string to_text() const;

private:
    friend class JsonDoc;
    Json(const void* document, std::size_t tape) noexcept : document_(document), tape_(tape) {}
    const void* document_ = nullptr;
    std::size_t tape_ = 0;
};

/// A parsed document; owns its text. Reuse one to parse many: its memory is kept.
class JsonDoc {
public:
    JsonDoc();
    ~JsonDoc();
    JsonDoc(JsonDoc&&) noexcept;
    JsonDoc& operator=(JsonDoc&&) noexcept;

    /// Parses one whole value; invalidates what an earlier parse gave.
    /// Errors: bad_answer/provider "invalid_json", the detail says what is wrong. Callers set origin and class to suit.
    Result<Json> parse(std::string_view text);
    Json root() const noexcept;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace evenkeel
