#include "resilience/retry.hpp"

#include "testing/scripted_provider.hpp"
#include "testing/sim.hpp"

namespace evenkeel {
namespace {

using namespace std::chrono_literals;
using testing::answering;
using testing::ask;
using testing::Drained;
using testing::failing;
using testing::question;
using testing::Script;

struct World {
    /// One call: `script` once, then an answer.
    Drained run(Script script, Call given = {}) {
        provider->then(std::move(script)).always(answering("second try", 1ms));
        call = std::move(given);
        const Instant began = sim.scheduler.now();
        Drained drained = sim.run(ask(*layer, question("?"), call));
        took = sim.scheduler.now() - began;
        return drained;
    }

    testing::Sim sim;
    Event changed{sim.scheduler};
    std::shared_ptr<testing::ScriptedProvider> provider =
        std::make_shared<testing::ScriptedProvider>(sim.env(), "cloud");
    std::shared_ptr<Breaker> gate =
        std::make_shared<Breaker>(sim.env(), provider->identity(), BreakerOptions{}, changed);
    std::shared_ptr<Budget> budget = std::make_shared<Budget>();
    ProviderPtr layer = retry(breaker(provider, gate), gate, budget, sim.env());
    Call call;
    Nanos took{0};
};

struct Row {
    std::string_view what;
    Script script;
    Call call;
    bool repeats;
    Nanos least, most;  ///< Of the wait, where it repeats.
};

TEST(Retry, repeats_what_may_be_repeated_and_waits_as_long_as_it_must) {
    const std::vector<Row> rows{
        {"500", failing(ErrorClass::transient), {}, true, 50ms, 210ms},
        {"HTML", failing(ErrorClass::bad_answer), {}, true, 50ms, 210ms},
        {"429 for two seconds", failing(ErrorClass::overload, 2s), {}, true, 2s, 2200ms},
        {"429 for four seconds", failing(ErrorClass::overload, 4s), {}, false, {}, {}},
        {"429 without a time", failing(ErrorClass::overload), {}, false, {}, {}},
        {"silence", failing(ErrorClass::silent), {}, false, {}, {}},
        {"nothing listens", failing(ErrorClass::transient, {}, "refused"), {}, false, {}, {}},
        {"wrong key", failing(ErrorClass::account), {}, false, {}, {}},
        {"schema", failing(ErrorClass::request), {}, false, {}, {}},
        {"content", failing(ErrorClass::policy), {}, false, {}, {}},
        {"500 while another lane is left", failing(ErrorClass::transient), {.others_left = true}, false, {}, {}},
        {"429 while another lane is left", failing(ErrorClass::overload, 1s), {.others_left = true}, false, {}, {}},
        {"500 to a probe", failing(ErrorClass::transient), {.probe = true}, false, {}, {}},
        {"500 to the last allowed attempt", failing(ErrorClass::transient), {.attempts_max = 1}, false, {}, {}},
    };
    for (const Row& row : rows) {
        World world;
        const Drained drained = world.run(row.script, row.call);
        EXPECT_EQ(world.provider->asked().size(), row.repeats ? 2u : 1u) << row.what;
        EXPECT_EQ(drained.text, row.repeats ? "second try" : "") << row.what;
        if (!row.repeats) EXPECT_LE(world.took, 1ms) << row.what;
        if (!row.repeats) continue;
        const Nanos wait = world.provider->asked()[1].at - world.provider->asked()[0].at;
        EXPECT_GE(wait, row.least) << row.what;
        EXPECT_LE(wait, row.most) << row.what;
    }
}

TEST(Retry, never_waits_beyond_the_calls_deadline) {
    World world;
    const Drained drained =
        world.run(failing(ErrorClass::overload, 2s), Call{.deadline = world.sim.scheduler.now() + 1s});
    EXPECT_EQ(world.provider->asked().size(), 1u);
    EXPECT_EQ(drained.error->cls, ErrorClass::overload);
    EXPECT_LE(world.took, 1ms);
}

TEST(Retry, repeats_once) {
    World world;
    world.provider->then(failing(ErrorClass::transient)).then(failing(ErrorClass::transient));
    Call call;
    EXPECT_TRUE(world.sim.run(ask(*world.layer, question("?"), call)).error.has_value());
    EXPECT_EQ(call.attempts.size(), 2u);
}

TEST(Retry, repeats_are_at_most_a_tenth_of_the_calls_and_one_in_any_ten_seconds) {
    World world;
    BreakerOptions never;
    never.failures_to_open = 1'000'000;
    never.calls_to_judge = 1'000'000;
    world.gate = std::make_shared<Breaker>(world.sim.env(), world.provider->identity(), never, world.changed);
    world.layer = retry(breaker(world.provider, world.gate), world.gate, world.budget, world.sim.env());
    world.provider->always(failing(ErrorClass::transient));
    std::vector<Instant> calls;
    for (int i = 0; i < 600; ++i) {
        Call call;
        calls.push_back(world.sim.scheduler.now());
        (void)world.sim.run(ask(*world.layer, question("?"), call));
        world.sim.scheduler.run_for(i < 300 ? 50ms : 1s);
    }
    const auto& asked = world.provider->asked();
    EXPECT_GT(asked.size(), calls.size());
    for (const auto& last : asked) {
        const auto within = [&](Instant when) { return when > last.at - 10s && when <= last.at; };
        const auto made = std::ranges::count_if(calls, within);
        const auto sent = std::ranges::count_if(asked, [&](const auto& a) { return within(a.at); });
        EXPECT_LE(sent - made, std::max<std::ptrdiff_t>(2, made / 10 + 1));
    }
}

TEST(Retry, describes_itself) {
    World world;
    EXPECT_EQ(world.layer->describe(), "retry(breaker(cloud))");
}

}  // namespace
}  // namespace evenkeel
