#include "llm/usual_chunk.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <system_error>

#include "core/json_scan.hpp"

namespace evenkeel {
namespace {

bool is_one_of(std::string_view name, std::span<const std::string_view> names) noexcept {
    return std::ranges::find(names, name) != names.end();
}

/// A string without escapes, its quotes taken off. False for anything else.
bool take_plain(std::string_view value, std::string_view& into) noexcept {
    if (value == "null") return true;
    if (!value.starts_with('"') || value.contains('\\')) return false;
    into = value.substr(1, value.size() - 2);
    return true;
}

bool take_number(std::string_view value, std::int64_t& into) noexcept {
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), into);
    return error == std::errc{} && end == value.data() + value.size();
}

/// One pass over the members of an object, as far as each of them is usual.
template <class OnMember>
bool scan(std::string_view object, bool is_whole, OnMember on_member) {
    bool usual = true;
    auto take = [&](std::string_view name, std::string_view value) { usual = usual && on_member(name, value); };
    const auto flaw = scan_json_object(object, take, !is_whole);
    return usual && !flaw;
}

class Reader {
public:
    std::optional<UsualChunk> read(std::string_view json) {
        constexpr std::array<std::string_view, 6> told_elsewhere{
            "id", "object", "created", "system_fingerprint", "service_tier", "obfuscation"};
        bool has_choices = false;
        const bool usual = scan(json, true, [&](std::string_view name, std::string_view value) {
            if (name == "choices") return has_choices = take_choices(value);
            if (name == "model") return take_plain(value, chunk_.model);
            if (name == "usage") return take_usage(value);
            return is_one_of(name, told_elsewhere) || value == "null";
        });
        return usual && has_choices ? std::optional(chunk_) : std::nullopt;
    }

private:
    /// One choice in brackets; a second one is a flaw in what is between them.
    bool take_choices(std::string_view value) {
        if (!value.starts_with('[')) return false;
        bool has_message = false;
        const bool usual =
            scan(value.substr(1, value.size() - 2), false, [&](std::string_view name, std::string_view inner) {
                if (name == "index") return inner == "0";
                if (name == "finish_reason") return take_plain(inner, chunk_.finish);
                if (name == "delta" || name == "message") return has_message = take_message(inner);
                return name == "logprobs" || inner == "null";
            });
        return usual && has_message;
    }

    bool take_message(std::string_view value) {
        return scan(value, false, [&](std::string_view name, std::string_view inner) {
            if (name == "content") return take_plain(inner, chunk_.content);
            if (name == "annotations") return inner == "[]";
            return name == "role" || inner == "null";
        });
    }

    bool take_usage(std::string_view value) {
        if (value == "null") return true;
        Usage usage;
        bool has_input = false;
        const bool usual = scan(value, false, [&](std::string_view name, std::string_view inner) {
            if (name == "prompt_tokens") return has_input = take_number(inner, usage.input);
            if (name == "completion_tokens") return take_number(inner, usage.output);
            return name != "cost";
        });
        if (usual && has_input) chunk_.usage = usage;
        return usual && has_input;
    }

    UsualChunk chunk_;
};

}  // namespace

std::optional<UsualChunk> read_usual_chunk(std::string_view json) { return Reader().read(json); }

}  // namespace evenkeel
