#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/time.hpp"
#include "telemetry/request_record.hpp"

namespace evenkeel {

/// A provider at the moment of a scrape.
struct ProviderFigures {
    std::string_view name;
    bool well = true;                                  ///< Calls are let through.
    std::int64_t calls = 0, failures = 0, probes = 0;  ///< Since this process began.
};

/// The queue at the moment of a scrape.
struct QueueFigures {
    std::int64_t queued = 0, working = 0, undelivered = 0, dead = 0;
    std::optional<Millis> oldest;  ///< Age of the oldest question without an answer; empty: none waits.
};

/// The figures of this process in the text format of Prometheus. Names and labels: docs/operating.md. Labels are
/// routes, statuses, configured providers and error classes, so their number is bounded; nothing that a caller wrote
/// becomes one. One loop.
class Metrics {
public:
    /// `version` is a label of evenkeel_build_info.
    explicit Metrics(std::string_view version);
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    /// Counts a request that is over. Allocates only for a combination of labels that is new.
    void count(const RequestRecord& record);
    /// One scrape.
    std::string text(std::span<const ProviderFigures> providers, const QueueFigures& queue, std::size_t resident_bytes);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace evenkeel
