#include "llm/embeddings.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace evenkeel {
namespace {

EmbedRequest parsed(std::string_view json, Dialect dialect = Dialect::openai) {
    auto request = parse_embed_request(dialect, json);
    EXPECT_TRUE(request) << json;
    return request ? std::move(*request) : EmbedRequest{};
}

TEST(Embeddings, ReadsEveryFormOfInput) {
    const auto one = parsed(R"({"model":"m","input":"a","dimensions":3,"encoding_format":"base64","user":"u"})");
    EXPECT_EQ(one.model, "m");
    EXPECT_EQ(one.input, R"("a")");
    EXPECT_EQ(one.due, 1U);
    EXPECT_EQ(one.dimensions, 3);
    EXPECT_TRUE(one.base64);
    EXPECT_EQ(one.further, R"("user":"u")");
    EXPECT_EQ(parsed(R"({"input":["a","b"]})").due, 2U);
    EXPECT_EQ(parsed(R"({"input":[]})").due, 0U);
    const auto tokens = parsed(R"({"input":[1,2,3]})");
    EXPECT_EQ(std::make_pair(tokens.due, tokens.of_tokens), std::make_pair(std::size_t{1}, true));
    EXPECT_EQ(parsed(R"({"input":[[1],[2,3]]})").due, 2U);
    EXPECT_EQ(parsed(R"({"prompt":"a"})", Dialect::ollama).input, R"("a")");
}

TEST(Embeddings, SaysWhichMemberIsWrong) {
    const std::pair<const char*, const char*> cases[]{
        {R"({"model":"m"})", "'input' is missing"},
        {R"({"input":7})", "'input' must be"},
        {R"({"input":["a",1]})", "'input' must be"},
        {R"({"input":[[1],[]]})", "'input' must be"},
        {R"({"input":"a","model":1})", "'model' must be a string"},
        {R"({"input":"a","dimensions":0})", "'dimensions' must be"},
        {R"({"input":"a","dimensions":65537})", "'dimensions' must be"},
        {R"({"input":"a","encoding_format":"hex"})", "'encoding_format' must be"},
        {"[]", "must be a JSON object"},
        {"{", "no JSON"},
    };
    for (const auto& [json, detail] : cases) {
        const auto request = parse_embed_request(Dialect::openai, json);
        ASSERT_FALSE(request) << json;
        EXPECT_EQ(request.error().origin, Origin::caller);
        EXPECT_NE(request.error().detail.find(detail), std::string::npos) << request.error().detail;
    }
    std::string many = R"({"input":["a")";
    for (int i = 0; i < 2'048; ++i) many += R"(,"a")";
    EXPECT_FALSE(parse_embed_request(Dialect::openai, many + "]}"));
}

TEST(Embeddings, AsksInTheDialectOfTheUpstream) {
    const auto openai = parsed(R"({"model":"m","input":["a"],"dimensions":3,"user":"u"})");
    EXPECT_EQ(*embed_body_of(openai, Dialect::openai),
              R"({"model":"m","input":["a"],"dimensions":3,"encoding_format":"float","user":"u"})");
    EXPECT_EQ(*embed_body_of(openai, Dialect::ollama),
              R"({"model":"m","input":["a"],"dimensions":3,"truncate":false})");
    const auto ollama = parsed(R"({"model":"m","input":"a","keep_alive":"5m"})", Dialect::ollama);
    EXPECT_EQ(*embed_body_of(ollama, Dialect::ollama), R"({"model":"m","input":"a","keep_alive":"5m"})");
    EXPECT_EQ(*embed_body_of(ollama, Dialect::openai), R"({"model":"m","input":"a","encoding_format":"float"})");
    EXPECT_EQ(embed_body_of(parsed(R"({"input":[1]})"), Dialect::ollama).error().cls, ErrorClass::capacity);
}

TEST(Embeddings, ReadsVectorsOfBothDialectsInOrder) {
    const auto request = parsed(R"({"model":"m","input":["a","b"]})");
    const auto openai = read_embeddings(request, Dialect::openai,
                                        R"({"model":"m","data":[{"index":1,"embedding":[0.5,-1]},)"
                                        R"({"index":0,"embedding":[1,2]}],"usage":{"prompt_tokens":4}})");
    ASSERT_TRUE(openai);
    EXPECT_EQ(openai->vectors, (std::vector<std::string>{"[1,2]", "[0.5,-1]"}));
    EXPECT_EQ(openai->input_tokens, 4);
    const auto ollama = read_embeddings(request, Dialect::ollama,
                                        R"({"model":"m","embeddings":[[1,2],[0.5,-1]],"prompt_eval_count":4})");
    ASSERT_TRUE(ollama);
    EXPECT_EQ(ollama->vectors.size(), 2U);
    EXPECT_EQ(ollama->input_tokens, 4);
}

TEST(Embeddings, PacksNumbersWhereBase64WasAsked) {
    const auto request = parsed(R"({"model":"m","input":"a","encoding_format":"base64"})");
    EXPECT_EQ(read_embeddings(request, Dialect::ollama, R"({"embeddings":[[1,-2.5]]})")->vectors[0],
              R"("AACAPwAAIMA=")");
    EXPECT_EQ(read_embeddings(request, Dialect::ollama, R"({"embeddings":[[1]]})")->vectors[0], R"("AACAPw==")");
    EXPECT_EQ(read_embeddings(request, Dialect::openai, R"({"data":[{"embedding":"AACAPw=="}]})")->vectors[0],
              R"("AACAPw==")");
}

TEST(Embeddings, RefusesWhatIsNoAnswer) {
    const auto request = parsed(R"({"model":"m","input":["a","b"]})");
    for (const char* body :
         {"", "<html>", "{}", R"({"data":[]})", R"({"data":[{"embedding":[1]}]})",
          R"({"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}]})",
          R"({"data":[{"index":0,"embedding":[1]},{"index":7,"embedding":[1]}]})",
          R"({"data":[{"embedding":[1]},{"embedding":[]}]})", R"({"data":[{"embedding":[1]},{"embedding":[null]}]})",
          R"({"data":[{"embedding":"AACAPw=="},{"embedding":"AACAPw=="}]})"}) {
        const auto answer = read_embeddings(request, Dialect::openai, body);
        ASSERT_FALSE(answer) << body;
        EXPECT_EQ(answer.error().cls, ErrorClass::bad_answer);
        EXPECT_EQ(answer.error().origin, Origin::provider);
    }
}

TEST(Embeddings, KnowsAModelByItsNamesAndNoOther) {
    EXPECT_TRUE(is_same_embedding_model("nomic", "nomic:latest"));
    EXPECT_TRUE(is_same_embedding_model("nomic:latest", "nomic"));
    EXPECT_TRUE(is_same_embedding_model("text-embedding-ada-002", "text-embedding-ada-002-v2"));
    EXPECT_FALSE(is_same_embedding_model("text-embedding-3-small", "text-embedding-3-large"));
    EXPECT_FALSE(is_same_embedding_model("nomic", "nomic-large"));
    EXPECT_FALSE(is_same_embedding_model("nomic", ""));
}

}  // namespace
}  // namespace evenkeel
