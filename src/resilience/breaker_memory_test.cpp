#include "resilience/breaker_memory.hpp"

namespace evenkeel {
namespace {

using namespace std::chrono_literals;

constexpr Instant then{10h};
constexpr Instant later{2h};  // Another process: its monotonic clock has another zero.

BreakerState open_state() {
    BreakerState state;
    state.phase = BreakerPhase::open;
    state.since = then - 90s;
    state.why = provider_fault(ErrorClass::overload, Scope::credential, "slow \"down\"", "rate_limited").error();
    state.why->http_status = 429;
    state.stated = true;
    state.floor = then + 600s;
    state.next_probe = then + 600s + 50ms;
    state.probes = 3;
    state.successes = 1;
    state.successes_needed = 4;
    state.last_closed_at = then - 100s;
    return state;
}

std::string written(const BreakerState& state) {
    std::string text;
    JsonWriter json(text);
    json.object();
    write_breaker(json, state, then);
    json.end_object();
    return text;
}

std::optional<BreakerState> read(std::string_view text, Nanos gone = 0s) {
    JsonDoc doc;
    const auto root = doc.parse(text);
    return root ? read_breaker(*root, later, gone) : std::nullopt;
}

TEST(BreakerMemory, an_open_breaker_reads_back_as_it_was) {
    const auto state = read(written(open_state()));
    ASSERT_TRUE(state.has_value());
    EXPECT_EQ(state->phase, BreakerPhase::open);
    EXPECT_EQ(state->since, later - 90s);
    EXPECT_EQ(state->floor, later + 600s);
    EXPECT_EQ(state->next_probe, later + 600s + 50ms);
    EXPECT_EQ(state->last_closed_at, later - 100s);
    EXPECT_TRUE(state->stated);
    EXPECT_EQ(state->probes, 3u);
    EXPECT_EQ(state->successes, 1u);
    EXPECT_EQ(state->successes_needed, 4u);
    ASSERT_TRUE(state->why.has_value());
    EXPECT_EQ(state->why->cls, ErrorClass::overload);
    EXPECT_EQ(state->why->scope, Scope::credential);
    EXPECT_EQ(state->why->http_status, 429);
    EXPECT_EQ(state->why->code, "rate_limited");
    EXPECT_EQ(state->why->detail, "slow \"down\"");
}

TEST(BreakerMemory, time_that_passed_between_two_processes_counts) {
    const auto state = read(written(open_state()), 500s);
    ASSERT_TRUE(state.has_value());
    EXPECT_EQ(state->floor, later + 100s);
    EXPECT_EQ(state->since, later - 590s);
}

TEST(BreakerMemory, a_closed_breaker_keeps_its_row_of_failures) {
    BreakerState closed;
    closed.failures_in_a_row = 2;
    const auto state = read(written(closed));
    ASSERT_TRUE(state.has_value());
    EXPECT_EQ(state->phase, BreakerPhase::closed);
    EXPECT_EQ(state->failures_in_a_row, 2u);
    EXPECT_EQ(state->since, Instant::min());
}

TEST(BreakerMemory, what_makes_no_sense_is_not_believed) {
    EXPECT_FALSE(read("{}").has_value());
    EXPECT_FALSE(read("[]").has_value());
    EXPECT_FALSE(read(R"({"open":"yes"})").has_value());
    EXPECT_FALSE(read(R"({"open":true})").has_value());
    EXPECT_FALSE(read(R"({"open":true,"why":{"class":"tired"}})").has_value());
    const auto state =
        read(R"({"open":true,"why":{"class":"silent"},"floor_ms":9223372036854775807,"since_ms":-5,"probes":-1})");
    ASSERT_TRUE(state.has_value());
    EXPECT_LE(state->floor, later + 24h * 366);
    EXPECT_EQ(state->since, later);
    EXPECT_EQ(state->probes, 0u);
}

}  // namespace
}  // namespace evenkeel
