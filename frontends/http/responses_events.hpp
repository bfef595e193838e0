#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "frontends/http/responses_object.hpp"

namespace evenkeel {

/// Tells a response as server-sent events, each with its `sequence_number`: 0, 1, 2, … In a run without a break the
/// numbers have no gaps. They depend on the answer alone, not on who reads it when: whoever comes back and says the
/// last one he saw is told exactly what follows. Each beginning of an answer (chat/transcript.hpp) has numbers of its
/// own, so that a place in a text that was begun anew is recognised as lost.
class ResponseEvents {
public:
    static constexpr std::int64_t numbers_per_beginning = std::int64_t{1} << 24;

    /// `behind`: the last number that the reader has seen; -1: none. `echo` and `model` outlive it.
    ResponseEvents(ResponseView head, bool background, std::int64_t behind);

    /// created, and queued where it is `background`.
    void begin(std::string& out);
    /// Somebody works on it. Tells it once.
    void in_progress(std::string& out);
    /// False: the reader has seen more than there is of this beginning, so what he saw is lost; nothing may be told
    /// any more but `lost`.
    bool pieces(std::int64_t beginning, const std::vector<AnswerPiece>& pieces, std::string& out);
    /// The last event: completed, incomplete, failed or cancelled as `view` says. False: as `pieces`.
    bool end(const ResponseView& view, std::string& out);
    /// An error event: documented flat and sent nested by OpenAI, so both.
    void error(std::string_view code, std::string_view message, std::string& out);
    /// The answer was begun anew behind the reader's back.
    void lost(std::string& out);

    /// Some piece was told or passed over.
    bool has_spoken() const noexcept { return spoke_; }

private:
    void event(std::string_view type, std::string_view members, std::string& out);
    void snapshot(std::string_view type, const ResponseView& view, std::string& out);
    bool turn_to(std::int64_t beginning);
    void open_item(std::size_t index, std::string& out);
    void close_item(std::size_t index, std::string& out);
    void delta(std::size_t index, std::string_view text, std::string& out);
    std::string place(std::size_t index, bool with_content) const;

    ResponseView head_;
    bool background_;
    std::int64_t behind_;
    std::int64_t next_ = 0;
    std::int64_t beginning_ = 0;
    bool working_ = false, spoke_ = false;
    OutputItems items_;
    std::vector<bool> open_;
};

}  // namespace evenkeel
