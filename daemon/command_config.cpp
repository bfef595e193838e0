#include "daemon/command_config.hpp"

#include <fmt/format.h>

#include "config/document.hpp"
#include "core/exit_code.hpp"
#include "os/files.hpp"

namespace evenkeel {
namespace {

using terminal::Style;

std::string files_read(const Settings& settings) {
    std::string text = settings.file.empty() ? "no settings file" : settings.file;
    return text + (settings.dotenv.empty() ? "" : " and " + settings.dotenv);
}

}  // namespace

bool report_problems(const Loaded& loaded, Output& output) {
    if (!output.quiet) output.err.write(to_text(loaded.warnings, "warning"));
    output.err.write(to_text(loaded.errors, "error"));
    return loaded.errors.empty();
}

int run_config_init(const command::ConfigInit& options, Output& output) {
    if (!options.force && os::file_exists(options.file))
        return report(
            caller_fault(fmt::format("{} is there already; it is kept. Use --force to replace it.", options.file))
                .error(),
            output);
    if (auto done = os::write_file_atomically(options.file, settings_file()); !done)
        return report(done.error(), output);
    if (!output.quiet)
        output.out.write(
            fmt::format("{} is written: every setting, explained, at its default.\n"
                        "Your key goes into .env: NANOGPT_API_KEY=…\n"
                        "Then: evenkeel config check, evenkeel doctor\n",
                        options.file));
    return to_int(ExitCode::answered);
}

int run_config_check(const Loaded& loaded, Output& output) {
    if (!report_problems(loaded, output)) {
        const auto count = static_cast<std::int64_t>(loaded.errors.size());
        output.err.write(fmt::format("{}; nothing starts until they are mended.\n", counted(count, "error", "errors")));
        return to_int(ExitCode::configuration);
    }
    if (!output.quiet) output.out.write(fmt::format("The settings are good ({}).\n", files_read(loaded.settings)));
    return to_int(ExitCode::answered);
}

int run_config_show(const Loaded& loaded, Output& output) {
    const bool good = report_problems(loaded, output);
    if (output.json) {
        print_json(settings_json(loaded.settings), output);
    } else {
        Table table({{"SECTION"}, {"SETTING"}, {"VALUE", false, true}, {"FROM"}});
        for (const SettingOrigin& each : loaded.settings.origins) {
            const bool is_default = each.source == "default";
            table.add({{each.section, Style::dim},
                       {each.name, is_default ? Style::plain : Style::bold},
                       {each.value},
                       {each.source, is_default ? Style::dim : Style::plain}});
        }
        output.out.write(table.text(output.out));
    }
    return to_int(good ? ExitCode::answered : ExitCode::configuration);
}

}  // namespace evenkeel
