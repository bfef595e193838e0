#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/ids.hpp"
#include "core/message.hpp"

namespace evenkeel {

/// What became of one request of the HTTP API, for those who count and explain. Views live for the call only. Holds no
/// message text: what providers say in their errors is left out too, only its class and code stay.
struct RequestRecord {
    Id id;             ///< The x-request-id.
    WallTime ended{};  ///< When it was over.
    std::string_view method;
    std::string_view route;        ///< The pattern, such as "/v1/models/", never the caller's own path; empty: none.
    std::string_view key;          ///< The name of the caller's key; empty: none.
    std::string_view model_asked;  ///< As the caller wrote it; empty: left to us.
    bool streamed = false;
    bool degraded = false;         ///< Not the first provider of the route answered.
    int status = 0;                ///< Of the reply; 0: the caller left before there was one.
    const Error* error = nullptr;  ///< What the caller was told instead of an answer, or in the middle of one.
    std::span<const Attempt> attempts;
    std::optional<std::size_t> won;  ///< Which of `attempts` answered.
    Millis took{0};
    std::uint64_t bytes_in = 0, bytes_out = 0;  ///< Of the bodies.

    const Attempt* winner() const noexcept { return won ? &attempts[*won] : nullptr; }
};

/// From the request's start to the first content that its caller could see; empty where there was none.
std::optional<Millis> first_content_after(const RequestRecord& record) noexcept;

/// Appends the record as one JSON object without a line's end:
/// {time, id, method, route, status, key, model, stream, provider, answered_model, degraded, ms, first_content_ms,
/// tokens{input, output, estimated}, cost_usd, bytes_in, bytes_out, error{class, code}, attempts[{provider, model,
/// outcome, class, code, http_status, ms, first_content_ms, retry_after_ms, tokens{…}, cost_usd, probe}]}. What is
/// unknown is null; cost_usd is that of all tries together.
void append_record(std::string& out, const RequestRecord& record);

}  // namespace evenkeel
