#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "access/access.hpp"
#include "core/env.hpp"
#include "llm/provider.hpp"
#include "net/http_server.hpp"

namespace evenkeel {

class Gateway;

/// One request of the gateway while it is served, and the record of what happened. Made by the gateway, handed to the
/// endpoint; when it goes, also because the caller left, the gateway writes it down. One loop.
struct Exchange {
    Exchange(Gateway& of, const HttpIncoming& incoming, HttpResponder& to, Dialect speaks);
    ~Exchange();
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;

    Gateway& gateway;
    const HttpIncoming& request;
    HttpResponder& responder;
    Dialect dialect;                     ///< Of the route: in it errors are told.
    std::string_view route;              ///< The pattern that was served; empty: none fits the path.
    std::optional<Admission> admission;  ///< Empty: the route asks for no key, or nobody was let in.
    Instant began;

    /// The question as the providers' tree knows it: id, limits, and every try. `call.id` is the x-request-id.
    Call call;
    Id key;                          ///< Who asks; nil where no key is set.
    std::string rewritten;           ///< The body for chat, where the route takes another shape.
    std::optional<CallerBody> body;  ///< Of chat, once it was read: of the request, or `rewritten`.
    std::string_view model_asked;    ///< A view into the request or `body`.
    bool streamed = false;
    bool kept = false;               ///< It lies in the queue, which counts its tries itself.
    int status = 0;                  ///< Of the reply; 0: none was sent, the caller left first.
    std::optional<Error> error;      ///< What the caller was told instead of an answer, or in the middle of one.
    std::optional<std::size_t> won;  ///< Which of call.attempts answered.
    std::uint64_t bytes_out = 0;     ///< Of the body.
    std::string more_fields;         ///< Further header fields of the reply, lines that end in CR LF.

    /// The try that answered.
    const Attempt* winner() const noexcept { return won ? &call.attempts[*won] : nullptr; }
    /// Not the first provider of the route answered, and the caller did not ask for another one.
    bool is_degraded() const noexcept;
    /// Of the caller's key; empty where none was needed.
    std::string_view key_name() const noexcept { return admission ? admission->key_name() : std::string_view(); }
    /// Header fields of every reply: x-request-id, and once somebody answered x-evenkeel-provider, -model, -attempts,
    /// -degraded; then `more` and `also`, lines that end in CR LF. Valid until the gateway's next call of it: to be
    /// handed to the responder at once.
    FieldLines fields(std::string_view more, std::string_view also = {}) const;

    /// A whole reply.
    Task<Result<void>> answer(int http_status, std::string_view content_type, std::string_view text);
    Task<Result<void>> answer_json(int http_status, std::string_view json);
    /// The error in the dialect of the route, with the fields that tell when to come back.
    Task<Result<void>> refuse(Error why);
};

}  // namespace evenkeel
