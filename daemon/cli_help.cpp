#include "daemon/cli_help.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "config/document.hpp"

namespace evenkeel {
namespace {

constexpr std::size_t left_columns = 26;

constexpr std::string_view exit_codes =
    "Exit codes:\n"
    "  0 answered · 64 usage · 65 refused · 66 no such id · 69 full, or the owner cannot be reached\n"
    "  70 internal · 74 storage · 75 queued · 78 configuration · 130 interrupted\n";

constexpr std::string_view bare_command =
    "Without a command: chat on a terminal; a question per line where standard input is a pipe; and where\n"
    "it is empty, a short rehearsal of an outage.\n";

std::string row(std::string left, std::string_view right) {
    // A left side that is too long stands alone, so that the right column stays straight.
    if (left.size() > left_columns - 2) return fmt::format("  {}\n  {:<{}}{}\n", left, "", left_columns, right);
    return fmt::format("  {:<{}}{}\n", left, left_columns, right);
}

std::string full_name(const CLI::App& app) {
    const CLI::App* parent = app.get_parent();
    return parent == nullptr ? app.get_name() : full_name(*parent) + " " + app.get_name();
}

/// "--wait DURATION", "-h, --help", "ID...".
std::string option_name(const CLI::Option& option) {
    if (option.get_positional()) return option.get_name(true);
    std::string name;
    for (const std::string& each : option.get_snames()) name += fmt::format("-{}, ", each);
    for (const std::string& each : option.get_lnames()) name += fmt::format("--{}", each);
    if (option.get_items_expected_max() > 0) name += " " + option.get_type_name();
    return name;
}

std::string options_of(const CLI::App& app, bool positional) {
    std::string text;
    for (const CLI::Option* option : app.get_options())
        if (option->get_positional() == positional && (positional || !option->get_group().empty()))
            text += row(positional ? option->get_name(true) : option_name(*option), option->get_description());
    return text;
}

std::string usage_line(const CLI::App& app, const std::vector<const CLI::App*>& commands) {
    std::string line = "Usage: " + full_name(app);
    if (!commands.empty()) line += app.get_parent() == nullptr ? " [COMMAND]" : " COMMAND";
    for (const CLI::Option* option : app.get_options())
        if (option->get_positional())
            line += option->get_required() ? " " + option->get_name(true) : " [" + option->get_name(true) + "]";
    return line + " [FLAGS]\n";
}

}  // namespace

std::string help_text(const CLI::App& app) {
    // What belongs to no group is for tests.
    const auto commands =
        app.get_subcommands([](const CLI::App* sub) { return !sub->get_name().empty() && !sub->get_group().empty(); });
    std::string text = usage_line(app, commands) + "\n" + app.get_description() + "\n";
    if (app.get_parent() == nullptr) text += "\n" + std::string(bare_command);
    if (!commands.empty()) {
        text += "\nCommands:\n";
        for (const CLI::App* sub : commands) {
            const std::string& description = sub->get_description();
            text += row(sub->get_name(), description.substr(0, description.find('\n')));
        }
    }
    if (const std::string arguments = options_of(app, true); !arguments.empty()) text += "\nArguments:\n" + arguments;
    const CLI::App* root = &app;
    while (root->get_parent() != nullptr) root = root->get_parent();
    if (const std::string flags = root == &app ? std::string() : options_of(app, false); !flags.empty())
        text += "\nFlags:\n" + flags;
    text += "\nFlags of all commands:\n" + options_of(*root, false);
    if (root == &app)
        text += "\nNames in the environment and in .env:\n" + environment_help() + "\n" + std::string(exit_codes);
    if (!app.get_footer().empty()) text += "\n" + app.get_footer() + "\n";
    return text;
}

}  // namespace evenkeel
