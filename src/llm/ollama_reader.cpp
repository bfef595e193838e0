#include "core/text.hpp"
#include "llm/classify.hpp"
#include "llm/reply_reader.hpp"
#include "net/ndjson_parser.hpp"

namespace evenkeel {
namespace {

class OllamaReader final : public ReplyReader {
public:
    explicit OllamaReader(bool stream) noexcept
        : format_(stream ? WireFormat::ollama_lines : WireFormat::ollama_json) {}

    WireFormat format() const noexcept override {
        return facts_.has(Fact::body) && !facts_.has(Fact::html) ? format_ : WireFormat::none;
    }

    Result<void> feed(std::string_view bytes) override {
        if (!facts_.has(Fact::body)) look_at(bytes);
        return facts_.has(Fact::html) ? Result<void>{} : take(parser_.feed(bytes));
    }

    Result<void> finish() override {
        if (facts_.has(Fact::html)) return {};
        auto read = take(parser_.finish());
        flush_text();
        return read;
    }

private:
    /// Blanks, and a mark that is cut in two, say nothing yet.
    void look_at(std::string_view bytes) {
        constexpr std::size_t mark_bytes = 3;
        head_ += bytes;
        const BodyKind kind = sniff(head_);
        if (kind == BodyKind::undecided) {
            if (head_.size() > mark_bytes) head_.erase(0, head_.size() - mark_bytes);
            return;
        }
        head_ = {};
        facts_.set(Fact::body);
        if (kind == BodyKind::html) facts_.set(Fact::html);
    }

    Result<void> take(const Result<std::span<const std::string_view>>& lines) {
        if (!lines) return fail(lines.error());
        for (const std::string_view line : *lines) {
            if (is_complete()) break;
            if (auto read = take_line(line); !read) return read;
        }
        return {};
    }

    Result<void> take_line(std::string_view line) {
        const auto root = parse(line);
        if (!root) return fail(root.error());
        if (const auto error = find_error(*root)) return fail(classify({.status = 200, .body = *error}));
        const Json message = (*root)["message"];
        if (message.is_object() || (*root)["done"].boolean()) facts_.set(Fact::reply);
        if (const auto model = (*root)["model"].string(); model && !model->empty()) model_ = *model;
        add_reasoning(message["thinking"].string_or(""));
        add_content(message["content"].string_or(""));
        for (const Json& call : message["tool_calls"].elements()) add_tool_call(call);
        if ((*root)["done"].boolean() == true) take_done(*root);
        return {};
    }

    /// The one sign that an answer is whole. Counts that are zero are left out by Ollama.
    void take_done(Json root) {
        const std::string_view reason = root["done_reason"].string_or("stop");
        add_finish(reason.empty() ? "stop" : reason);
        if (!root["eval_count"].is_nothing() || !root["prompt_eval_count"].is_nothing())
            add_usage({.input = root["prompt_eval_count"].integer_or(0), .output = root["eval_count"].integer_or(0)});
        facts_.set(Fact::marker);
    }

    WireFormat format_;
    NdjsonParser parser_;
    std::string head_;  ///< What came before it could be told what the body is.
};

}  // namespace

std::unique_ptr<ReplyReader> make_ollama_reader(bool stream) { return std::make_unique<OllamaReader>(stream); }

}  // namespace evenkeel
