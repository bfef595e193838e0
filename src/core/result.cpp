#include "core/result.hpp"

#include <array>

namespace evenkeel {
namespace {

constexpr std::array<std::string_view, 12> class_words{"transient",  "overload",  "silent",   "account",
                                                       "request",    "capacity",  "policy",   "model_gone",
                                                       "bad_answer", "cancelled", "internal", "storage"};
constexpr std::array<std::string_view, 3> origin_words{"provider", "caller", "self"};
constexpr std::array<std::string_view, 5> scope_words{"none", "provider", "credential", "model", "request"};

template <class Enum, std::size_t N>
std::optional<Enum> from_word(const std::array<std::string_view, N>& words, std::string_view word) {
    for (std::size_t i = 0; i < N; ++i)
        if (words[i] == word) return static_cast<Enum>(i);
    return std::nullopt;
}

constexpr std::size_t detail_bytes_max = 512;

std::unexpected<Error> make(ErrorClass cls, Origin origin, Scope scope, std::string detail, std::string code) {
    if (detail.size() > detail_bytes_max) detail.resize(detail_bytes_max);
    return std::unexpected<Error>(
        Error{.cls = cls, .origin = origin, .scope = scope, .code = std::move(code), .detail = std::move(detail)});
}

}  // namespace

std::unexpected<Error> provider_fault(ErrorClass cls, Scope scope, std::string detail, std::string code) {
    return make(cls, Origin::provider, scope, std::move(detail), std::move(code));
}
std::unexpected<Error> caller_fault(std::string detail, std::string code, ErrorClass cls) {
    return make(cls, Origin::caller, Scope::request, std::move(detail), std::move(code));
}
std::unexpected<Error> own_fault(ErrorClass cls, std::string detail, std::string code) {
    return make(cls, Origin::self, Scope::none, std::move(detail), std::move(code));
}

std::string_view to_string(ErrorClass cls) noexcept { return class_words[static_cast<std::size_t>(cls)]; }
std::string_view to_string(Origin origin) noexcept { return origin_words[static_cast<std::size_t>(origin)]; }
std::string_view to_string(Scope scope) noexcept { return scope_words[static_cast<std::size_t>(scope)]; }
std::optional<ErrorClass> error_class_from(std::string_view word) noexcept {
    return from_word<ErrorClass>(class_words, word);
}
std::optional<Origin> origin_from(std::string_view word) noexcept { return from_word<Origin>(origin_words, word); }
std::optional<Scope> scope_from(std::string_view word) noexcept { return from_word<Scope>(scope_words, word); }

std::string describe(const Error& error) {
    std::string text(to_string(error.cls));
    if (error.http_status != 0 || !error.code.empty()) {
        text += " (";
        if (error.http_status != 0) text += std::to_string(error.http_status);
        if (error.http_status != 0 && !error.code.empty()) text += ' ';
        text += error.code;
        text += ')';
    }
    if (!error.detail.empty()) text += ": " + error.detail;
    return text;
}

std::string in_words(const Error& error) { return error.detail.empty() ? describe(error) : error.detail; }

}  // namespace evenkeel
