#include "daemon/application.hpp"

#include "daemon/backend.hpp"
#include "daemon/command_config.hpp"
#include "daemon/route_builder.hpp"
#include "os/files.hpp"
#include "os/process.hpp"
#include "os/terminal.hpp"

namespace evenkeel {
namespace {
constexpr Millis ollama_answers_within{500};
constexpr Seconds close_within{8};
}  // namespace

Application::Application(Process& process, CommonFlags flags)
    : process_(process),
      flags_(std::move(flags)),
      out_(os::standard_output, colour_allowed(process.environment(), flags_.no_color)),
      err_(os::standard_error, colour_allowed(process.environment(), flags_.no_color)) {}

Output Application::output() {
    return Output{.out = out_, .err = err_, .json = flags_.json, .quiet = flags_.quiet, .now = env().wall()};
}

void Application::read_settings() {
    loaded_ = load_settings(inputs_of_process(process_.environment(), flags_.config, flags_.data));
}

bool Application::load() {
    read_settings();
    Output told = output();
    return report_problems(loaded_, told);
}

std::vector<std::string> Application::left_out() const {
    std::vector<std::string> lines;
    for (const ProviderSettings& provider : settings().providers)
        if (!provider.left_out.empty()) lines.push_back(provider.name + ": " + provider.left_out);
    return lines;
}

Task<bool> Application::lacks_providers() {
    if (!needs_practice(loaded_.settings)) co_return false;
    for (const ProviderSettings& provider : loaded_.settings.providers) {
        if (!provider.is_ollama() || !provider.left_out.empty()) continue;
        const auto upstream = make_upstream(env(), process_.network(), provider);
        const auto models = co_await upstream->models(env().now() + ollama_answers_within);
        if (models) co_return false;
    }
    co_return true;
}

Result<void> Application::use_practice(PracticeTimes times) {
    auto mode = PracticeMode::start(env(), process_.network(), times);
    if (!mode) return fail(mode.error());
    practice_ = std::move(*mode);
    practice_->settings().server = loaded_.settings.server;  // Where to listen is asked for all the same.
    return {};
}

Task<Result<Session*>> Application::open_session(std::string command, bool works_queue, std::uint16_t* port) {
    const std::string& directory = settings().storage.dir;
    if (const Result<void> made = os::ensure_directory(directory); !made) co_return fail(made.error());
    if (os::is_network_filesystem(directory))
        co_return own_fault(ErrorClass::storage,
                            directory +
                                " is on a network file system, where locks and fsync cannot be relied on; choose "
                                "a local one with --data or EVENKEEL_DATA",
                            "network_filesystem");
    gate_ = make_owner_gate(directory);
    SessionOptions options;
    options.kind = command;
    options.pid = os::process_id();
    options.uid = os::user_id();
    BackendOptions backend{
        .command = command, .pid = os::process_id(), .works_queue = works_queue, .practice = practice_ != nullptr};
    if (port != nullptr) {
        backend.serves_http = true;
        backend.on_listening = [port](std::uint16_t taken) { *port = taken; };
        options.drain_within += settings().server.drain_timeout;
    }
    auto factory = [this, backend]() { return Backend::open(env(), process_.network(), settings(), backend); };
    session_ = std::make_unique<Session>(env(), process_.network(), *gate_, std::move(factory), std::move(options));
    const Result<void> opened = co_await session_->open();
    if (!opened) co_return fail(opened.error());
    co_return session_.get();
}

Task<void> Application::close_session() {
    if (!session_) co_return;
    auto closing = [](Session& session) -> Task<Result<void>> {
        co_await session.close();
        co_return Result<void>();
    };
    const Instant end = env().now() + close_within + settings().server.drain_timeout;
    (void)co_await until(env().scheduler, end, closing(*session_));
    session_.reset();
}

std::string Application::who_answers() const {
    if (practice_) return "This was practice: nothing is kept.";
    if (session_ && !session_->owns()) {
        const auto owner = session_->owner();
        if (owner && owner->kind == serve_kind) return describe(*owner) + " will answer it.";
        if (owner) return describe(*owner) + " works the queue while it runs, `evenkeel serve` for good.";
    }
    return "Start `evenkeel serve` to have it answered, or `evenkeel queue run --until-empty`.";
}

}  // namespace evenkeel
