#include "chat/turn_json.hpp"

namespace evenkeel {
namespace {
using namespace std::chrono_literals;

const Id id = *parse_id("0193c1d2-7f3a-7abc-8def-0123456789ab");

Answer an_answer() {
    return {.text = "Hello \"you\"\n\xF0\x9F\x99\x82",
            .provider = "ollama",
            .model = "llama3.1:8b",
            .finish = FinishReason::length,
            .degraded = true,
            .usage = {12, 34, true},
            .cost_usd = 0.0125,
            .latency = 4200ms,
            .first_token = 900ms,
            .turns_left_out = 3,
            .attempts = {{.provider = "nanogpt",
                          .model = "m",
                          .outcome = Attempt::Outcome::cut,
                          .error = Error{.cls = ErrorClass::overload,
                                         .origin = Origin::provider,
                                         .scope = Scope::credential,
                                         .http_status = 429,
                                         .code = "slow_down",
                                         .retry_after = 2s,
                                         .detail = "too fast"},
                          .took = 77ms,
                          .first_content_after = 5ms,
                          .usage = Usage{1, 2, false},
                          .turns_left_out = 1,
                          .probe = true},
                         {.provider = "ollama", .model = "llama3.1:8b", .outcome = Attempt::Outcome::answered}}};
}

TEST(TurnJson, prints_an_answer_with_the_promised_keys) {
    JsonDoc doc;
    const auto text = answer_json(id, "home", an_answer(), true);
    const Json json = doc.parse(text).value();
    std::vector<std::string> keys;
    for (const auto& [name, value] : json.members()) keys.emplace_back(name);
    EXPECT_THAT(keys, ::testing::ElementsAre("id", "conversation", "content", "provider", "model", "degraded",
                                             "finish_reason", "tokens", "latency_ms", "first_token_ms", "cost_usd",
                                             "turns_left_out", "attempts", "practice"));
    EXPECT_EQ(json["content"].string(), an_answer().text);
    EXPECT_EQ(json["finish_reason"].string(), "length");
    EXPECT_EQ(json["tokens"]["output"].integer(), 34);
    EXPECT_EQ(json["attempts"].at(0)["class"].string(), "overload");
    EXPECT_EQ(json["attempts"].at(0)["ms"].integer(), 77);
    EXPECT_EQ(json["attempts"].at(1)["class"].kind(), Json::Kind::null);
    EXPECT_EQ(json["practice"].boolean(), true);
}

TEST(TurnJson, an_unknown_cost_is_null_and_not_zero) {
    JsonDoc doc;
    Answer answer = an_answer();
    answer.cost_usd.reset();
    answer.first_token.reset();
    const auto text = answer_json(id, "home", answer, false);
    const Json json = doc.parse(text).value();
    EXPECT_EQ(json["cost_usd"].kind(), Json::Kind::null);
    EXPECT_EQ(json["first_token_ms"].kind(), Json::Kind::null);
}

TEST(TurnJson, reads_back_every_event_it_wrote) {
    TurnEvent event{.kind = TurnEvent::Kind::answered,
                    .id = id,
                    .text = "line",
                    .position = 7,
                    .eta = 12s,
                    .answer = an_answer(),
                    .error = an_answer().attempts[0].error,
                    .practice = true};
    const std::string written = to_json(event);
    const auto read = turn_event_from_json(written);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->kind, event.kind);
    EXPECT_EQ(read->id, id);
    EXPECT_EQ(read->eta, Millis{12s});
    EXPECT_EQ(read->answer->attempts[0].error->retry_after, Millis{2s});
    EXPECT_EQ(to_json(*read), written);
    for (auto kind = TurnEvent::Kind::accepted; kind <= TurnEvent::Kind::dead;
         kind = static_cast<TurnEvent::Kind>(static_cast<int>(kind) + 1))
        EXPECT_EQ(turn_event_from_json(to_json(TurnEvent{.kind = kind, .id = id}))->kind, kind);
}

TEST(TurnJson, reads_back_deliveries_and_messages) {
    const Delivery delivery{.id = id,
                            .kind = Delivery::Kind::expired,
                            .frontend = "terminal",
                            .principal = "local",
                            .conversation = "home",
                            .question = "Q?",
                            .asked_at = WallTime{1s},
                            .ended_at = WallTime{2s},
                            .text = "notice",
                            .answer = an_answer()};
    const std::string written = to_json(delivery);
    EXPECT_EQ(to_json(delivery_from_json(written).value()), written);
    const Inbound message{.frontend = "web",
                          .principal = "p",
                          .user = "u",
                          .conversation = "c",
                          .idempotency_key = "k",
                          .text = "t",
                          .model = "m",
                          .is_private = true,
                          .ttl = 5s};
    EXPECT_EQ(to_json(inbound_from_json(to_json(message)).value()), to_json(message));
}

TEST(TurnJson, refuses_what_is_none_of_ours) {
    for (const char* text : {"", "{", "[]", "3", "{}", R"({"event":"answered"})", R"({"event":"boom","id":"x"})"}) {
        const auto read = turn_event_from_json(text);
        ASSERT_FALSE(read) << text;
        EXPECT_EQ(read.error().cls, ErrorClass::request);
        EXPECT_EQ(read.error().code, "invalid_json");
    }
}

TEST(TurnJson, takes_defaults_for_what_an_older_writer_left_out) {
    const auto message = inbound_from_json(R"({"conversation":"c","text":"t","newer":1})");
    ASSERT_TRUE(message);
    EXPECT_EQ(message->frontend, "terminal");
    EXPECT_EQ(message->ttl, Inbound{}.ttl);
}

}  // namespace
}  // namespace evenkeel
