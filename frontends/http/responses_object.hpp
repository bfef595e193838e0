#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chat/transcript.hpp"
#include "core/json_writer.hpp"
#include "store/records.hpp"

namespace evenkeel {

/// One item of a response's `output`: a stretch of pieces of the same kind, or one call of a tool.
struct OutputItem {
    AnswerPiece::Kind kind = AnswerPiece::Kind::content;
    std::string id;             ///< "msg_…", "rs_…", "fc_…".
    std::string text;           ///< Of a tool's call: its arguments.
    std::string call_id, name;  ///< Of a tool's call.
};

/// Puts the pieces of an answer together to items: the same for who reads the stream and for who fetches the whole. A
/// tool's call stays one item however its fragments are mixed with those of others.
class OutputItems {
public:
    explicit OutputItems(const Id& response) : response_(response) {}
    /// Which item the piece went to; `begun`: it is a new one.
    std::size_t add(const AnswerPiece& piece, bool& begun);
    const std::vector<OutputItem>& all() const noexcept { return items_; }

private:
    Id response_;
    std::vector<OutputItem> items_;
    std::vector<std::size_t> calls_;  ///< Place of each tool's call.
};

/// Appends an item; `done` false: as `response.output_item.added` shows it, without what follows.
void write_output_item(JsonWriter& json, const OutputItem& item, bool done);

/// What the state of a message means for a response.
enum class ResponseStatus : std::uint8_t { queued, in_progress, completed, incomplete, failed, cancelled };
std::string_view to_string(ResponseStatus status) noexcept;

/// A response as its object shows it.
struct ResponseView {
    Id id;
    std::string_view echo;  ///< ResponsesRequest::echo.
    ResponseStatus status = ResponseStatus::queued;
    WallTime created_at{};
    std::optional<WallTime> ended_at;
    std::string_view model;          ///< The one that answered, else the one that was asked for.
    const Answer* answer = nullptr;  ///< Where there is one.
    std::string_view error;          ///< Of failed: a sentence for people.
    bool refused = false;            ///< Of failed: the request itself was.
};
/// A view of it; `view` and `echo` outlive the result. `background`: until somebody works on it, it is queued.
ResponseView response_view(const JobView& view, std::string_view echo, bool background);

void write_response(JsonWriter& json, const ResponseView& view);
std::string response_json(const ResponseView& view);

}  // namespace evenkeel
