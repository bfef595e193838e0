#include "llm/continued_request.hpp"

#include <gtest/gtest.h>

#include <string>

namespace evenkeel {
namespace {

TEST(ContinuedRequest, ends_with_the_beginning_of_the_answer) {
    ChatRequest asked{.turns = {{Role::system, "Be brief."}, {Role::user, "What is a keel?"}}};
    const auto made = continued(asked, "A keel is");
    ASSERT_TRUE(made);
    ASSERT_EQ(made->request.turns.size(), 3u);
    EXPECT_EQ(made->request.turns[1], asked.turns[1]);
    EXPECT_EQ(made->request.turns[2], (Turn{Role::assistant, "A keel is"}));
    EXPECT_EQ(asked.turns.size(), 2u);
}

TEST(ContinuedRequest, the_beginning_is_taken_off_the_tokens_that_are_left) {
    ChatRequest asked{.turns = {{Role::user, "?"}}, .max_tokens = 1'000};
    EXPECT_EQ(continued(asked, std::string(500, 'x'))->request.max_tokens, 900u);
    EXPECT_EQ(continued(asked, std::string(50'000, 'x'))->request.max_tokens, 16u);
    asked.max_tokens = 4;
    EXPECT_EQ(continued(asked, std::string(500, 'x'))->request.max_tokens, 4u);
}

TEST(ContinuedRequest, a_callers_own_body_gets_one_more_message_and_keeps_the_rest) {
    for (const Dialect dialect : {Dialect::openai, Dialect::ollama}) {
        const std::string json =
            R"({"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"a]"}]} ] ,"top_p":0.5})";
        const auto body = parse_caller_body(dialect, json);
        ASSERT_TRUE(body);
        const ChatRequest asked{.body = &*body, .max_tokens = 7};
        const auto made = continued(asked, "A \"keel\"");
        ASSERT_TRUE(made);
        EXPECT_EQ(made->json, R"({"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"a]"}]} ,)"
                              R"({"role":"assistant","content":"A \"keel\""}] ,"top_p":0.5})");
        EXPECT_EQ(made->request.body->json, made->json);
        EXPECT_EQ(made->request.body->dialect, dialect);
        EXPECT_EQ(made->request.body->model, "m");
    }
}

}  // namespace
}  // namespace evenkeel
