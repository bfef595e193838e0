#include <algorithm>
#include <utility>

#include "core/text.hpp"
#include "llm/classify.hpp"
#include "llm/reply_reader.hpp"
#include "llm/usual_chunk.hpp"
#include "net/sse_parser.hpp"

namespace evenkeel {
namespace {

constexpr std::size_t document_bytes_max = 16 * 1024 * 1024;
constexpr std::string_view done_marker = "[DONE]";

std::unexpected<Error> too_large() {
    return provider_fault(ErrorClass::bad_answer, Scope::provider, "the answer is larger than 16 MiB", "too_large");
}

std::optional<Usage> usage_of(Json usage) {
    const auto input = usage["prompt_tokens"].is_nothing() ? usage["input_tokens"] : usage["prompt_tokens"];
    const auto output = usage["completion_tokens"].is_nothing() ? usage["output_tokens"] : usage["completion_tokens"];
    if (!input.integer() && !output.integer()) return std::nullopt;
    return Usage{.input = input.integer_or(0), .output = output.integer_or(0)};
}

/// NanoGPT's own figure on the last chunk, or OpenRouter's inside usage.
std::optional<double> cost_of(Json root) {
    const Json pricing = root["x_nanogpt_pricing"];
    const std::string_view currency = pricing["currency"].string_or("USD");
    if (equals_ignoring_case(currency, "USD"))
        for (const char* name : {"costUsd", "cost", "amount"})
            if (const auto cost = pricing[name].number(); cost && *cost >= 0) return cost;
    return root["usage"]["cost"].number();
}

class OpenAiReader final : public ReplyReader {
public:
    explicit OpenAiReader(std::uint32_t choices) noexcept : asked_(choices), unfinished_(choices) {}

    WireFormat format() const noexcept override {
        if (kind_ == BodyKind::events) return WireFormat::openai_events;
        return kind_ == BodyKind::document ? WireFormat::openai_json : WireFormat::none;
    }
    std::string_view document() const noexcept override { return document_; }

    Result<void> feed(std::string_view bytes) override {
        if (is_complete()) return {};
        if (kind_ == BodyKind::undecided) {
            // Blank lines may stand before a JSON body for minutes (DeepSeek under load): they are dropped.
            head_ += bytes;
            kind_ = sniff(head_);
            if (kind_ == BodyKind::undecided) return blanks_only();
            facts_.set(Fact::body);
            if (kind_ == BodyKind::html) facts_.set(Fact::html);
            return take(std::exchange(head_, {}));
        }
        return take(bytes);
    }

    Result<void> finish() override {
        if (is_complete()) return {};
        if (kind_ == BodyKind::document) return read_document();
        if (kind_ != BodyKind::events) return {};
        auto last = parser_.finish();
        if (!last) return fail(last.error());
        for (const SseEvent& event : *last)
            if (auto read = take_last(event); !read) return read;
        flush_text();
        return {};
    }

private:
    Result<void> blanks_only() {
        // A mark of three bytes may still be one that is cut in two; no more than that is worth keeping.
        if (head_.size() > 3) head_.erase(0, head_.size() - 3);
        return {};
    }

    Result<void> take(std::string_view bytes) {
        if (kind_ == BodyKind::html) return {};
        if (kind_ == BodyKind::document) {
            if (document_.size() + bytes.size() > document_bytes_max) return too_large();
            document_ += bytes;
            return {};
        }
        auto events = parser_.feed(bytes);
        if (!events) return fail(events.error());
        for (const SseEvent& event : *events) {
            if (auto read = take_event(event); !read) return read;
            if (is_complete()) break;
        }
        return {};
    }

    Result<void> take_event(const SseEvent& event) {
        if (trimmed(event.data) == done_marker) {
            flush_text();
            settle_choices();
            facts_.set(Fact::marker);
            return {};
        }
        if (event.name.empty() && take_usual(event.data)) return {};
        const auto root = parse(event.data);
        if (!root) return fail(root.error());
        if (equals_ignoring_case(event.name, "error")) return take_error_event(*root);
        return take_chunk(*root);
    }

    /// Nearly all of a stream: the next words of the only answer. True where it was that and is taken.
    bool take_usual(std::string_view json) {
        const auto chunk = read_usual_chunk(json);
        if (!chunk || asked_ > 1 || (unfinished_ == 0 && !chunk->finish.empty())) return false;
        facts_.set(Fact::reply);
        if (!chunk->model.empty() && model_ != chunk->model) model_ = chunk->model;
        if (kind_ == BodyKind::document)
            take_string(chunk->content);
        else
            add_content(chunk->content);
        if (!chunk->finish.empty()) {
            --unfinished_;
            add_finish(chunk->finish);
        }
        if (chunk->usage) add_usage(*chunk->usage);
        return true;
    }

    /// The event that lacked its blank line: a cut one is no event, and the judge will see that the finish is missing.
    Result<void> take_last(const SseEvent& event) {
        if (trimmed(event.data) != done_marker && !parse(event.data)) return {};
        return take_event(event);
    }

    /// `event: error` whose data need not have the shape of an error.
    Result<void> take_error_event(Json root) {
        ErrorBody body = find_error(root).value_or(ErrorBody{});
        if (body.message.empty()) body.message = root["message"].string_or(root["details"].string_or(""));
        return refused(body);
    }

