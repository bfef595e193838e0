#pragma once
#include <span>
#include <string>
#include <string_view>

#include "core/message.hpp"
#include "core/secret.hpp"

namespace evenkeel {

/// A provider's words, made fit for logs and errors: one line of at most 200 characters, in which every piece of the
/// key (≥ 8 bytes) and of the conversation (≥ 12 bytes, or a whole shorter message) is replaced by "…". Providers echo
/// both.
std::string scrubbed(std::string_view words, const Secret& key, std::span<const Turn> turns);

}  // namespace evenkeel
