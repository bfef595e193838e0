#include "llm/openai_splice.hpp"

namespace evenkeel {
namespace {

/// "replace these bytes by that": an empty slice is an insertion.
struct Edit {
    std::size_t at = 0, length = 0;
    std::string_view text;
};

class Edits {
public:
    explicit Edits(std::string_view json) noexcept : json_(json), inside_(json.find('{') + 1) {}
    void replace(std::string_view slice, std::string_view text) noexcept {
        add({static_cast<std::size_t>(slice.data() - json_.data()), slice.size(), text});
    }
    /// At the beginning of the object, where `text` ends in a comma.
    void insert(std::string_view text) noexcept { insert_at(inside_, text); }
    void insert_at(std::size_t at, std::string_view text) noexcept { add({at, 0, text}); }

    SplicedBody apply() const noexcept {
        SplicedBody spliced;
        std::size_t from = 0;
        for (const Edit& edit : std::span(edits_).first(count_)) {
            spliced.add(json_.substr(from, edit.at - from));
            spliced.add(edit.text);
            from = edit.at + edit.length;
        }
        spliced.add(json_.substr(from));
        return spliced;
    }

private:
    static constexpr std::size_t edits_max = 5;
    /// Kept in the order of the text; those at the same place in the order in which they came.
    void add(Edit edit) noexcept {
        std::size_t place = count_++;
        for (; place > 0 && edits_[place - 1].at > edit.at; --place) edits_[place] = edits_[place - 1];
        edits_[place] = edit;
    }
    std::string_view json_;
    std::size_t inside_;
    std::array<Edit, edits_max> edits_;
    std::size_t count_ = 0;
};

bool is_absent(std::string_view slice) noexcept { return slice.data() == nullptr; }

void ask_for_usage(const CallerBody& body, Edits& edits) {
    const auto& slices = body.slices;
    if (body.wants_usage) return;
    if (is_absent(slices.stream_options)) return edits.insert(R"("stream_options":{"include_usage":true},)");
    if (slices.stream_options == "null") return edits.replace(slices.stream_options, R"({"include_usage":true})");
    if (!is_absent(slices.include_usage)) return edits.replace(slices.include_usage, "true");
    const std::size_t inside = static_cast<std::size_t>(slices.stream_options.data() - body.json.data()) + 1;
    const bool empty = slices.stream_options.find('"') == std::string_view::npos;
    edits.insert_at(inside, empty ? R"("include_usage":true)" : R"("include_usage":true,)");
}

}  // namespace

std::size_t SplicedBody::bytes() const noexcept {
    std::size_t sum = 0;
    for (const std::string_view piece : pieces()) sum += piece.size();
    return sum;
}

void SplicedBody::add(std::string_view piece) noexcept {
    if (!piece.empty()) pieces_[count_++] = piece;
}

SplicedBody splice_openai(const CallerBody& body, std::string_view model_json, bool stream) {
    const auto& slices = body.slices;
    Edits edits(body.json);
    if (!model_json.empty()) {
        if (is_absent(slices.model)) {
            edits.insert(R"("model":)");
            edits.insert(model_json);
            edits.insert(",");
        } else {
            edits.replace(slices.model, model_json);
        }
    }
    if (stream != body.stream) {
        if (is_absent(slices.stream))
            edits.insert(R"("stream":true,)");
        else
            edits.replace(slices.stream, stream ? "true" : "false");
    }
    if (stream)
        ask_for_usage(body, edits);
    else if (!is_absent(slices.stream_options))
        edits.replace(slices.stream_options, "null");  // Allowed beside a stream only.
    return edits.apply();
}

}  // namespace evenkeel
