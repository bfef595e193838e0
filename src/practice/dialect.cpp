#include "practice/dialect.hpp"

namespace evenkeel::practice {

Page html_page(int status) {
    const std::string title = status == 200 ? "Welcome" : std::to_string(status) + " Bad gateway";
    return {status,
            {{"Content-Type", "text/html; charset=UTF-8"}},
            "<!DOCTYPE html>\n<html><head><title>" + title + "</title></head>\n<body><center><h1>" + title +
                "</h1></center><hr><center>practice</center></body></html>\n"};
}

std::int64_t count_words(std::string_view text) {
    std::int64_t words = 0;
    bool inside = false;
    for (const char c : text) {
        const bool blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
        if (!blank && !inside) ++words;
        inside = !blank;
    }
    return words;
}

}  // namespace evenkeel::practice
