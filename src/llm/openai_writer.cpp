#include <utility>

#include "core/json.hpp"
#include "core/json_writer.hpp"
#include "llm/reply_writer.hpp"

namespace evenkeel {
namespace {

std::string call_id(const ReplyHead& head, const std::string& given, std::size_t index) {
    return given.empty() ? "call_" + head.id + "_" + std::to_string(index) : given;
}

void write_usage(JsonWriter& json, const Usage& usage) {
    json.object().member("prompt_tokens", usage.input).member("completion_tokens", usage.output);
    json.member("total_tokens", usage.input + usage.output).end_object();
}

class OpenAiWriter final : public ReplyWriter {
public:
    explicit OpenAiWriter(ReplyHead head) : head_(std::move(head)) {}

    void write(std::span<const ReplyEvent> events, std::string& out) override {
        if (!std::exchange(head_.begun, true))
            chunk(out, [](JsonWriter& json) { json.member("role", "assistant").member("content", ""); });
        for (const ReplyEvent& event : events) write_one(event, out);
    }

    void finish(std::string& out) override {
        end_chunk(out);
        if (head_.wants_usage && usage_) {
            JsonWriter json = open(out);
            json.name("choices").array().end_array().name("usage");
            write_usage(json, *usage_);
            close(json, out);
        }
        out += "data: [DONE]\n\n";
    }

    void collect(std::span<const ReplyEvent> events) override {
        for (const ReplyEvent& event : events) {
            switch (event.kind) {
                case ReplyEvent::Kind::content: text_ += event.text; break;
                case ReplyEvent::Kind::reasoning: reasoning_ += event.text; break;
                case ReplyEvent::Kind::tool_call: calls_.take(event.text); break;
                case ReplyEvent::Kind::usage: usage_ = event.usage; break;
                case ReplyEvent::Kind::finish: finish_ = event.finish; break;
            }
        }
    }

    std::string document() override {
        std::string out;
        JsonWriter json(out);
        write_head(json, "chat.completion");
        json.name("choices").array().object().member("index", 0).name("message").object();
        json.member("role", "assistant");
        if (text_.empty() && !calls_.all().empty())
            json.name("content").null();
        else
            json.member("content", std::string_view(text_));
        json.name("refusal").null();
        if (!reasoning_.empty()) json.member("reasoning_content", std::string_view(reasoning_));
        if (!calls_.all().empty()) {
            json.name("tool_calls").array();
            for (std::size_t i = 0; i < calls_.all().size(); ++i) write_call(json, calls_.all()[i], i);
            json.end_array();
        }
        json.end_object().name("logprobs").null();
        json.member("finish_reason", to_string(finish_)).end_object().end_array();
        json.name("usage");
        write_usage(json, usage_.value_or(Usage{}));
        json.end_object();
        return out;
    }

private:
    void write_one(const ReplyEvent& event, std::string& out) {
        switch (event.kind) {
            case ReplyEvent::Kind::content:
                return chunk(out, [&](JsonWriter& json) { json.member("content", event.text); });
            case ReplyEvent::Kind::reasoning:
                return chunk(out, [&](JsonWriter& json) { json.member("reasoning_content", event.text); });
            case ReplyEvent::Kind::tool_call: return write_delta(event.text, out);
            case ReplyEvent::Kind::usage: usage_ = event.usage; return;
            case ReplyEvent::Kind::finish:
                finish_ = event.finish;
                finished_ = true;
                return;
        }
    }

    /// A fragment goes on as it came; a whole call becomes one fragment.
    void write_delta(std::string_view text, std::string& out) {
        JsonDoc document;
        const auto call = document.parse(text);
        if (!call) return;
        if ((*call)["index"].integer() && !(*call)["function"]["arguments"].is_object())
            return chunk(out, [&](JsonWriter& json) { json.name("tool_calls").array().raw(text).end_array(); });
        ToolCalls whole;
        whole.take(text);
        const std::size_t index = whole_calls_++;
        chunk(out, [&](JsonWriter& json) {
            json.name("tool_calls").array();
            write_call(json, whole.all().front(), index);
            json.end_array();
        });
    }

    void write_call(JsonWriter& json, const ToolCall& call, std::size_t index) const {
        const std::string id = call_id(head_, call.id, index);
        json.object().member("index", static_cast<std::uint64_t>(index)).member("id", std::string_view(id));
        json.member("type", "function").name("function").object().member("name", std::string_view(call.name));
        json.member("arguments", std::string_view(call.arguments)).end_object().end_object();
    }

    void write_head(JsonWriter& json, std::string_view object) const {
        const auto created = std::chrono::floor<Seconds>(head_.created.time_since_epoch()).count();
        json.object().member("id", std::string_view(head_.id)).member("object", object);
        json.member("created", static_cast<std::int64_t>(created)).member("model", std::string_view(head_.model));
    }

    JsonWriter open(std::string& out) const {
        out += "data: ";
        JsonWriter json(out);
        write_head(json, "chat.completion.chunk");
        return json;
    }
    static void close(JsonWriter& json, std::string& out) {
        json.end_object();
        out += "\n\n";
    }

    template <class WriteDelta>
    void chunk(std::string& out, WriteDelta write_delta) const {
        JsonWriter json = open(out);
        json.name("choices").array().object().member("index", 0).name("delta").object();
        write_delta(json);
        json.end_object().name("finish_reason").null().end_object().end_array();
        close(json, out);
    }

    void end_chunk(std::string& out) const {
        if (!finished_) return;
        JsonWriter json = open(out);
        json.name("choices").array().object().member("index", 0).name("delta").object().end_object();
        json.member("finish_reason", to_string(finish_)).end_object().end_array();
        close(json, out);
    }

    ReplyHead head_;
    bool finished_ = false;
    std::string text_, reasoning_;
    ToolCalls calls_;
    std::size_t whole_calls_ = 0;
    std::optional<Usage> usage_;
    FinishReason finish_ = FinishReason::stop;
};

}  // namespace

std::unique_ptr<ReplyWriter> make_openai_writer(ReplyHead head) {
    return std::make_unique<OpenAiWriter>(std::move(head));
}

}  // namespace evenkeel
