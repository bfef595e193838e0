#include "frontends/http/request_book.hpp"

#include "core/ids.hpp"

namespace evenkeel {

RequestBook::RequestBook(Env env, Metrics& metrics, AccessLog* log)
    : env_(env), metrics_(metrics), log_(log), ring_(explained_max) {}

void RequestBook::record(const Exchange& exchange) noexcept {
    const Attempt* winner = exchange.winner();
    const RequestRecord record{
        .id = exchange.call.id,
        .ended = env_.wall(),
        .method = exchange.request.method,
        .route = exchange.route,
        .key = exchange.key_name(),
        .model_asked = exchange.model_asked,
        .streamed = exchange.streamed,
        .degraded = winner != nullptr && exchange.is_degraded(),
        .status = exchange.status,
        .error = exchange.error ? &*exchange.error : nullptr,
        .attempts = exchange.call.attempts,
        .won = exchange.won,
        .took = elapsed(exchange.began, env_.now()),
        .bytes_in = exchange.request.body.size(),
        .bytes_out = exchange.bytes_out,
    };
    std::string& line = ring_.put(record.id);
    append_record(line, record);
    if (log_ != nullptr) log_->write(line);
    metrics_.count(record);
}

Result<std::string> RequestBook::explain(std::string_view id) const {
    constexpr std::size_t candidates_max = 8;
    const auto prefix = parse_id_prefix(id);
    if (!prefix)
        return caller_fault("the id of a request is its x-request-id, or at least the first " +
                                std::to_string(id_prefix_digits_min) + " digits of it",
                            "bad_argument");
    const std::vector<Id> found = ring_.find(*prefix, candidates_max);
    if (found.empty())
        return caller_fault("no such request among the last " + std::to_string(explained_max) +
                                " of this process; the access log goes further back",
                            "not_found");
    if (found.size() > 1) {
        std::string all = "several requests begin so:";
        for (const Id& each : found) all += " " + to_string(each);
        return caller_fault(std::move(all), "ambiguous");
    }
    return std::string(*ring_.find(found.front()));
}

}  // namespace evenkeel
