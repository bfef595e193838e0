#include "llm/caller_body.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "core/json.hpp"
#include "core/json_scan.hpp"

namespace evenkeel {
namespace {

/// Enough of the members to know the one that is wrong; the first wrong one is told.
class MemberReader {
public:
    explicit MemberReader(CallerBody& body) noexcept : body_(body) {}

    void take(std::string_view name, std::string_view value) {
        auto& slices = body_.slices;
        if (name == "model") {
            keep("model", slices.model, value);
        } else if (name == "messages") {
            keep("messages", slices.messages, value);
        } else if (name == "stream") {
            keep("stream", slices.stream, value);
        } else if (name == "stream_options") {
            keep("stream_options", slices.stream_options, value);
        } else if (name == "n") {
            keep("n", slices.n, value);
        } else if (name.contains('\\')) {
            // A name such as "mod\u0065l" would be read as another by whoever decodes it.
            escaped_name_ = escaped_name_ || hides_a_known_name(name);
        }
    }

    std::optional<Error> verdict() {
        if (!repeated_.empty())
            return caller_fault("'" + std::string(repeated_) + "' is given more than once", "duplicate_field").error();
        if (escaped_name_)
            return caller_fault("the name of a member is written with escapes; write it plainly", "invalid_value")
                .error();
        return std::nullopt;
    }

private:
    static bool hides_a_known_name(std::string_view name) {
        constexpr std::array known =
            std::to_array<std::string_view>({"model", "messages", "stream", "stream_options", "n"});
        JsonDoc document;
        const auto plain = document.parse('"' + std::string(name) + '"');
        // What cannot be decoded here might be decoded elsewhere.
        return !plain || std::ranges::find(known, plain->string_or("")) != known.end();
    }

    /// Two readers could take a repeated member for two different things.
    void keep(std::string_view name, std::string_view& slot, std::string_view value) {
        if (slot.data() != nullptr) repeated_ = name;
        slot = value;
    }
    CallerBody& body_;
    std::string_view repeated_;
    bool escaped_name_ = false;
};

std::unexpected<Error> wrong(std::string_view name, std::string_view what) {
    return caller_fault("'" + std::string(name) + "' must be " + std::string(what), "invalid_value");
}

bool is_nothing(std::string_view value) noexcept { return value.empty() || value == "null"; }

Result<void> read_model(CallerBody& body) {
    std::string_view value = body.slices.model;
    if (is_nothing(value)) return {};
    if (!value.starts_with('"')) return wrong("model", "a string");
    if (!value.contains('\\')) {
        body.model = value.substr(1, value.size() - 2);
        return {};
    }
    JsonDoc document;
    const auto text = document.parse(value);
    if (!text) return fail(text.error());
    body.model = text->string_or("");
    return {};
}

Result<void> read_usage_wish(CallerBody& body) {
    const std::string_view options = body.slices.stream_options;
    if (is_nothing(options)) return {};
    if (!options.starts_with('{')) return wrong("stream_options", "an object");
    const auto flaw = scan_json_object(options, [&](std::string_view name, std::string_view value) {
        if (name == "include_usage") body.slices.include_usage = value;
    });
    if (flaw) return fail(caller_fault("stream_options: " + describe(*flaw, options), "invalid_json").error());
    body.wants_usage = body.slices.include_usage == "true";
    return {};
}

Result<void> read_choices(CallerBody& body) {
    const std::string_view value = body.slices.n;
    if (is_nothing(value)) return {};
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), body.choices);
    if (error != std::errc{} || end != value.data() + value.size() || body.choices < 1 || body.choices > choices_max)
        return wrong("n", "a whole number from 1 to 128");
    return {};
}

}  // namespace

Result<CallerBody> parse_caller_body(Dialect dialect, std::string_view json) {
    CallerBody body{.dialect = dialect, .json = json};
    MemberReader reader(body);
    const auto flaw =
        scan_json_object(json, [&](std::string_view name, std::string_view value) { reader.take(name, value); });
    if (flaw) return caller_fault("the body is no JSON: " + describe(*flaw, json), "invalid_json");
    if (auto error = reader.verdict()) return fail(std::move(*error));
    // Ollama's callers load a model by asking nothing.
    if (dialect == Dialect::ollama && is_nothing(body.slices.messages)) body.slices.messages = "[]";
    if (body.slices.messages.data() == nullptr) return caller_fault("'messages' is missing", "missing_field");
    if (!body.slices.messages.starts_with('[')) return wrong("messages", "an array");
    const std::string_view stream = body.slices.stream;
    if (!is_nothing(stream) && stream != "true" && stream != "false") return wrong("stream", "true or false");
    body.stream = stream == "true" || (is_nothing(stream) && dialect == Dialect::ollama);
    if (auto read = read_model(body); !read) return fail(read.error());
    if (dialect == Dialect::ollama) return body;
    if (auto read = read_usage_wish(body); !read) return fail(read.error());
    if (auto read = read_choices(body); !read) return fail(read.error());
    return body;
}

}  // namespace evenkeel
