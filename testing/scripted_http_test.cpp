#include "testing/scripted_http.hpp"

#include <gtest/gtest.h>

#include "testing/sim.hpp"

namespace evenkeel::testing {
namespace {

using namespace std::chrono_literals;

struct Stage : Sim {
    ScriptedHttp http{env()};
    Result<std::unique_ptr<HttpReply>> get(std::string target = "/") {
        return run(http.send({.target = std::move(target)}));
    }
};

TEST(ScriptedHttp, gives_the_head_with_the_first_bytes_and_the_body_piece_by_piece) {
    Stage stage;
    stage.http.then(HttpScript(429).header("Retry-After", "3").wait(1s).bytes("ab").wait(2s).bytes("c"));
    const Instant start = stage.scheduler.now();
    auto reply = stage.get();
    EXPECT_EQ(stage.scheduler.now() - start, 1s);
    EXPECT_EQ((*reply)->status(), 429);
    EXPECT_EQ((*reply)->header("retry-after"), "3");
    EXPECT_EQ(*stage.run((*reply)->read()), "ab");
    EXPECT_EQ(*stage.run((*reply)->read()), "c");
    EXPECT_EQ(stage.scheduler.now() - start, 3s);
    EXPECT_EQ(*stage.run((*reply)->read()), "");
    EXPECT_EQ(stage.http.bodies_ended, 1u);
    EXPECT_EQ(stage.http.replies_open, 1u);
    reply->reset();
    EXPECT_EQ(stage.http.replies_open, 0u);
}

TEST(ScriptedHttp, can_refuse_cut_and_answer_by_path) {
    Stage stage;
    stage.http.then(HttpScript().refuse(provider_fault(ErrorClass::silent, Scope::provider, "x").error()))
        .then(HttpScript().cut())
        .then(HttpScript().bytes("a").cut())
        .at("/fixed", replying(404, "no"));
    EXPECT_EQ(stage.get().error().cls, ErrorClass::silent);
    EXPECT_EQ(stage.get("/fixed").value()->status(), 404);
    EXPECT_EQ(stage.get().error().code, "reset");
    auto reply = stage.get();
    EXPECT_EQ(*stage.run((*reply)->read()), "a");
    EXPECT_EQ(stage.run((*reply)->read()).error().code, "reset");
    EXPECT_EQ(stage.get().value()->status(), 503) << "no script is left";
    EXPECT_EQ(stage.http.requests.size(), 5u);
}

}  // namespace
}  // namespace evenkeel::testing
