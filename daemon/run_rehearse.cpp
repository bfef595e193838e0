#include "daemon/run_rehearse.hpp"

#include <algorithm>

#include "core/exit_code.hpp"
#include "core/failpoint.hpp"
#include "core/text.hpp"
#include "daemon/rehearsal.hpp"

namespace evenkeel {
namespace {

constexpr int exit_promise_broken = 1;

RehearsalWithout without_from(std::string_view word) {
    if (word == "breaker") return RehearsalWithout::breaker;
    if (word == "queue") return RehearsalWithout::queue;
    return word == "judge" ? RehearsalWithout::judge : RehearsalWithout::nothing;
}

Task<Result<bool>> set_of(Event& event) {
    co_await event.wait();
    co_return true;
}

}  // namespace

Task<int> run_rehearse(Application& application, command::Rehearse options) {
    Output output = application.output();
    RehearsalOptions drill;
    drill.quick = options.quick;
    drill.without = without_from(options.without);
    const bool told = !output.json && !output.quiet;
    if (told) {
        output.out.write(options.quick
                             ? "An outage drill on practice providers, about ten seconds:\n"
                             : "An outage drill on practice providers, one to two minutes (--quick: ten seconds):\n");
        drill.on_scene = [&output](std::string_view scene, std::string_view what) {
            output.out.write("  " + std::string(scene) + ": " + std::string(what) + "\n");
        };
    }
    application.process().log_to({.level = "off"});
    auto record = co_await unless(application.process().interrupt(),
                                  rehearse(application.env(), application.process().network(), std::move(drill)));
    if (!record) co_return to_int(ExitCode::interrupted);
    if (!*record) co_return report(record->error(), output);
    const auto verdicts = judge_rehearsal(**record);
    output.out.write(output.json ? rehearsal_json(**record, verdicts) + "\n"
                                 : rehearsal_text(**record, verdicts, output.out));
    co_return std::ranges::all_of(verdicts, &PromiseVerdict::kept) ? to_int(ExitCode::answered) : exit_promise_broken;
}

Task<int> run_practice(Application& application, command::Practice options) {
    if (options.list_failpoints) {
        for (const std::string_view name : failpoint_names) application.out().write(std::string(name) + "\n");
        co_return to_int(ExitCode::answered);
    }
    practice::PracticeStage stage(application.env(), application.process().network());
    Output output = application.output();
    if (const Result<void> started = stage.start(); !started) co_return report(started.error(), output);
    output.out.write(stage.describe() + "\n");
    auto interrupted = set_of(application.process().interrupt());
    (void)co_await unless(application.process().stop(), std::move(interrupted));
    co_return to_int(ExitCode::answered);
}

}  // namespace evenkeel
