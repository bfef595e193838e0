#include "practice/practice_provider.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "practice/canonical.hpp"
#include "testing/practice_client.hpp"

namespace evenkeel::practice {
namespace {

using ::testing::HasSubstr;
using Outcome = Encounter::Outcome;
constexpr std::string_view cloud_path = "/api/v1/chat/completions";
constexpr std::string_view local_path = "/api/chat";

struct Stage {
    explicit Stage(Kind kind, PracticeOptions options = {}) : network(sim.env()) {
        options.kind = kind;
        options.models = {"practice", "other"};
        provider = std::make_unique<PracticeProvider>(sim.env(), network, std::move(options));
        EXPECT_TRUE(provider->start());
        client = make_http_client(sim.env(), network, Endpoint{.host = "127.0.0.1", .port = provider->port()});
        path = kind == Kind::openai ? cloud_path : local_path;
    }
    Seen chat(std::string_view model, bool stream = true) {
        return ask(sim, *client, post(path, chat_body(model, "[numbered] why?", stream)));
    }
    const Encounter& last() const { return provider->log().encounters().back(); }

    testing::Sim sim;
    testing::MemoryNetwork network;
    std::unique_ptr<PracticeProvider> provider;
    std::unique_ptr<HttpSender> client;
    std::string path;
};

std::size_t count(const std::string& text, std::string_view what) {
    std::size_t n = 0;
    for (auto at = text.find(what); at != text.npos; at = text.find(what, at + 1)) ++n;
    return n;
}

class PracticeProviderOfEitherKind : public ::testing::TestWithParam<Kind> {};
INSTANTIATE_TEST_SUITE_P(Kinds, PracticeProviderOfEitherKind, ::testing::Values(Kind::openai, Kind::ollama),
                         [](const auto& info) { return std::string(to_string(info.param)); });

TEST_P(PracticeProviderOfEitherKind, streams_a_whole_answer_and_logs_it) {
    Stage stage(GetParam());
    const Seen seen = stage.chat("practice");
    EXPECT_EQ(seen.status, 200);
    EXPECT_FALSE(seen.error);
    EXPECT_THAT(seen.text(), HasSubstr(" [60]"));
    EXPECT_THAT(seen.text(), HasSubstr(GetParam() == Kind::openai ? "data: [DONE]" : "\"done\":true"));
    EXPECT_EQ(stage.last().outcome, Outcome::answered);
    EXPECT_EQ(stage.last().messages, 1u);
    EXPECT_EQ(stage.last().question, "[numbered] why?");
    EXPECT_EQ(stage.last().tokens_sent,
              static_cast<std::int64_t>(tokens_of(canonical_answer("[numbered] why?")).size()));
    EXPECT_EQ(stage.last().first_token_at, stage.last().at + Millis{20});
    EXPECT_EQ(stage.last().ended_at, stage.last().at + seen.took);
}

TEST_P(PracticeProviderOfEitherKind, answers_without_a_stream_too) {
    Stage stage(GetParam());
    const Seen seen = stage.chat("practice", false);
    EXPECT_THAT(seen.content_type, HasSubstr("application/json"));
    EXPECT_THAT(seen.text(), HasSubstr("[59] [60]"));
    EXPECT_EQ(stage.last().outcome, Outcome::answered);
}

/// How each fault looks to the client: of a stream, and of a whole answer.
struct Row {
    const char* behaviour;
    int status;  ///< 0: none came.
    std::optional<ErrorClass> error;
    const char* holds;
    int whole_status;
    std::optional<ErrorClass> whole_error;
};
constexpr auto transient = ErrorClass::transient;
constexpr auto silent = ErrorClass::silent;
constexpr auto bad_answer = ErrorClass::bad_answer;
const Row rows[] = {
    {"status-500", 500, {}, "error", 500, {}},
    {"status-502-html", 502, {}, "<html>", 502, {}},
    {"reset", 0, transient, "", 0, transient},
    {"refuse", 0, transient, "", 0, transient},
    {"silence", 0, silent, "", 0, silent},
    {"headers", 200, silent, "", 200, silent},
    {"reasoning-1s", 200, {}, "Let me think", 200, {}},
    {"cut-7", 200, transient, "", 200, transient},
    {"stall-7", 200, silent, "", 200, silent},
    {"error-7", 200, {}, "\"error\":", 500, {}},
    {"no_finish", 200, {}, "[60]", 200, {}},
    {"done_only", 200, {}, "[60]", 200, {}},
    {"empty", 200, {}, "", 200, {}},
    {"whitespace", 200, {}, "\"content\":\" \\n", 200, {}},
    {"html", 200, {}, "<html>", 200, {}},
    {"error_200", 200, {}, "{\"error\":", 200, {}},
    {"no_content", 204, {}, "", 204, {}},
    {"truncated", 200, {}, "", 200, {}},
    {"model_missing", 404, {}, "error", 404, {}},
    {"busy", 503, {}, "error", 503, {}},
    {"slow-50ms", 200, {}, "[60]", 200, {}},
    {"cold-3s", 200, {}, "[60]", 200, {}},
    {"garbage", 0, bad_answer, "", 0, bad_answer},
};

TEST_P(PracticeProviderOfEitherKind, plays_every_fault_chosen_by_the_models_name) {
    for (const Row& row : rows) {
        SCOPED_TRACE(row.behaviour);
        for (const bool stream : {true, false}) {
            Stage stage(GetParam());
            const Seen seen = stage.chat("fault-" + std::string(row.behaviour), stream);
            const auto& error = stream ? row.error : row.whole_error;
            EXPECT_EQ(seen.status, stream ? row.status : row.whole_status);
            EXPECT_EQ(seen.error.has_value(), error.has_value()) << (seen.error ? describe(*seen.error) : "no error");
            if (seen.error && error) EXPECT_EQ(seen.error->cls, *error) << describe(*seen.error);
            if (stream) EXPECT_THAT(seen.text(), HasSubstr(row.holds));
            EXPECT_EQ(stage.last().behaviour, row.behaviour);
            EXPECT_NE(stage.last().outcome, Outcome::cut);
        }
    }
}

TEST_P(PracticeProviderOfEitherKind, never_calls_a_faulty_answer_whole) {
    const bool openai = GetParam() == Kind::openai;
    const std::string finish = openai ? "\"finish_reason\":\"stop\"" : "\"done\":true";
    for (const char* fault : {"cut-7", "error-7", "no_finish", "done_only", "truncated"}) {
        Stage stage(GetParam());
        EXPECT_THAT(stage.chat("fault-" + std::string(fault)).text(), Not(HasSubstr(finish))) << fault;
        EXPECT_EQ(stage.last().outcome, Outcome::failed) << fault;
    }
}

TEST_P(PracticeProviderOfEitherKind, cuts_after_exactly_the_tokens_it_was_told) {
    Stage stage(GetParam());
    const Seen seen = stage.chat("fault-cut-40");
    const auto tokens = count(seen.text(), "\"content\":") - (GetParam() == Kind::openai ? 1 : 0);
    EXPECT_EQ(tokens, 40u);
    EXPECT_EQ(stage.last().tokens_sent, 40);
}

TEST_P(PracticeProviderOfEitherKind, says_when_to_come_back) {
    Stage stage(GetParam());
    const Seen seen = stage.chat("fault-status-429-1500ms");
    EXPECT_EQ(seen.status, 429);
    EXPECT_EQ(seen.retry_after, "2");
    EXPECT_EQ(stage.last().outcome, Outcome::refused);
}

TEST_P(PracticeProviderOfEitherKind, follows_its_script_request_by_request) {
    Stage stage(GetParam());
    stage.provider->next(1, *parse_behaviour("busy"));
    stage.provider->always(*parse_behaviour("html"), "other");
    EXPECT_EQ(stage.chat("practice").status, 503);
    EXPECT_EQ(stage.chat("practice").status, 200);
    EXPECT_THAT(stage.chat("other").text(), HasSubstr("<html>"));
}

TEST_P(PracticeProviderOfEitherKind, does_not_know_a_model_it_does_not_list) {
    Stage stage(GetParam());
    EXPECT_EQ(stage.chat("gpt-9").status, 404);
    EXPECT_EQ(stage.last().outcome, Outcome::refused);
}

TEST_P(PracticeProviderOfEitherKind, is_gone_while_taken_down_and_back_on_the_same_port) {
    Stage stage(GetParam());
    const auto port = stage.provider->port();
    EXPECT_EQ(stage.chat("practice").status, 200);
    stage.provider->always({.fault = Fault::refuse});
    stage.sim.scheduler.settle();
    const Seen seen = stage.chat("practice");
    EXPECT_EQ(seen.status, 0);
    ASSERT_TRUE(seen.error);
    EXPECT_EQ(seen.error->cls, ErrorClass::transient);
    stage.provider->always({});
    stage.sim.scheduler.settle();
    EXPECT_EQ(stage.chat("practice").status, 200);
    EXPECT_EQ(stage.provider->port(), port);
    EXPECT_EQ(stage.provider->log().total(), 2u);
}

Task<bool> take_down_after(testing::Sim& sim, PracticeProvider& provider, Millis wait) {
    co_await sleep_for(sim.scheduler, wait);
    provider.always({.fault = Fault::refuse});
    co_return true;
}

TEST_P(PracticeProviderOfEitherKind, cuts_the_answers_under_way_when_taken_down) {
    Stage stage(GetParam());
    TaskGroup tasks(stage.sim.scheduler);
    tasks.spawn([](testing::Sim& sim, PracticeProvider& provider) -> Task<void> {
        co_await take_down_after(sim, provider, Millis{200});
    }(stage.sim, *stage.provider));
    const Seen seen = stage.chat("practice");
    ASSERT_TRUE(seen.error);
    EXPECT_EQ(seen.error->cls, ErrorClass::transient);
    EXPECT_EQ(stage.last().outcome, Outcome::cut);
    EXPECT_EQ(stage.last().ended_at, stage.last().at + Millis{200});
}

TEST_P(PracticeProviderOfEitherKind, notices_that_its_client_has_left) {
    Stage stage(GetParam());
    ask(stage.sim, *stage.client, post(stage.path, chat_body("practice", "why?")), Millis{100});
    stage.sim.scheduler.run_for(Seconds{1});
    EXPECT_EQ(stage.last().outcome, Outcome::left);
    EXPECT_LT(stage.last().tokens_sent, 10);
}

TEST_P(PracticeProviderOfEitherKind, lets_its_free_questions_suffer_with_an_outage_but_not_with_a_rate_limit) {
    Stage stage(GetParam());
    const std::string list = GetParam() == Kind::openai ? "/api/v1/models" : "/api/tags";
    EXPECT_THAT(ask(stage.sim, *stage.client, {.target = list}).text(), HasSubstr("\"practice\""));
    stage.provider->always(*parse_behaviour("status-429"));
    EXPECT_EQ(ask(stage.sim, *stage.client, {.target = list}).status, 200);
    stage.provider->always(*parse_behaviour("status-503"));
    EXPECT_EQ(ask(stage.sim, *stage.client, {.target = list}).status, 503);
    EXPECT_EQ(stage.provider->log().total(), 0u);
}

TEST_P(PracticeProviderOfEitherKind, is_steered_over_its_own_port) {
    Stage stage(GetParam());
    EXPECT_EQ(ask(stage.sim, *stage.client, post("/practice/fault", R"({"behaviour":"busy","times":1})")).status, 200);
    EXPECT_EQ(stage.chat("practice").status, 503);
    EXPECT_EQ(stage.chat("practice").status, 200);
    EXPECT_THAT(ask(stage.sim, *stage.client, {.target = "/practice/log?after=1"}).text(),
                HasSubstr("\"outcome\":\"answered\""));
}

TEST(PracticeProvider, demands_its_key) {
    Stage stage(Kind::openai, {.key = Secret("practice-key")});
    EXPECT_EQ(stage.chat("practice").status, 401);
    HttpRequest request = post(stage.path, chat_body("practice", "why?"));
    request.headers.emplace_back("Authorization", "Bearer practice-key");
    EXPECT_EQ(ask(stage.sim, *stage.client, std::move(request)).status, 200);
}

TEST(PracticeProvider, keeps_to_the_callers_limit) {
    Stage stage(Kind::openai);
    const Seen seen = ask(stage.sim, *stage.client,
                          post(stage.path, R"({"model":"practice","stream":true,"max_tokens":3,)"
                                           R"("messages":[{"role":"user","content":"why?"}]})"));
    EXPECT_THAT(seen.text(), HasSubstr("\"finish_reason\":\"length\""));
    EXPECT_EQ(stage.last().tokens_sent, 3);
}

TEST(PracticeProvider, refuses_what_it_cannot_read) {
    Stage stage(Kind::ollama);
    EXPECT_EQ(ask(stage.sim, *stage.client, post(stage.path, "{")).text(), R"({"error":"unexpected EOF"})");
}

TEST(PracticeProvider, says_nothing_at_all_while_a_model_loads) {
    Stage stage(Kind::ollama);
    const Seen seen =
        ask(stage.sim, *stage.client, post(stage.path, chat_body("fault-cold-3s", "why?")), Millis{2'900});
    EXPECT_EQ(seen.status, 0);
}

}  // namespace
}  // namespace evenkeel::practice
