#pragma once
#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

/// Evenkeel for C++ programs: a bot that keeps answering when its AI providers do not.
///
/// This header is the whole stable interface. It needs C++23 and nothing but the standard library; link
/// evenkeel::evenkeel.
namespace evenkeel {

/// What came of one question.
struct Reply {
    enum class Status : std::uint8_t {
        answered,
        queued,   ///< Accepted and safe; the answer comes later, through Bot::on_late_answer.
        refused,  ///< The request itself was refused; `text` is the notice for the asker.
    };
    Status status = Status::answered;
    std::string id;        ///< Of the message; `evenkeel queue show ID` knows it too.
    std::string text;      ///< The whole answer, or the notice.
    std::string provider;  ///< Who really answered: "nanogpt", "ollama".
    std::string model;
    bool degraded = false;  ///< Not the first provider of the route answered.
    std::int64_t input_tokens = 0, output_tokens = 0;
    bool tokens_estimated = false;
    std::optional<double> cost_usd;  ///< Unknown is empty, never 0.
    std::chrono::milliseconds latency{0};
    std::optional<std::chrono::milliseconds> first_token;
};

/// An answer that came after its asker was told "queued".
struct LateReply {
    std::string conversation, question;
    Reply reply;
};

struct BotError {
    std::string
        what;  ///< For people: what failed, where, how to mend it. Wrong settings are listed, each in three lines.
    int exit_code = 70;  ///< What the evenkeel command would end with.
};

struct BotOptions {
    /// Empty: $EVENKEEL_CONFIG, ./evenkeel.toml, or the user's own; then .env and environment.
    std::string config_file{};
    std::string data_dir{};  ///< Empty: as configured. Shared with the evenkeel command: one process works the queue.
    bool practice = false;   ///< Practice providers instead of the configured ones; nothing is kept.
};

/// Called with each piece of the answer as it comes. After a break the answer begins anew: `restart` is true then, and
/// what was shown before is void.
using OnToken = std::function<void(std::string_view text, bool restart)>;

/// One bot. It runs a thread of its own, on which the callbacks are called; they must neither call the bot back nor
/// throw. All methods may be called from any thread; a call blocks until its answer is whole, queued or refused.
class Bot {
public:
    static std::expected<Bot, BotError> open(BotOptions options = {});
    Bot(Bot&&) noexcept;
    Bot& operator=(Bot&&) noexcept;
    /// Ends the thread in order; what is queued stays queued.
    ~Bot();

    /// Asks in a conversation (1 to 128 bytes, by any name; each is remembered apart from the others).
    std::expected<Reply, BotError> chat(std::string_view conversation, std::string_view text);
    std::expected<Reply, BotError> stream_chat(std::string_view conversation, std::string_view text, OnToken on_token);
    /// From now on answers to queued questions of this program go there, each once. Answers that waited come at once. A
    /// later callback takes the place of the former.
    void on_late_answer(std::function<void(const LateReply&)> callback);

private:
    struct Impl;
    explicit Bot(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace evenkeel
