#pragma once
#include <cstddef>

namespace evenkeel::os {

inline constexpr int standard_input = 0;
inline constexpr int standard_output = 1;
inline constexpr int standard_error = 2;

/// Whether a person is at the other end.
bool is_terminal(int fd) noexcept;
/// Its width now; 80 where it is no terminal or does not say.
std::size_t terminal_columns(int fd) noexcept;

}  // namespace evenkeel::os
