#include "practice/practice_control.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/memory_network.hpp"
#include "testing/sim.hpp"

namespace evenkeel::practice {
namespace {

using ::testing::HasSubstr;

struct Two {
    testing::Sim sim;
    testing::MemoryNetwork network{sim.env()};
    PracticeProvider cloud{sim.env(), network, {.name = "cloud"}};
    PracticeProvider local{sim.env(), network, {.name = "local", .kind = Kind::ollama}};
    PracticeProvider* both[2] = {&cloud, &local};
    Steering post(std::string body) {
        Steering steering = steer(both, {.method = "POST", .path = "/practice/fault", .body = std::move(body)});
        if (steering.obey) steering.obey();
        return steering;
    }
    Steering get(std::string path, std::string_view query = {}) {
        return steer(both, {.method = "GET", .query = query, .path = std::move(path)});
    }
};

TEST(PracticeControl, sets_a_fault_of_one_or_of_all) {
    Two two;
    EXPECT_EQ(two.post(R"({"provider":"local","behaviour":"busy"})").page.status, 200);
    EXPECT_EQ(two.cloud.present().fault, Fault::healthy);
    EXPECT_EQ(two.local.present().fault, Fault::busy);
    EXPECT_EQ(two.post(R"({"behaviour":"html"})").page.status, 200);
    EXPECT_EQ(two.cloud.present().fault, Fault::html);
    EXPECT_EQ(two.local.present().fault, Fault::html);
}

TEST(PracticeControl, refuses_what_it_does_not_understand) {
    Two two;
    EXPECT_EQ(two.post("{").page.status, 400);
    EXPECT_EQ(two.post(R"({"behaviour":"nonsense"})").page.status, 400);
    EXPECT_EQ(two.post(R"({"behaviour":"busy","times":-1})").page.status, 400);
    EXPECT_EQ(two.post(R"({"behaviour":"busy","provider":"moon"})").page.status, 404);
    EXPECT_EQ(two.get("/practice/nonsense").page.status, 404);
    EXPECT_EQ(two.get("/practice/log").page.status, 404) << "two providers: which one?";
    EXPECT_EQ(two.cloud.present().fault, Fault::healthy);
}

TEST(PracticeControl, shows_the_state_of_all) {
    Two two;
    two.post(R"({"provider":"cloud","behaviour":"cut-7"})");
    const auto body = two.get("/practice/state").page.body;
    EXPECT_THAT(body, HasSubstr(R"("name":"cloud","kind":"openai")"));
    EXPECT_THAT(body, HasSubstr(R"("behaviour":"cut-7")"));
    EXPECT_THAT(body, HasSubstr(R"("name":"local","kind":"ollama")"));
    EXPECT_EQ(two.get("/practice/log", "x=1&provider=local").page.body, "[]");
}

}  // namespace
}  // namespace evenkeel::practice
