#include "telemetry/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <map>
#include <utility>

namespace evenkeel {
namespace {

/// Seconds. From what a relay adds up to what a large answer takes.
const prometheus::Histogram::BucketBoundaries buckets{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
                                                      1,     2.5,  5,     10,   30,  60,   120};

double seconds(Millis span) noexcept { return static_cast<double>(span.count()) / 1000; }

/// Compares strings with views, alone and in pairs.
struct Less {
    using is_transparent = void;
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
        return a < b;
    }
    template <class A, class B, class C, class D>
    bool operator()(const std::pair<A, B>& a, const std::pair<C, D>& b) const {
        return a.first < b.first || (!(b.first < a.first) && a.second < b.second);
    }
};

/// Finds by views what the library would look up by a map of strings: a request allocates nothing.
template <class Key, class Metric>
class Known {
public:
    template <class Lookup, class Make>
    Metric& get(const Lookup& key, const Make& make) {
        const auto found = known_.find(key);
        return found != known_.end() ? *found->second : *known_.emplace(Key(key), &make()).first->second;
    }

private:
    std::map<Key, Metric*, Less> known_;
};

using RouteAndStatus = std::pair<std::string, int>;

}  // namespace

struct Metrics::Impl {
    explicit Impl(std::string_view version) {
        prometheus::BuildGauge()
            .Name("evenkeel_build_info")
            .Help("Always 1; the version is a label.")
            .Register(registry)
            .Add({{"version", std::string(version)}})
            .Set(1);
    }

    prometheus::Family<prometheus::Counter>& counter(const char* name, const char* help) {
        return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
    }
    prometheus::Family<prometheus::Gauge>& gauge(const char* name, const char* help) {
        return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
    }
    prometheus::Family<prometheus::Histogram>& histogram(const char* name, const char* help) {
        return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
    }

    void count_attempt(const Attempt& attempt) {
        const std::string_view outcome = attempt.error && attempt.outcome != Attempt::Outcome::answered
                                             ? to_string(attempt.error->cls)
                                             : to_string(attempt.outcome);
        tries
            .get(std::pair(std::string_view(attempt.provider), outcome),
                 [&]() -> prometheus::Counter& {
                     return tries_family.Add({{"provider", attempt.provider}, {"outcome", std::string(outcome)}});
                 })
            .Increment();
        if (attempt.usage) {
            add_tokens(attempt.provider, "input", attempt.usage->input);
            add_tokens(attempt.provider, "output", attempt.usage->output);
        }
        if (attempt.cost_usd)
            cost.get(std::string_view(attempt.provider),
                     [&]() -> prometheus::Counter& { return cost_family.Add({{"provider", attempt.provider}}); })
                .Increment(*attempt.cost_usd);
        if (attempt.first_content_after)
            first_content
                .get(std::string_view(attempt.provider),
                     [&]() -> prometheus::Histogram& {
                         return first_content_family.Add({{"provider", attempt.provider}}, buckets);
                     })
                .Observe(seconds(*attempt.first_content_after));
    }

    void add_tokens(const std::string& provider, std::string_view direction, std::int64_t amount) {
        if (amount <= 0) return;
        tokens
            .get(std::pair(std::string_view(provider), direction),
                 [&]() -> prometheus::Counter& {
                     return tokens_family.Add({{"provider", provider}, {"direction", std::string(direction)}});
                 })
            .Increment(static_cast<double>(amount));
    }

    /// The library's counters only grow by steps; what was counted elsewhere is brought up to its value.
    static void raise(prometheus::Counter& counter, std::int64_t to) {
        const double missing = static_cast<double>(to) - counter.Value();
        if (missing > 0) counter.Increment(missing);
    }

