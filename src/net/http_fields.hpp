#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/http_client.hpp"

/// What both sides of HTTP/1.1 share (RFC 9110 section 5, RFC 9112): the head of a message and its fields.
namespace evenkeel::http {

/// A field as it stands in a head; both are views into it.
struct Field {
    std::string_view name;
    std::string_view value;  ///< Without the blanks around it.
};

/// Who sent the head decides how it is read. From clients every liberty is a way to smuggle, so there is none; servers
/// are read as they are: lines may end in LF alone, blanks may stand before the colon, a line that is no field is
/// ignored.
enum class Manner : std::uint8_t { strict, lenient };

/// Finds the end of a head in bytes that come in pieces. Looks at each byte once.
class HeadReader {
public:
    enum class State : std::uint8_t { more, whole, too_big, bad_line };
    HeadReader(Manner manner, std::size_t bytes_max) noexcept : manner_(manner), bytes_max_(bytes_max) {}
    /// Takes from the front of `input` what belongs to the head. One empty line before it is skipped.
    State take(std::string_view& input);
    /// Once `whole`: start line and fields, each with its end, without the empty line. Until the next `take`.
    std::string_view head() const noexcept { return head_; }
    /// Bytes of a head have arrived, but not all.
    bool begun() const noexcept { return !head_.empty(); }
    void reset() noexcept;

private:
    Manner manner_;
    std::size_t bytes_max_;
    std::string head_;
    std::size_t line_at_ = 0;  ///< Where in `head_` the unfinished line begins.
    bool skipped_ = false;     ///< The one empty line that may come first has come.
};

/// The next line of `text` without its end, taken off its front. An unfinished last line counts as one.
std::string_view take_line(std::string_view& text) noexcept;
/// Nothing for what is no field: no colon, no name, a blank before the colon (strict), a control character.
std::optional<Field> parse_field(std::string_view line, Manner manner) noexcept;

bool is_token(std::string_view text) noexcept;
/// No control character but TAB: nothing that could end the line.
bool is_field_value(std::string_view text) noexcept;
/// Whether `word` stands in a comma-separated list, compared without case.
bool lists(std::string_view list, std::string_view word) noexcept;
/// Digits only, at least one, no overflow.
std::optional<std::size_t> parse_length(std::string_view digits) noexcept;
/// What most heads hold; set aside at once.
inline constexpr std::size_t usual_fields = 16;
/// Empty where absent.
std::string_view find_field(const HttpHeaders& headers, std::string_view name) noexcept;
std::string_view find_field(const HttpFieldViews& fields, std::string_view name) noexcept;

/// Writes "Name: value\r\n" for each. Errors: internal, where one would break the head or contradicts the framing,
/// which the codec alone decides (Content-Length, Transfer-Encoding, Connection).
Result<void> append_fields(std::string& head, const HttpHeaders& headers);

/// "Not Found"; "Unknown" for numbers that have no phrase.
std::string_view reason_phrase(int status) noexcept;

}  // namespace evenkeel::http
