#pragma once
#include <string_view>

#include "frontends/http/model_directory.hpp"

namespace evenkeel {

/// What a model's name means to callers in Ollama's dialect, where "llama" and "llama:latest" are one: as
/// ModelDirectory::choose, but for that tag. Errors: model_gone of the caller, in Ollama's words.
Result<ModelChoice> choose_ollama_model(const ModelDirectory& models, std::string_view asked);

}  // namespace evenkeel
