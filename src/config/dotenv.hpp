#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "config/problem.hpp"

namespace evenkeel {

/// One assignment of a `.env` file.
struct DotenvEntry {
    std::string name, value;
    int line = 0;  ///< From 1.
};

struct Dotenv {
    std::vector<DotenvEntry> entries;  ///< In the file's order; a later one of the same name wins.
    std::vector<Problem> problems;     ///< One per broken line. A line's text is never repeated: it may be a key.
};

/// Reads `NAME=value` lines as shells and the usual libraries do: blank lines, `# comments`, `export `, blanks around
/// the sign, single quotes (as is), double quotes (with \n \t \" \\ \$), a comment behind a blank, CRLF, a byte order
/// mark. Nothing is expanded. `file` is what errors call it.
Dotenv parse_dotenv(std::string_view text, std::string_view file);

}  // namespace evenkeel