    prometheus::Registry registry;
    prometheus::Family<prometheus::Counter>& requests_family =
        counter("evenkeel_requests_total", "Requests of the HTTP API by route and status; status 0: the caller left.");
    prometheus::Family<prometheus::Histogram>& seconds_family =
        histogram("evenkeel_request_seconds", "From a request to the end of its reply.");
    prometheus::Family<prometheus::Counter>& tries_family =
        counter("evenkeel_tries_total", "Tries at providers for requests of the HTTP API, by how they ended.");
    prometheus::Family<prometheus::Histogram>& first_content_family =
        histogram("evenkeel_first_content_seconds", "From the start of a try to its first content.");
    prometheus::Family<prometheus::Counter>& tokens_family =
        counter("evenkeel_tokens_total", "Tokens of requests of the HTTP API, losers and estimates included.");
    prometheus::Family<prometheus::Counter>& cost_family =
        counter("evenkeel_cost_usd_total", "Known cost of requests of the HTTP API, losers included.");
    prometheus::Counter& degraded =
        counter("evenkeel_degraded_total", "Requests that not the first provider of the route answered.").Add({});
    prometheus::Family<prometheus::Gauge>& up_family =
        gauge("evenkeel_provider_up", "1 while calls are let through to the provider.");
    prometheus::Family<prometheus::Counter>& calls_family =
        counter("evenkeel_provider_calls_total", "Calls let through to the provider, from every surface.");
    prometheus::Family<prometheus::Counter>& failures_family =
        counter("evenkeel_provider_failures_total", "Of these, failures that count against it.");
    prometheus::Family<prometheus::Counter>& probes_family =
        counter("evenkeel_provider_probes_total", "Of these, probes.");
    prometheus::Family<prometheus::Gauge>& queue_family =
        gauge("evenkeel_queue_messages", "Questions in the durable queue, by state.");
    prometheus::Gauge& oldest =
        gauge("evenkeel_queue_oldest_seconds", "Age of the oldest question without an answer; 0: none waits.").Add({});
    prometheus::Gauge& resident = gauge("evenkeel_resident_memory_bytes", "Memory that this process holds.").Add({});

    Known<RouteAndStatus, prometheus::Counter> requests;
    Known<std::string, prometheus::Histogram> request_seconds;
    Known<std::pair<std::string, std::string>, prometheus::Counter> tries, tokens;
    Known<std::string, prometheus::Counter> cost;
    Known<std::string, prometheus::Histogram> first_content;
};

Metrics::Metrics(std::string_view version) : impl_(std::make_unique<Impl>(version)) {}
Metrics::~Metrics() = default;

void Metrics::count(const RequestRecord& record) {
    const std::string_view route = record.route.empty() ? "none" : record.route;
    impl_->requests
        .get(std::pair(route, record.status),
             [&]() -> prometheus::Counter& {
                 return impl_->requests_family.Add(
                     {{"route", std::string(route)}, {"status", std::to_string(record.status)}});
             })
        .Increment();
    impl_->request_seconds
        .get(route,
             [&]() -> prometheus::Histogram& {
                 return impl_->seconds_family.Add({{"route", std::string(route)}}, buckets);
             })
        .Observe(seconds(record.took));
    for (const Attempt& attempt : record.attempts) impl_->count_attempt(attempt);
    if (record.degraded) impl_->degraded.Increment();
}

std::string Metrics::text(std::span<const ProviderFigures> providers, const QueueFigures& queue,
                          std::size_t resident_bytes) {
    for (const ProviderFigures& each : providers) {
        const prometheus::Labels labels{{"provider", std::string(each.name)}};
        impl_->up_family.Add(labels).Set(each.well ? 1 : 0);
        Impl::raise(impl_->calls_family.Add(labels), each.calls);
        Impl::raise(impl_->failures_family.Add(labels), each.failures);
        Impl::raise(impl_->probes_family.Add(labels), each.probes);
    }
    const auto set = [&](const char* state, std::int64_t value) {
        impl_->queue_family.Add({{"state", state}}).Set(static_cast<double>(value));
    };
    set("queued", queue.queued);
    set("working", queue.working);
    set("undelivered", queue.undelivered);
    set("dead", queue.dead);
    impl_->oldest.Set(queue.oldest ? seconds(*queue.oldest) : 0);
    impl_->resident.Set(static_cast<double>(resident_bytes));
    return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

}  // namespace evenkeel
