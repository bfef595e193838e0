#include "daemon/run_doctor.hpp"

#include <fmt/format.h>

#include "core/json.hpp"
#include "core/json_writer.hpp"
#include "daemon/backend.hpp"
#include "daemon/doctor.hpp"
#include "daemon/readable_rest.hpp"
#include "daemon/route_builder.hpp"
#include "net/http_client.hpp"
#include "os/files.hpp"
#include "os/lock_file.hpp"
#include "store/sqlite_engine.hpp"

namespace evenkeel {
namespace {

constexpr std::size_t reply_bytes_max = 1024 * 1024;

/// The doctor's eyes on the real world.
class RealProbes final : public DoctorProbes {
public:
    explicit RealProbes(Application& application) : application_(application) {}

    Task<Result<std::vector<std::string>>> models(const ProviderSettings& provider, Millis within) override {
        Env env = application_.env();
        const auto upstream = make_upstream(env, application_.process().network(), provider);
        auto listed = co_await until(env.scheduler, env.now() + within, upstream->models(env.now() + within));
        if (!listed)
            co_return provider_fault(ErrorClass::silent, Scope::provider,
                                     "no answer within " + std::to_string(within.count()) + " ms");
        co_return std::move(*listed);
    }

    Task<Result<OllamaFindings>> ollama(const ProviderSettings& provider, Millis within) override {
        Env env = application_.env();
        auto found = co_await until(env.scheduler, env.now() + within, look_at_ollama(provider));
        if (!found)
            co_return provider_fault(ErrorClass::silent, Scope::provider,
                                     "no answer within " + std::to_string(within.count()) + " ms");
        co_return std::move(*found);
    }

    Task<DataFindings> data(const std::string& directory) override {
        DataFindings found;
        found.directory = directory;
        if (const Result<void> made = os::ensure_directory(directory); !made) {
            found.not_writable = made.error().detail;
            co_return found;
        }
        const std::string probe = directory + "/.doctor";
        if (const Result<void> written = os::write_file_atomically(probe, "x"); !written)
            found.not_writable = written.error().detail;
        (void)os::remove_file(probe);
        if (const auto free = os::free_disk_bytes(directory)) found.free_bytes = *free;
        found.on_network = os::is_network_filesystem(directory);
        if (const auto holder = os::LockFile::holder(directory))
            found.owner = fmt::format("evenkeel {} (process {})", holder->kind, holder->pid);
        if (os::file_exists(database_file(application_.settings()))) found.damage = co_await damage();
        co_return found;
    }

    std::string sqlite_version() override { return evenkeel::sqlite_version(); }
    WallTime wall() override { return application_.env().wall(); }

private:
    /// Through the desk of whoever owns the data: two processes never read one database.
    Task<std::optional<std::string>> damage() {
        auto session = co_await application_.open_session("doctor", false);
        if (!session) co_return session.error().detail;
        auto reply = co_await (*session)->call("store.check", "{}");
        const bool ours = (*session)->owns();
        co_await application_.close_session();
        if (!reply) co_return reply.error().detail;
        JsonDoc document;
        if (!document.parse(*reply)) co_return std::nullopt;
        const std::vector<Json> damages = document.root()["damage"].elements();
        if (damages.empty()) co_return std::nullopt;
        std::string seen(damages.front().string_or("damaged"));
        const std::string database = database_file(application_.settings());
        // What another process has open is not to be copied from here.
        seen += ours ? ". " + keep_readable_rest(database, application_.env().wall())
                     : ". End the process that works it and look again: then what can be read is exported.";
        co_return seen;
    }

    Task<Result<std::string>> fetch(HttpSender& client, HttpRequest request) {
        auto sent = co_await client.send(std::move(request));
        if (!sent) co_return fail(sent.error());
        std::string body;
        while (true) {
            auto piece = co_await (*sent)->read();
            if (!piece) co_return fail(piece.error());
            if (piece->empty()) co_return body;
            body += *piece;
            if (body.size() > reply_bytes_max)
                co_return provider_fault(ErrorClass::bad_answer, Scope::provider, "the reply is too long");
        }
    }

    Task<Result<OllamaFindings>> look_at_ollama(const ProviderSettings& provider) {
        const ProviderOptions options = provider_options(provider);
        const auto client = make_http_client(application_.env(), application_.process().network(), options.endpoint);
        HttpRequest ask_version{.target = options.base_path + "/api/version"};
        auto version = co_await fetch(*client, std::move(ask_version));
        if (!version) co_return fail(version.error());
        JsonDoc document;
        OllamaFindings found;
        if (document.parse(*version)) found.version = document.root()["version"].string_or("");
        HttpRequest ask_model{.method = "POST",
                              .target = options.base_path + "/api/show",
                              .headers = {{"Content-Type", "application/json"}}};
        JsonWriter(ask_model.body).object().member("model", provider.model).end_object();
        auto shown = co_await fetch(*client, std::move(ask_model));
        if (!shown || !document.parse(*shown)) co_return found;
        for (const auto& [name, value] : document.root()["model_info"].members())
            if (name.ends_with(".context_length")) found.model_window = value.integer();
        co_return found;
    }

    Application& application_;
};

}  // namespace

Task<int> run_doctor(Application& application) {
    RealProbes probes(application);
    Output output = application.output();
    const std::vector<Check> checks = co_await examine(application.loaded(), probes);
    co_return show_checks(checks, application.loaded().errors.empty(), output);
}

}  // namespace evenkeel
