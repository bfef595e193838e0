#include "llm/whole_events.hpp"

#include <gtest/gtest.h>

#include <string>

namespace evenkeel {
namespace {

constexpr std::string_view first = "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}],\"usage\":null}\n\n";
constexpr std::string_view finish = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
constexpr std::string_view usage = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1}}\n\n";
constexpr std::string_view done = "data: [DONE]\n\n";
constexpr WireFormat events = WireFormat::openai_events;

TEST(WholeEvents, HandsOnUntouchedWhatEndsWithAnEvent) {
    WholeEvents whole;
    const std::string wire = std::string(first) + std::string(first);
    EXPECT_EQ(whole.take(wire, events, false).data(), wire.data());
    EXPECT_EQ(whole.take(finish, events, true), finish);
    EXPECT_EQ(whole.take(usage, events, true), usage);
}

TEST(WholeEvents, HoldsBackHalfAnEventWhereverItIsCut) {
    const std::string wire = std::string(first) + std::string(first) + std::string(finish) + std::string(done);
    for (std::size_t cut = 0; cut <= wire.size(); ++cut) {
        WholeEvents whole;
        std::string out(whole.take(std::string_view(wire).substr(0, cut), events, false));
        EXPECT_TRUE(out.empty() || out.ends_with("\n\n")) << cut;
        out += whole.end(std::string_view(wire).substr(cut), events, true);
        EXPECT_EQ(out, wire) << cut;
    }
}

TEST(WholeEvents, TakesOutTheUsageThatNobodyAskedForWhereverItIsCut) {
    const std::string before = std::string(first) + std::string(finish);
    const std::string wire = before + std::string(usage) + std::string(done);
    for (std::size_t cut = 0; cut <= wire.size(); ++cut) {
        WholeEvents whole;
        whole.hide_usage();
        std::string out(whole.take(std::string_view(wire).substr(0, cut), events, cut >= before.size() - 2));
        out += whole.end(std::string_view(wire).substr(cut), events, true);
        EXPECT_EQ(out, before + std::string(done)) << cut;
    }
}

TEST(WholeEvents, GivesTheLastEventItsEnd) {
    WholeEvents whole;
    EXPECT_EQ(whole.take("data: 1\r\n\r\ndata: 2\r", events, false), "data: 1\r\n\r\n");
    EXPECT_EQ(whole.end("\n", events, true), "data: 2\r\n\n\n");
}

TEST(WholeEvents, GivesAWholeStreamTheMarkThatItsServerForgot) {
    WholeEvents whole;
    EXPECT_EQ(whole.end("data: 1\n", events, false), "data: 1\n\n\ndata: [DONE]\n\n");
    EXPECT_EQ(whole.end("", events, false), done);
}

TEST(WholeEvents, HandsOnWholeLinesOfNdjson) {
    WholeEvents whole;
    EXPECT_EQ(whole.take("{\"a\":1}\n{\"b\"", WireFormat::ollama_lines, false), "{\"a\":1}\n");
    EXPECT_EQ(whole.end(":2}", WireFormat::ollama_lines, true), "{\"b\":2}\n");
}

TEST(WholeEvents, LeavesDocumentsAlone) {
    WholeEvents whole;
    EXPECT_EQ(whole.end("{\"a\":1}", WireFormat::openai_json, false), "{\"a\":1}");
    EXPECT_EQ(whole.take("x", WireFormat::none, false), "x");
}

}  // namespace
}  // namespace evenkeel
