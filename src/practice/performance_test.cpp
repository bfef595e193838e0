#include "practice/performance.hpp"

#include <gtest/gtest.h>

#include "testing/sim.hpp"

namespace evenkeel::practice {
namespace {

/// A client that leaves after so many writes.
class LeavingResponder final : public HttpResponder {
public:
    LeavingResponder(Scheduler& scheduler, int writes) : gone_(scheduler), left_(writes) {}
    Task<Result<void>> respond(int, HttpHeaders, std::string) override { return step(); }
    Task<Result<void>> answer(int, FieldLines, std::string_view) override { return step(); }
    Task<Result<void>> start(int, HttpHeaders) override { return step(); }
    Task<Result<void>> begin(int, FieldLines, std::string_view) override { return step(); }
    Task<Result<void>> write(std::string_view) override { return step(); }
    Task<Result<void>> finish() override { return step(); }
    Task<Result<void>> write_raw(std::string_view) override { return step(); }
    void abort() noexcept override {}
    Event& gone() noexcept override { return gone_; }

private:
    Task<Result<void>> step() {
        if (left_-- > 0) co_return Result<void>{};
        gone_.set();
        co_return caller_fault("the client has left", "", ErrorClass::cancelled);
    }
    Event gone_;
    int left_;
};

TEST(Performance, ends_as_left_wherever_the_client_leaves) {
    for (const bool stream : {true, false}) {
        for (int writes = 0; writes < 200; ++writes) {
            testing::Sim sim;
            const auto dialect = make_openai_dialect();
            PracticeLog log;
            log.add({}, "");
            LeavingResponder responder(sim.scheduler, writes);
            Reply reply{.question = {.model = "m", .text = "why?", .stream = stream, .wants_usage = true},
                        .id = "1",
                        .started = {sim.scheduler.wall(), sim.scheduler.now()}};
            Performance performance(sim.env(), *dialect, {}, {}, std::move(reply), log, 1, responder);
            const auto outcome = sim.run(performance.play());
            if (outcome == Encounter::Outcome::answered) {
                EXPECT_GT(writes, stream ? 50 : 0);
                break;
            }
            EXPECT_EQ(outcome, Encounter::Outcome::left) << writes;
        }
    }
}

}  // namespace
}  // namespace evenkeel::practice
