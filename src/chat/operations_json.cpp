#include "chat/operations_json.hpp"

#include <algorithm>

#include "chat/figures.hpp"
#include "chat/turn_json.hpp"
#include "core/text.hpp"

namespace evenkeel {
namespace {

constexpr std::size_t question_columns_max = 200;

std::int64_t seconds(Millis span) { return std::chrono::round<Seconds>(std::max(span, Millis{0})).count(); }

void optional_seconds(JsonWriter& json, std::string_view name, std::optional<Millis> span) {
    json.name(name);
    if (span)
        json.value(seconds(*span));
    else
        json.null();
}

void optional_time(JsonWriter& json, std::string_view name, std::optional<WallTime> time) {
    json.name(name);
    if (time)
        json.value(format_wall(*time));
    else
        json.null();
}

/// When it will be tried: its own back-off, or that of the providers, whichever is longer.
std::optional<Millis> eta(const JobView& view, const QuestionTimes& times) {
    if (view.state != JobState::queued || !times.next_try) return std::nullopt;
    return std::max(*times.next_try, view.run_at.value_or(times.now) - times.now);
}

void write_details(JsonWriter& json, const JobView& view) {
    json.member("frontend", view.message.frontend).member("user", view.message.user);
    json.member("model", view.message.model).member("accepted_at", format_wall(view.accepted_at));
    json.member("expires_at", format_wall(view.expires_at));
    optional_time(json, "ended_at", view.ended_at);
    json.member("crashes", view.crashes).member("partial", view.partial);
    if (!view.answer) return;
    Answer answer = *view.answer;
    sum_up(answer);
    json.member("answer", answer.text).name("figures").object();
    write_answer(json, answer);
    json.end_object();
}

void write_lane(JsonWriter& json, const LaneView& lane, Instant now) {
    json.object().member("name", lane.name).member("kind", lane.kind).member("model", lane.model);
    json.member("local", lane.local).member("phase", lane.phase);
    const bool known = lane.since.time_since_epoch().count() > 0;
    optional_time(json, "since", known ? std::optional(lane.since) : std::nullopt);
    json.member("why", lane.why);
    optional_seconds(json, "next_probe_s",
                     lane.next_try_at ? std::optional(elapsed(now, *lane.next_try_at)) : std::nullopt);
    json.member("calls", lane.calls).member("failures", lane.failures).member("probes", lane.probes).end_object();
}

void write_spend(JsonWriter& json, const Spend& line) {
    json.object().member("day", line.day).member("provider", line.provider).member("model", line.model);
    json.member("tries", line.tries).member("answers", line.answers).member("input_tokens", line.input_tokens);
    json.member("output_tokens", line.output_tokens).member("estimated", line.estimated);
    json.member("cost_usd", line.cost_usd).member("cost_unknown", line.cost_unknown).end_object();
}

void write_key_cost(JsonWriter& json, const KeyCost& cost) {
    json.object().name("id");
    if (cost.key)
        json.value(to_string(*cost.key)).member("name", cost.name);
    else
        json.null().name("name").null();
    json.member("revoked", cost.revoked).member("tries", cost.sum.tries).member("answers", cost.sum.answers);
    json.member("input_tokens", cost.sum.input_tokens).member("output_tokens", cost.sum.output_tokens);
    json.member("estimated", cost.sum.estimated).member("cost_usd", cost.sum.cost_usd);
    json.member("cost_unknown", cost.sum.cost_unknown).end_object();
}

void write_savings(JsonWriter& json, const Savings& sum) {
    constexpr double days_per_year = 365;
    json.name("savings").object().name("tokens").object();
    json.member("input", sum.input_tokens).member("output", sum.output_tokens).end_object();
    json.member("reference_usd", sum.reference_usd).member("spent_usd", sum.spent_usd).name("saved_usd");
    if (sum.cost_unknown == 0)
        json.value(sum.saved_usd());
    else
        json.null();
    json.member("saved_at_most_usd", sum.saved_usd()).member("days", sum.days);
    json.member("per_day_usd", sum.saved_per_day()).member("per_year_usd", sum.saved_per_day() * days_per_year);
    json.end_object();
}

}  // namespace

void write_question(JsonWriter& json, const JobView& view, const QuestionTimes& times, Detail detail) {
    const std::string& text = view.message.text;
    json.object().member("id", to_string(view.id)).member("conversation", view.message.conversation);
    json.member("state", to_string(view.state));
    json.member("question", detail == Detail::whole ? text : one_line(text, question_columns_max));
    json.member("age_s", seconds(times.now - view.accepted_at)).member("position", view.position);
    optional_seconds(json, "eta_s", eta(view, times));
    json.member("attempts", view.attempts).member("reason", view.reason);
    if (detail == Detail::whole) write_details(json, view);
    json.end_object();
}

std::string questions_json(std::span<const JobView> views, const QuestionTimes& times, Detail detail) {
    std::string out;
    JsonWriter json(out);
    json.array();
    for (const JobView& view : views) write_question(json, view, times, detail);
    json.end_array();
    return out;
}

std::string conversations_json(std::span<const ConversationView> conversations) {
    std::string out;
    JsonWriter json(out);
    json.array();
    for (const ConversationView& view : conversations) {
        json.object().member("id", view.id).member("private", view.is_private).member("messages", view.messages);
        json.member("open", view.open).member("first_at", format_wall(view.first_at));
        json.member("last_at", format_wall(view.last_at)).end_object();
    }
    json.end_array();
    return out;
}

std::string status_json(const OwnerView& owner, std::string_view route, std::span<const LaneView> lanes,
                        const StoreFigures& figures, Instant instant, WallTime now) {
    std::string out;
    JsonWriter json(out);
    json.object().name("owner").object().member("pid", owner.pid).member("command", owner.command);
    json.member("directory", owner.directory).member("generation", figures.generation).end_object();
    json.member("route", route).name("providers").array();
    for (const LaneView& lane : lanes) write_lane(json, lane, instant);
    json.end_array().name("queue").object().member("queued", figures.queued).member("working", figures.working);
    json.member("undelivered", figures.undelivered).member("dead", figures.dead);
    optional_seconds(json, "oldest_s",
                     figures.oldest_open ? std::optional<Millis>(now - *figures.oldest_open) : std::nullopt);
    json.end_object().name("storage").object().member("engine", figures.engine).member("schema", figures.schema);
    json.member("file_bytes", figures.file_bytes).member("log_bytes", figures.log_bytes).end_object().end_object();
    return out;
}

std::string cost_json(WallTime from, std::span<const Spend> spend, const Savings& sum, const ReferencePrice& reference,
                      const std::optional<std::vector<KeyCost>>& by_key) {
    std::string out;
    JsonWriter json(out);
    json.object().member("from", format_wall(from).substr(0, 10)).name("spend").array();
    for (const Spend& line : spend) write_spend(json, line);
    json.end_array().name("total").object().member("tries", sum.tries).member("answers", sum.answers);
    json.member("input_tokens", sum.input_tokens).member("output_tokens", sum.output_tokens);
    json.member("estimated", sum.estimated).member("cost_usd", sum.spent_usd);
    json.member("cost_unknown", sum.cost_unknown).end_object();
    json.name("reference").object().member("name", reference.name).member("input_usd", reference.input_usd);
    json.member("output_usd", reference.output_usd).member("source", reference.source);
    json.member("read_on", reference.read_on).end_object();
    write_savings(json, sum);
    if (by_key) {
        json.name("by_key").array();
        for (const KeyCost& cost : *by_key) write_key_cost(json, cost);
        json.end_array();
    }
    json.end_object();
    return out;
}

}  // namespace evenkeel
