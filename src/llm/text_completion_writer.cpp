#include <utility>

#include "core/json_writer.hpp"
#include "llm/reply_writer.hpp"

namespace evenkeel {
namespace {

/// Text and nothing else: the older API has no word for thoughts and calls.
class TextCompletionWriter final : public ReplyWriter {
public:
    explicit TextCompletionWriter(ReplyHead head) : head_(std::move(head)) {
        // "chatcmpl-…" of chat is "cmpl-…" here.
        if (head_.id.starts_with("chat")) head_.id.erase(0, 4);
    }

    void write(std::span<const ReplyEvent> events, std::string& out) override {
        for (const ReplyEvent& event : events)
            if (note(event)) chunk(out, event.text, false);
    }

    void finish(std::string& out) override {
        chunk(out, "", true);
        if (head_.wants_usage && usage_) {
            JsonWriter json = open(out);
            json.name("choices").array().end_array();
            close_with_usage(json);
            out += "\n\n";
        }
        out += "data: [DONE]\n\n";
    }

    void collect(std::span<const ReplyEvent> events) override {
        for (const ReplyEvent& event : events)
            if (note(event)) text_ += event.text;
    }

    std::string document() override {
        std::string out;
        JsonWriter json(out);
        write_head(json);
        write_choice(json, text_, true);
        if (!usage_) usage_ = Usage{};
        close_with_usage(json);
        return out;
    }

private:
    /// True: its text is to be told.
    bool note(const ReplyEvent& event) noexcept {
        if (event.kind == ReplyEvent::Kind::usage) usage_ = event.usage;
        if (event.kind == ReplyEvent::Kind::finish) finish_ = event.finish;
        return event.kind == ReplyEvent::Kind::content;
    }

    void write_head(JsonWriter& json) const {
        const auto created = std::chrono::floor<Seconds>(head_.created.time_since_epoch()).count();
        json.object().member("id", std::string_view(head_.id)).member("object", "text_completion");
        json.member("created", static_cast<std::int64_t>(created)).member("model", std::string_view(head_.model));
    }

    void write_choice(JsonWriter& json, std::string_view text, bool last) const {
        json.name("choices").array().object().member("text", text).member("index", 0).name("logprobs").null();
        json.name("finish_reason");
        if (!last)
            json.null();
        else  // The reasons of the older API.
            json.value(finish_ == FinishReason::tool_calls ? std::string_view("stop") : to_string(finish_));
        json.end_object().end_array();
    }

    void close_with_usage(JsonWriter& json) const {
        json.name("usage").object().member("prompt_tokens", usage_->input);
        json.member("completion_tokens", usage_->output).member("total_tokens", usage_->input + usage_->output);
        json.end_object().end_object();
    }

    JsonWriter open(std::string& out) const {
        out += "data: ";
        JsonWriter json(out);
        write_head(json);
        return json;
    }

    void chunk(std::string& out, std::string_view text, bool last) const {
        JsonWriter json = open(out);
        write_choice(json, text, last);
        json.end_object();
        out += "\n\n";
    }

    ReplyHead head_;
    std::string text_;
    std::optional<Usage> usage_;
    FinishReason finish_ = FinishReason::stop;
};

}  // namespace

std::unique_ptr<ReplyWriter> make_text_completion_writer(Env, ReplyHead head) {
    return std::make_unique<TextCompletionWriter>(std::move(head));
}

}  // namespace evenkeel
