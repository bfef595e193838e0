#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/value.hpp"

namespace evenkeel {

/// One setting: everything that is known of it stands here, once. Parsing, environment names, `config show`,
/// `config init`, help and docs/settings.md are made from the table.
struct Field {
    std::string_view section;  ///< "queue"; "provider" for the fields of each [[provider]].
    std::string_view name;
    /// The value where nobody gives one, as in the environment; empty: unset, or found out (the help says how).
    std::string_view fallback;
    std::string_view fallback_ollama;  ///< The same for kind = "ollama" where it differs.
    Limits limits;
    std::string_view help;
    Slot (*slot)(Settings&, ProviderSettings&);
};

struct Section {
    std::string_view name;
    std::string_view help;
};

std::span<const Section> sections() noexcept;
/// All fields, section by section.
std::span<const Field> fields() noexcept;
/// Nothing where there is none.
const Field* find_field(std::string_view section, std::string_view name) noexcept;
std::vector<std::string_view> section_names();
std::vector<std::string_view> field_names(std::string_view section);

/// The environment's name for a field of a scalar section: "EVENKEEL_QUEUE_TTL"; "EVENKEEL_DATA" for [storage] dir.
/// Empty for the fields of a provider, but for those below.
std::string environment_name(const Field& field);
/// NANOGPT_API_URL, NANOGPT_MODEL (provider "nanogpt"), OLLAMA_HOST, OLLAMA_MODEL (provider "ollama"); else empty.
std::string_view provider_environment_name(std::string_view provider, std::string_view field) noexcept;

inline constexpr std::string_view nanogpt_url = "https://nano-gpt.com/api/v1";
/// Cheap, and of the kind NanoGPT lists as "maker/model"; `doctor` checks that it is still offered.
inline constexpr std::string_view nanogpt_model = "openai/gpt-4o-mini";
inline constexpr std::string_view ollama_model = "llama3.1:8b";

}  // namespace evenkeel
