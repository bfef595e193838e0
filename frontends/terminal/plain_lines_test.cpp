#include <gtest/gtest.h>

#include <deque>

#include "frontends/terminal/line_source.hpp"
#include "testing/sim.hpp"

namespace evenkeel::terminal {
namespace {

/// Gives its pieces one by one, then the end.
InputBytes pieces_of(std::shared_ptr<std::deque<std::string>> pieces) {
    return [pieces]() -> Task<Result<std::string>> {
        return [](std::shared_ptr<std::deque<std::string>> rest) -> Task<Result<std::string>> {
            std::string piece;
            if (!rest->empty()) {
                piece = std::move(rest->front());
                rest->pop_front();
            }
            co_return piece;
        }(pieces);
    };
}

Task<std::vector<std::string>> all_lines(LineSource& source) {
    std::vector<std::string> lines;
    while (true) {
        auto line = co_await source.read("> ");
        if (!line) {
            lines.push_back("error " + line.error().code);
            break;
        }
        if (!*line) break;
        lines.push_back(**line);
    }
    co_return lines;
}

std::vector<std::string> lines_of(std::deque<std::string> pieces) {
    testing::Sim sim;
    auto source = make_plain_lines(pieces_of(std::make_shared<std::deque<std::string>>(std::move(pieces))), {});
    return sim.run(all_lines(*source));
}

using Lines = std::vector<std::string>;

TEST(PlainLines, splits_at_line_ends_wherever_the_pieces_end) {
    EXPECT_EQ(lines_of({"a\nb", "c\r\n", "\nlast"}), (Lines{"a", "bc", "", "last"}));
    EXPECT_EQ(lines_of({}), Lines{});
    EXPECT_EQ(lines_of({"one\n"}), Lines{"one"});
}

TEST(PlainLines, refuses_an_endless_line) {
    EXPECT_EQ(lines_of({std::string(300'000, 'x'), "y"}), Lines{"error line_too_long"});
}

}  // namespace
}  // namespace evenkeel::terminal
