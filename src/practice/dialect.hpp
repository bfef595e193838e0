#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/message.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "net/http_server.hpp"

namespace evenkeel::practice {

/// Both clocks at once: rows of a stream carry the date with a fraction finer than WallTime has.
struct Moment {
    WallTime wall{};
    Instant instant{};
};

/// What one chat request asks for, whatever its dialect.
struct Question {
    std::string model;
    std::string text;  ///< The last user message.
    bool stream = false;
    bool wants_usage = false;  ///< OpenAI: stream_options.include_usage.
    std::size_t messages = 0;
    std::int64_t prompt_tokens = 0;  ///< Words and four for each message: an invented tokenizer, but a steady one.
    std::uint32_t tokens_max = 0;    ///< 0: no limit.
};

/// One reply in the making.
struct Reply {
    Question question;
    std::string id;  ///< Unique in this process.
    Moment started;
};

struct Figures {
    std::int64_t output_tokens = 0;
    Nanos took{0};     ///< From the request to the end of the answer.
    Nanos loading{0};  ///< Of it, loading the model.
};

/// A whole HTTP reply.
struct Page {
    int status = 200;
    HttpHeaders headers;
    std::string body;
};

/// What a provider has to offer, for its lists.
struct Shelf {
    std::vector<std::string> models;
    std::vector<std::string> loaded;
};

/// The bytes of one API, exactly as the real servers send them; no I/O. Pieces of a stream are one HTTP chunk each.
class Dialect {
public:
    virtual ~Dialect() = default;
    virtual bool is_chat(const HttpIncoming& request) const = 0;
    /// Any request that is not a chat: lists, versions, unknown paths.
    virtual Page page(const HttpIncoming& request, const Shelf& shelf, const Moment& now) const = 0;
    /// Errors: request, the detail in the words of the real server.
    virtual Result<Question> read(std::string_view body) const = 0;

    virtual HttpHeaders stream_headers(const Reply& reply) const = 0;
    /// What precedes the first token; may be empty.
    virtual std::string opening(const Reply& reply) const = 0;
    virtual std::string token(const Reply& reply, std::string_view text, const Moment& now) const = 0;
    virtual std::string thought(const Reply& reply, std::string_view text, const Moment& now) const = 0;
    /// The finish with all that follows it to a proper end; each element is one chunk.
    virtual std::vector<std::string> closing(const Reply& reply, FinishReason finish, const Figures& figures,
                                             const Moment& now) const = 0;
    /// The marker that ends a stream without saying that the answer is whole; may be empty.
    virtual std::string end_marker() const = 0;
    /// A failure in mid-stream, and what follows it to the end of the body.
    virtual std::string failure(const Reply& reply) const = 0;

    /// The answer to a request that did not ask for a stream. `finish` null: as a server that forgot it.
    virtual Page whole(const Reply& reply, std::string_view text, const FinishReason* finish,
                       const Figures& figures) const = 0;
    /// The answer to a chat without messages: the model was loaded. Only Ollama's read() lets one through.
    virtual Page loaded(const Reply&) const { return error(400); }
    virtual Page error(int status) const = 0;
    virtual Page bad_request(std::string_view message) const = 0;
    virtual Page model_missing(std::string_view model) const = 0;
    virtual Page busy() const = 0;
};

std::unique_ptr<Dialect> make_openai_dialect();
std::unique_ptr<Dialect> make_ollama_dialect();

/// A page for people, as a CDN sends it when what is behind it is down.
Page html_page(int status);
/// Words of the text, as our steady tokenizer counts.
std::int64_t count_words(std::string_view text);

}  // namespace evenkeel::practice
