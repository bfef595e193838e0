#include <gtest/gtest.h>

#include <array>

#include "llm/reply_writer.hpp"
#include "testing/sim.hpp"

namespace evenkeel {
namespace {

using Kind = ReplyEvent::Kind;

std::unique_ptr<ReplyWriter> writer(testing::Sim& sim, bool wants_usage) {
    return make_text_completion_writer(
        sim.env(), {.id = "chatcmpl-7", .model = "m", .created = WallTime{Seconds{5}}, .wants_usage = wants_usage});
}

const std::array events{ReplyEvent{.kind = Kind::reasoning, .text = "Hm"}, ReplyEvent{.text = "Fi"},
                        ReplyEvent{.text = "ne."}, ReplyEvent{.kind = Kind::finish, .finish = FinishReason::length},
                        ReplyEvent{.kind = Kind::usage, .usage = {.input = 1, .output = 2}}};

TEST(TextCompletionWriter, StreamsTextThenTheReasonThenTheMark) {
    testing::Sim sim;
    std::string out;
    const auto quiet = writer(sim, false);
    quiet->write(events, out);
    quiet->finish(out);
    const std::string head = R"(data: {"id":"cmpl-7","object":"text_completion","created":5,"model":"m","choices":[)";
    EXPECT_EQ(out, head +
                       R"({"text":"Fi","index":0,"logprobs":null,"finish_reason":null}]})"
                       "\n\n" +
                       head +
                       R"({"text":"ne.","index":0,"logprobs":null,"finish_reason":null}]})"
                       "\n\n" +
                       head +
                       R"({"text":"","index":0,"logprobs":null,"finish_reason":"length"}]})"
                       "\n\n" +
                       "data: [DONE]\n\n");
    const auto telling = writer(sim, true);
    out.clear();
    telling->write(events, out);
    telling->finish(out);
    EXPECT_TRUE(out.ends_with(head + R"(],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}})"
                                     "\n\ndata: [DONE]\n\n"))
        << out;
}

TEST(TextCompletionWriter, TellsAWholeAnswer) {
    testing::Sim sim;
    const auto whole = writer(sim, false);
    whole->collect(events);
    EXPECT_EQ(whole->document(),
              R"({"id":"cmpl-7","object":"text_completion","created":5,"model":"m","choices":[{"text":"Fine.",)"
              R"("index":0,"logprobs":null,"finish_reason":"length"}],)"
              R"("usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}})");
}

}  // namespace
}  // namespace evenkeel
