#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/time.hpp"

namespace evenkeel {

/// What went wrong, in the words the program branches on and the operator reads. The same words stand in JSON,
/// logs and metrics (`to_string`). Who may retry what: docs/failure-matrix.md.
enum class ErrorClass : std::uint8_t {
    transient,   ///< Refused, reset, 408, 500, 502, 504, early end: the next provider, later the same one.
    overload,    ///< 429, 503, 529, busy, a full queue: as transient, but not before `retry_after`.
    silent,      ///< No headers, no first content, a stall: never waited for twice.
    account,     ///< 401, 402, 403, daily limit, wrong certificate: an operator must act.
    request,     ///< The request itself is wrong: nobody else is asked.
    capacity,    ///< Too long for this model, or it cannot see images: only a fitting model.
    policy,      ///< Refused for its content: never routed around.
    model_gone,  ///< The model is not there.
    bad_answer,  ///< Empty, HTML, broken JSON, cut short: an answer that is none.
    cancelled,   ///< The caller left or took it back.
    internal,    ///< A defect of ours.
    storage,     ///< The store could not keep or find what it must. Nothing was written.
};

/// Whose fault it is. Breakers count only `provider`.
enum class Origin : std::uint8_t { provider, caller, self };

/// What the error is known to hold for: the smallest thing that must be avoided until it is mended.
enum class Scope : std::uint8_t { none, provider, credential, model, request };

struct Error {
    ErrorClass cls = ErrorClass::internal;
    Origin origin = Origin::self;
    Scope scope = Scope::none;
    int http_status = 0;                ///< As received; 0 where there was none.
    std::string code;                   ///< The provider's own code, or ours ("queue_full", "not_found"); may be empty.
    std::optional<Millis> retry_after;  ///< A floor: never asked again before. Set by whoever sent the error.
    std::string detail;  ///< One line for people: what, where, how to mend it. No secret, no message text. ≤ 512 bytes.
};

/// Every fallible call returns this; nothing throws across a module border. Derived from std::expected only to be
/// [[nodiscard]], so that a dropped result or a dropped `co_await` is a warning, and warnings are errors.
template <class T>
class [[nodiscard]] Result : public std::expected<T, Error> {
public:
    using std::expected<T, Error>::expected;
    Result(std::expected<T, Error> plain) : std::expected<T, Error>(std::move(plain)) {}
};

inline std::unexpected<Error> fail(Error error) { return std::unexpected<Error>(std::move(error)); }

/// A failure of the provider that was asked.
std::unexpected<Error> provider_fault(ErrorClass cls, Scope scope, std::string detail, std::string code = {});
/// A mistake in what the caller asked for: class `request` unless it says otherwise.
std::unexpected<Error> caller_fault(std::string detail, std::string code = {}, ErrorClass cls = ErrorClass::request);
/// A failure of this process or its disk.
std::unexpected<Error> own_fault(ErrorClass cls, std::string detail, std::string code = {});

std::string_view to_string(ErrorClass cls) noexcept;
std::string_view to_string(Origin origin) noexcept;
std::string_view to_string(Scope scope) noexcept;
/// The inverse of to_string; nothing for an unknown word.
std::optional<ErrorClass> error_class_from(std::string_view word) noexcept;
std::optional<Origin> origin_from(std::string_view word) noexcept;
std::optional<Scope> scope_from(std::string_view word) noexcept;

/// "transient (503 service_unavailable): upstream said …": one line for logs and terminals.
std::string describe(const Error& error);
/// The same for a person who asked a question: the sentence alone, without our words for it.
std::string in_words(const Error& error);

}  // namespace evenkeel
