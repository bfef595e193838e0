#pragma once
#include <vector>

#include "store/jobs.hpp"

namespace evenkeel::sqlite {

/// Everything about one message but its place in the line. A text whose checksum does not hold is left out and the
/// reason says so: one damaged row must not hide all others from the people who look for it.
JobView load_view(Session& session, std::int64_t number);
/// 1 is next; 0 when it does not wait. Counts the line once: for one message.
std::int64_t position_of(Session& session, std::int64_t number);
/// The views of these messages with their places; goes through the line once for all of them.
std::vector<JobView> load_views(Session& session, const std::vector<std::int64_t>& numbers);

}  // namespace evenkeel::sqlite
