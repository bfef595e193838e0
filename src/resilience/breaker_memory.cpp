#include "resilience/breaker_memory.hpp"

#include <algorithm>

namespace evenkeel {
namespace {

/// No stored duration is believed beyond this, whatever the text says: no overflow.
constexpr Millis duration_max{std::chrono::hours{24 * 366}};

std::int64_t millis_between(Instant from, Instant to) { return std::chrono::ceil<Millis>(to - from).count(); }

void write_age(JsonWriter& json, std::string_view name, Instant when, Instant now) {
    if (when != Instant::min()) json.member(name, millis_between(when, now));
}

void write_wait(JsonWriter& json, std::string_view name, Instant when, Instant now) {
    if (when > now) json.member(name, millis_between(now, when));
}

std::optional<Millis> duration(const Json& object, std::string_view name) {
    const auto millis = object[name].integer();
    if (!millis || *millis < 0) return std::nullopt;
    return std::min(Millis{*millis}, duration_max);
}

Instant read_age(const Json& object, std::string_view name, Instant now, Nanos gone) {
    const auto age = duration(object, name);
    return age ? now - *age - gone : Instant::min();
}

Instant read_wait(const Json& object, std::string_view name, Instant now, Nanos gone) {
    const auto wait = duration(object, name);
    return wait ? now + *wait - gone : Instant::min();
}

std::uint32_t count(const Json& object, std::string_view name, std::uint32_t least) {
    constexpr std::int64_t most = 1'000'000;
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(object[name].integer_or(least), least, most));
}

void write_why(JsonWriter& json, const Error& why) {
    json.name("why").object();
    json.member("class", to_string(why.cls)).member("origin", to_string(why.origin));
    json.member("scope", to_string(why.scope)).member("status", why.http_status);
    json.member("code", why.code).member("detail", why.detail).end_object();
}

std::optional<Error> read_why(const Json& why) {
    const auto cls = error_class_from(why["class"].string_or(""));
    if (!cls) return std::nullopt;
    Error error{.cls = *cls};
    error.origin = origin_from(why["origin"].string_or("")).value_or(Origin::provider);
    error.scope = scope_from(why["scope"].string_or("")).value_or(Scope::provider);
    error.http_status = static_cast<int>(std::clamp<std::int64_t>(why["status"].integer_or(0), 0, 999));
    error.code = why["code"].string_or("");
    error.detail = why["detail"].string_or("");
    return error;
}

}  // namespace

void write_breaker(JsonWriter& json, const BreakerState& state, Instant now) {
    json.member("open", state.phase != BreakerPhase::closed);
    write_age(json, "since_ms", state.since, now);
    write_age(json, "closed_ms", state.last_closed_at, now);
    write_wait(json, "floor_ms", state.floor, now);
    write_wait(json, "next_probe_ms", state.next_probe, now);
    json.member("stated", state.stated).member("probes", state.probes).member("successes", state.successes);
    json.member("successes_needed", state.successes_needed).member("failures_in_a_row", state.failures_in_a_row);
    if (state.why) write_why(json, *state.why);
}

std::optional<BreakerState> read_breaker(const Json& object, Instant now, Nanos gone) {
    const auto open = object["open"].boolean();
    if (!open) return std::nullopt;
    BreakerState state;
    state.since = read_age(object, "since_ms", now, gone);
    state.last_closed_at = read_age(object, "closed_ms", now, gone);
    state.successes_needed = count(object, "successes_needed", 1);
    state.failures_in_a_row = count(object, "failures_in_a_row", 0);
    if (!*open) return state;
    state.why = read_why(object["why"]);
    if (!state.why) return std::nullopt;
    state.phase = BreakerPhase::open;
    if (state.since == Instant::min()) state.since = now;
    state.stated = object["stated"].boolean().value_or(false);
    state.floor = read_wait(object, "floor_ms", now, gone);
    state.next_probe = read_wait(object, "next_probe_ms", now, gone);
    state.probes = count(object, "probes", 0);
    state.successes = count(object, "successes", 0);
    return state;
}

}  // namespace evenkeel
