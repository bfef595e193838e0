#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "core/json.hpp"
#include "core/time.hpp"

namespace evenkeel {

/// What a provider said instead of an answer, whichever of the many shapes it used.
struct ErrorBody {
    int status = 0;       ///< The HTTP status it names itself, 400 to 599; 0 where it names none.
    std::string code;     ///< Its most telling word: "context_length_exceeded". May be empty.
    std::string type;     ///< The broader word beside it: "invalid_request_error". May be empty.
    std::string param;    ///< The request's field it complains of. May be empty.
    std::string message;  ///< For people, as received: unbounded, and it may echo the question or the key.
    std::optional<Millis> retry_delay;  ///< Google's RetryInfo.
};

/// The error in a JSON value, if it is one. Shapes: `error` as object, string or number (also inside an array, and
/// beside `choices`), `object:"error"`, `detail`, `base_resp`, `errors`, and `code` with `message`. The last ones count
/// only where nothing of a reply stands beside them.
std::optional<ErrorBody> find_error(Json value);

/// The error in the body of a refusal: JSON as above; else plain text is the message, and a web page is none.
ErrorBody read_error_body(std::string_view body);

}  // namespace evenkeel
