#include "practice/practice_provider.hpp"

#include <algorithm>

#include "core/async.hpp"
#include "net/http_server.hpp"
#include "practice/performance.hpp"
#include "practice/practice_control.hpp"

namespace evenkeel::practice {
namespace {

constexpr Millis reopen_after{100};

bool looks_like_an_outage(const Behaviour& behaviour) {
    switch (behaviour.fault) {
        case Fault::refuse:
        case Fault::reset:
        case Fault::silence:
        case Fault::html:
        case Fault::garbage: return true;
        case Fault::status: return behaviour.number >= 500;
        default: return false;
    }
}

/// Ends an entry of the log, also where the handler is cancelled because the provider is taken down.
class Entry {
public:
    Entry(Env env, PracticeLog& log, std::uint64_t number) : env_(env), log_(log), number_(number) {}
    ~Entry() { end(Encounter::Outcome::cut); }
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    void end(Encounter::Outcome outcome) {
        auto* const entry = log_.find(number_);
        if (!entry || entry->outcome != Encounter::Outcome::running) return;
        entry->outcome = outcome;
        entry->ended_at = entry->at + elapsed(started_, env_.now());
    }

private:
    Env env_;
    PracticeLog& log_;
    std::uint64_t number_;
    Instant started_ = env_.now();
};

}  // namespace

std::string_view to_string(Kind kind) noexcept { return kind == Kind::openai ? "openai" : "ollama"; }

struct PracticeProvider::Impl {
    Impl(PracticeProvider& owner, Env environment, Network& net, PracticeOptions given)
        : self(owner),
          env(environment),
          network(net),
          options(std::move(given)),
          dialect(options.kind == Kind::openai ? make_openai_dialect() : make_ollama_dialect()),
          changed(env.scheduler),
          tasks(env.scheduler) {}

    Result<void> open() {
        auto listener = network.listen(Endpoint{.host = options.host, .port = options.port});
        if (!listener) return fail(std::move(listener.error()));
        server = std::make_unique<HttpServer>(
            env, std::move(*listener),
            [this](HttpIncoming& request, HttpResponder& responder) { return handle(request, responder); });
        options.port = server->port();
        return {};
    }

    /// Opens and closes the port as the script says, from the loop's top level: never inside a handler of the server.
    Task<void> tend_door() {
        for (;;) {
            co_await changed.wait();
            changed.clear();
            if (script.taken_down())
                server.reset();
            else
                while (!server && !open()) co_await sleep_for(env.scheduler, reopen_after);
        }
    }

    Task<void> handle(HttpIncoming& request, HttpResponder& responder) {
        if (request.path.starts_with(control_prefix)) {
            PracticeProvider* const one[] = {&self};
            Steering steering = steer(one, request);
            Page& page = steering.page;
            const auto sent = co_await responder.respond(page.status, std::move(page.headers), std::move(page.body));
            if (sent && steering.obey) steering.obey();
        } else if (dialect->is_chat(request)) {
            co_await chat(request, responder);
        } else {
            co_await free_question(request, responder);
        }
    }

    /// Lists and versions: they cost nothing, are not scripted one by one, and suffer with an outage.
    Task<void> free_question(HttpIncoming& request, HttpResponder& responder) {
        Reply reply{.question = {}, .id = "free", .started = now()};
        const Behaviour behaviour = script.present();
        Performance performance(env, *dialect, {}, behaviour, std::move(reply), log, 0, responder);
        if (looks_like_an_outage(behaviour))
            co_await performance.play();
        else
            co_await performance.send(dialect->page(request, Shelf{options.models, loaded}, now()));
    }

    Task<void> chat(HttpIncoming& request, HttpResponder& responder) {
        auto question = dialect->read(request.body);
        Encounter encounter{.at = elapsed(made, env.now()), .path = request.path};
        const std::string text = question ? question->text : "";
        Behaviour behaviour;
        if (question) {
            behaviour = script.take(question->model);
            encounter.model = question->model;
            encounter.stream = question->stream;
            encounter.messages = question->messages;
            encounter.behaviour = to_string(behaviour);
        }
        const auto number = log.add(std::move(encounter), text);
        Entry entry(env, log, number);
        Reply reply{.question = question.value_or(Question{}), .id = std::to_string(number), .started = now()};
        auto page = objection(request, question, behaviour, reply);
        Performance performance(env, *dialect, Pace{options.first_token, options.pace}, behaviour, std::move(reply),
                                log, number, responder);
        if (page)
            entry.end(co_await performance.send(std::move(*page)));
        else
            entry.end(co_await performance.play());
    }

    /// What a healthy provider would answer instead of an answer: the request is wrong, or holds no question.
    std::optional<Page> objection(const HttpIncoming& request, const Result<Question>& question,
                                  const Behaviour& behaviour, const Reply& reply) {
        if (behaviour.fault != Fault::healthy) return std::nullopt;
        if (options.key && request.header("authorization") != "Bearer " + std::string(options.key->reveal()))
            return dialect->error(401);
        if (!question) return dialect->bad_request(question.error().detail);
        const std::string& model = question->model;
        const bool known = std::ranges::find(options.models, model) != options.models.end();
        if (!known && !model.starts_with(fault_model_prefix)) return dialect->model_missing(model);
        if (known && std::ranges::find(loaded, model) == loaded.end()) loaded.push_back(model);
        if (question->messages == 0) return dialect->loaded(reply);
        return std::nullopt;
    }

    Moment now() const { return {env.wall(), env.now()}; }

    PracticeProvider& self;
    Env env;
    Network& network;
    PracticeOptions options;
    std::unique_ptr<Dialect> dialect;
    FaultScript script;
    PracticeLog log;
    std::vector<std::string> loaded;  ///< Of options.models, those that were asked.
    Instant made = env.now();
    Event changed;
    std::unique_ptr<HttpServer> server;  ///< Null while taken down.
    TaskGroup tasks;
};

PracticeProvider::PracticeProvider(Env env, Network& network, PracticeOptions options)
    : impl_(std::make_unique<Impl>(*this, env, network, std::move(options))) {}
PracticeProvider::~PracticeProvider() = default;

Result<void> PracticeProvider::start() {
    if (auto opened = impl_->open(); !opened) return opened;
    impl_->tasks.spawn(impl_->tend_door());
    return {};
}

std::uint16_t PracticeProvider::port() const noexcept { return impl_->options.port; }
const PracticeOptions& PracticeProvider::options() const noexcept { return impl_->options; }
std::string PracticeProvider::base_url() const {
    const auto& options = impl_->options;
    return "http://" + options.host + ":" + std::to_string(options.port) +
           (options.kind == Kind::openai ? "/api/v1" : "");
}

void PracticeProvider::always(Behaviour behaviour, std::string_view model) {
    impl_->script.always(behaviour, model);
    impl_->changed.set();
}
void PracticeProvider::next(std::uint32_t requests, Behaviour behaviour, std::string_view model) {
    impl_->script.next(requests, behaviour, model);
}
Behaviour PracticeProvider::present() const { return impl_->script.present(); }
const PracticeLog& PracticeProvider::log() const noexcept { return impl_->log; }

}  // namespace evenkeel::practice
