#include <algorithm>
#include <utility>

#include "core/json.hpp"
#include "core/json_writer.hpp"
#include "core/text.hpp"
#include "llm/reply_writer.hpp"

namespace evenkeel {
namespace {

class OllamaWriter final : public ReplyWriter {
public:
    OllamaWriter(Env env, ReplyHead head, bool generates) : env_(env), head_(std::move(head)), generates_(generates) {}

    void write(std::span<const ReplyEvent> events, std::string& out) override {
        for (const ReplyEvent& event : events) {
            note(event);
            if (event.kind != ReplyEvent::Kind::content && event.kind != ReplyEvent::Kind::reasoning) continue;
            const bool visible = event.kind == ReplyEvent::Kind::content;
            line(out, visible ? event.text : "", visible ? "" : event.text, false);
        }
    }

    void finish(std::string& out) override {
        // Calls of tools go out whole, so they wait for their last fragment.
        if (!calls_.all().empty()) line(out, "", "", true);
        last(out, "", "", false);
        out += '\n';
    }

    void collect(std::span<const ReplyEvent> events) override {
        for (const ReplyEvent& event : events) {
            note(event);
            if (event.kind == ReplyEvent::Kind::content) text_ += event.text;
            if (event.kind == ReplyEvent::Kind::reasoning) reasoning_ += event.text;
        }
    }

    std::string document() override {
        std::string out;
        last(out, text_, reasoning_, true);
        return out;
    }

private:
    void note(const ReplyEvent& event) {
        if (!first_content_ && event.kind <= ReplyEvent::Kind::tool_call) first_content_ = env_.now();
        if (event.kind == ReplyEvent::Kind::tool_call) calls_.take(event.text);
        if (event.kind == ReplyEvent::Kind::usage) usage_ = event.usage;
        if (event.kind == ReplyEvent::Kind::finish) finish_ = event.finish;
    }

    void begin(JsonWriter& json, std::string_view content, std::string_view thinking, bool with_calls) const {
        json.object().member("model", std::string_view(head_.model));
        json.member("created_at", std::string_view(format_wall(env_.wall())));
        if (generates_) {
            json.member("response", content);
            if (!thinking.empty()) json.member("thinking", thinking);
            return;
        }
        json.name("message").object().member("role", "assistant").member("content", content);
        if (!thinking.empty()) json.member("thinking", thinking);
        if (with_calls && !calls_.all().empty()) write_calls(json);
        json.end_object();
    }

    void write_calls(JsonWriter& json) const {
        json.name("tool_calls").array();
        std::uint64_t index = 0;
        for (const ToolCall& call : calls_.all()) {
            json.object();
            if (!call.id.empty()) json.member("id", std::string_view(call.id));
            json.name("function").object().member("index", index++).member("name", std::string_view(call.name));
            json.name("arguments");
            // A model can write arguments that are no JSON; its caller must still be able to read the line.
            JsonDoc document;
            const auto arguments = document.parse(call.arguments);
            json.raw(arguments && arguments->is_object() ? arguments->to_text() : std::string("{}"));
            json.end_object().end_object();
        }
        json.end_array();
    }

    void line(std::string& out, std::string_view content, std::string_view thinking, bool with_calls) const {
        JsonWriter json(out);
        begin(json, content, thinking, with_calls);
        json.member("done", false).end_object();
        out += '\n';
    }

    void last(std::string& out, std::string_view content, std::string_view thinking, bool with_calls) const {
        JsonWriter json(out);
        begin(json, content, thinking, with_calls);
        const auto positive = [](Nanos duration) { return std::max<std::int64_t>(1, duration.count()); };
        const Instant now = env_.now(), first = first_content_.value_or(now);
        // Ollama has no other words: a filtered answer has stopped, and calls are no reason of their own.
        json.member("done", true).member("done_reason", finish_ == FinishReason::length ? "length" : "stop");
        json.member("total_duration", positive(now - head_.asked)).member("load_duration", std::int64_t{1});
        json.member("prompt_eval_count", usage_.input).member("prompt_eval_duration", positive(first - head_.asked));
        json.member("eval_count", usage_.output).member("eval_duration", positive(now - first)).end_object();
    }

    Env env_;
    ReplyHead head_;
    bool generates_;  ///< In the shape of /api/generate.
    std::string text_, reasoning_;
    ToolCalls calls_;
    Usage usage_;
    std::optional<Instant> first_content_;
    FinishReason finish_ = FinishReason::stop;
};

}  // namespace

std::unique_ptr<ReplyWriter> make_ollama_writer(Env env, ReplyHead head) {
    return std::make_unique<OllamaWriter>(env, std::move(head), false);
}

std::unique_ptr<ReplyWriter> make_ollama_generate_writer(Env env, ReplyHead head) {
    return std::make_unique<OllamaWriter>(env, std::move(head), true);
}

}  // namespace evenkeel
