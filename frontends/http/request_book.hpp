#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "core/env.hpp"
#include "frontends/http/gateway.hpp"
#include "telemetry/access_log.hpp"
#include "telemetry/metrics.hpp"
#include "telemetry/request_ring.hpp"

namespace evenkeel {

/// Writes down every request of the gateway: for the metrics, the access log and `evenkeel explain`. One loop.
class RequestBook final : public ExchangeLog {
public:
    /// Requests that can be explained; some 2 KiB each.
    static constexpr std::size_t explained_max = 1'000;

    /// `log`: null where none is kept; it and `metrics` outlive the book.
    RequestBook(Env env, Metrics& metrics, AccessLog* log);
    void record(const Exchange& exchange) noexcept override;

    /// The record of a request by its x-request-id or the first ≥ 6 digits of it, as JSON. Errors: request "not_found"
    /// (never seen, or too long ago), "ambiguous", "bad_argument".
    Result<std::string> explain(std::string_view id) const;

private:
    Env env_;
    Metrics& metrics_;
    AccessLog* log_;
    RequestRing ring_;
};

}  // namespace evenkeel