    static Result<void> refused(const ErrorBody& body) { return fail(classify({.status = 200, .body = body})); }

    Result<void> read_document() {
        std::string_view text = trimmed(document_);
        // Some servers put the stream's end marker behind a whole document.
        if (text.ends_with(done_marker)) {
            const std::string_view before = trimmed(text.substr(0, text.size() - done_marker.size()));
            if (before.ends_with("data:")) text = trimmed(before.substr(0, before.size() - 5));
            // Nor does it belong to what is handed on.
            document_.resize(static_cast<std::size_t>(text.data() + text.size() - document_.data()));
        }
        if (take_usual(text)) {
            facts_.set(Fact::document);
            flush_text();
            return {};
        }
        const auto root = parse(text);
        if (!root) return fail(root.error());
        facts_.set(Fact::document);
        if (root->is_object() && !root->operator[]("choices").is_missing() && root->operator[]("choices").size() == 0)
            facts_.set(Fact::no_choices);
        auto read = take_chunk(*root);
        flush_text();
        settle_choices();
        return read;
    }

    Result<void> take_chunk(Json root) {
        if (const auto error = find_error(root)) return refused(*error);
        if (!root.is_object()) return {};
        const Json choices = root["choices"];
        if (!choices.is_missing() || root["usage"].is_object()) facts_.set(Fact::reply);
        if (const auto model = root["model"].string(); model && !model->empty()) model_ = *model;
        for (const Json& choice : choices.elements()) take_choice(choice);
        take_figures(root, choices.at(0));
        return {};
    }

    void take_choice(Json choice) {
        const std::string_view finish = choice["finish_reason"].string_or("");
        const bool ends = finish_word(finish).meaning != FinishWord::Meaning::running && unfinished_ > 0;
        if (ends) --unfinished_;
        const auto place = std::clamp<std::int64_t>(choice["index"].integer_or(0), 0, choices_max - 1);
        begun_ = std::max(begun_, static_cast<std::uint32_t>(place) + 1);
        // Only the first of several answers gives events; a missing index is the first.
        if (choice["index"].integer_or(0) == 0) take_first_choice(choice);
        // The first one's word, held until the last of them is finished.
        if (unfinished_ == 0) add_finish(first_finish_.empty() ? finish : std::string_view(first_finish_));
    }

    /// Many servers give one answer however many were asked for: at the end it is enough that all which began have
    /// said why they end.
    void settle_choices() {
        if (unfinished_ == 0 || first_finish_.empty() || asked_ - unfinished_ < begun_) return;
        unfinished_ = 0;
        add_finish(first_finish_);
    }

    void take_first_choice(Json choice) {
        const Json delta = choice["delta"].is_object() ? choice["delta"] : choice["message"];
        take_reasoning(delta);
        take_text(delta["content"]);
        take_text(delta["refusal"]);
        for (const Json& call : delta["tool_calls"].elements()) add_tool_call(call);
        if (const auto word = choice["finish_reason"].string(); word && first_finish_.empty()) first_finish_ = *word;
    }

    void take_text(Json content) {
        if (const auto text = content.string()) return take_string(*text);
        // Workers AI turns digits into JSON numbers.
        if (content.kind() == Json::Kind::number) return add_content(content.to_text());
        for (const Json& part : content.elements()) {
            for (const Json& thought : part["thinking"].elements()) add_reasoning(thought["text"].string_or(""));
            add_content(part["text"].string_or(part.string_or("")));
        }
    }

    void take_string(std::string_view text) {
        // Templates that open the thought themselves leave only its end in the text; a whole answer shows where.
        constexpr std::string_view closing = "</think>";
        const std::size_t end = kind_ == BodyKind::document ? text.find(closing) : std::string_view::npos;
        if (end == std::string_view::npos || trimmed(text).starts_with("<think>")) return add_content(text);
        add_reasoning(text.substr(0, end));
        add_content(trimmed(text.substr(end + closing.size())));
    }

    /// The names under which vendors send it; where several are sent they hold the same text.
    void take_reasoning(Json delta) {
        for (const char* name : {"reasoning_content", "reasoning", "thinking"})
            if (const auto text = delta[name].string(); text && !text->empty()) return add_reasoning(*text);
        for (const Json& detail : delta["reasoning_details"].elements())
            add_reasoning(detail["text"].string_or(detail["summary"].string_or("")));
    }

    void take_figures(Json root, Json choice) {
        for (const Json& from : {root["usage"], root["x_groq"]["usage"], choice["usage"]})
            if (const auto usage = usage_of(from)) {
                add_usage(*usage);
                break;
            }
        if (const auto cost = cost_of(root)) cost_usd_ = cost;
    }

    BodyKind kind_ = BodyKind::undecided;
    std::uint32_t asked_;       ///< So many answers to one question.
    std::uint32_t begun_ = 0;   ///< Of them, those of which something was seen.
    std::uint32_t unfinished_;  ///< Answers that have not said why they end.
    std::string first_finish_;  ///< What the first of them said.
    std::string head_;          ///< Until it is decided what the body is.
    PoolString document_;       ///< A body that is one JSON document.
    SseParser parser_;
};

}  // namespace

std::unique_ptr<ReplyReader> make_openai_reader(std::uint32_t choices) {
    return std::make_unique<OpenAiReader>(choices);
}

}  // namespace evenkeel
