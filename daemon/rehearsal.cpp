#include "daemon/rehearsal.hpp"

#include <algorithm>

#include "core/json.hpp"
#include "daemon/backend.hpp"
#include "daemon/practice_mode.hpp"
#include "daemon/weakened.hpp"
#include "practice/canonical.hpp"

namespace evenkeel {
namespace {

using practice::Behaviour;
using practice::Fault;

constexpr std::string_view surface = "terminal";
constexpr Millis look_again{20};

struct Scene {
    std::string name, what;
    Behaviour cloud, local;
    std::vector<std::pair<std::string, std::string>> questions;  ///< Conversation, text.
    bool cloud_returns = true;                                   ///< Afterwards wait until the cloud is asked again.
};

/// The day. Order matters: what a scene leaves behind (a benched or open cloud) the next one may stand on.
std::vector<Scene> script(bool quick) {
    const Behaviour healthy{};
    const Behaviour refused{.fault = Fault::refuse};
    const Millis rest{quick ? 1'000 : 5'000};
    return {
        {"all well", "both providers answer", healthy, healthy, {{"ada", "Good morning"}, {"bob", "Are you there?"}}},
        {"503", "the cloud fails at once", {.fault = Fault::status, .number = 503}, healthy, {{"ada", "What now?"}}},
        {"cut",
         "the cloud breaks off after 40 words",
         {.fault = Fault::cut, .number = 40},
         healthy,
         {{"bob", "[numbered] count to sixty"}}},
        {"rate limit",
         "the cloud asks for rest with Retry-After",
         {.fault = Fault::status, .number = 429, .time = rest},
         healthy,
         {{"ada", "Too much?"}, {"bob", "Still too much?"}}},
        {"silence",
         "the cloud accepts and says nothing",
         {.fault = Fault::silence},
         healthy,
         {{"ada", "Hello?"}, {"bob", "Anybody?"}, {"cyd", "Is this on?"}},
         false},
        {"both down",
         "nobody answers: the queue takes over",
         refused,
         refused,
         {{"ada", "First of three"}, {"bob", "Only one here"}, {"ada", "Second of three"}, {"ada", "Third of three"}},
         false},
        {"back again", "both are back: late answers, then live ones", healthy, healthy, {{"cyd", "And now?"}}},
    };
}

class Drill {
public:
    Drill(Env env, Network& network, RehearsalOptions& options)
        : env_(env),
          network_(network),
          options_(options),
          start_(env.now()),
          answered_(env.scheduler),
          tasks_(env.scheduler) {}

    Task<Result<RehearsalRecord>> run() {
        const PracticeTimes times =
            options_.quick ? PracticeTimes{Millis{400}, Millis{400}, Millis{3}} : PracticeTimes{};
        auto mode = PracticeMode::start(env_, network_, times);
        if (!mode) co_return fail(mode.error());
        mode_ = std::move(*mode);
        BackendOptions backend{.command = "rehearse", .practice = true, .make_store = options_.make_store};
        backend.adjust = [without = options_.without](std::vector<LaneSpec>& lanes) { weaken(lanes, without); };
        auto opened = co_await Backend::open(env_, network_, mode_->settings(), std::move(backend));
        if (!opened) co_return fail(opened.error());
        backend_ = std::move(*opened);
        tasks_.spawn(take_late(*this));
        for (const Scene& scene : script(options_.quick)) co_await play(scene);
        co_await count_open();
        record_.cloud = log_of(mode_->stage().cloud());
        record_.local = log_of(mode_->stage().local());
        tasks_.cancel();
        backend_.reset();
        mode_.reset();
        co_return std::move(record_);
    }

private:
    Millis now() const noexcept { return elapsed(start_, env_.now()); }

    /// The provider's log on the drill's clock.
    std::vector<practice::Encounter> log_of(const practice::PracticeProvider& provider) const {
        const auto& kept = provider.log().encounters();
        return {kept.begin(), kept.end()};
    }

    Task<void> play(const Scene& scene) {
        if (options_.on_scene) options_.on_scene(scene.name, scene.what);
        RehearsedScene entry{.name = scene.name, .from = now()};
        if (scene.cloud.fault == Fault::status) entry.retry_after = scene.cloud.time;
        entry.cloud_silent = scene.cloud.fault == Fault::silence;
        mode_->stage().cloud().always(scene.cloud);
        mode_->stage().local().always(scene.local);
        const bool returning = !record_.questions.empty() && scene.cloud == Behaviour{};
        if (returning) {
            co_await wait_for_late();
            co_await wait_for_cloud();
            // A returning provider is met with a ramp; one call in so long a time always passes it.
            co_await sleep_for(env_.scheduler, BreakerOptions{}.ramp_always + look_again);
        }
        for (const auto& [conversation, text] : scene.questions) co_await ask(scene.name, conversation, text);
        entry.to = now();
        record_.scenes.push_back(entry);
        if (!scene.cloud_returns || scene.cloud == Behaviour{}) co_return;
        mode_->stage().cloud().always(Behaviour{});
        co_await wait_for_cloud();
    }

    Task<void> ask(std::string scene, std::string conversation, std::string text) {
        const std::size_t at = record_.questions.size();
        record_.questions.emplace_back();
        {
            RehearsedQuestion& question = record_.questions[at];
            question.scene = std::move(scene);
            question.conversation = conversation;
            question.text = text;
            question.expected = practice::canonical_answer(text);
            question.asked_at = now();
        }
        Inbound message;
        message.frontend = surface;
        message.conversation = std::move(conversation);
        message.text = std::move(text);
        auto opened = co_await backend_->desk().submit(std::move(message));
        if (!opened) {
            record_.questions[at].trouble = describe(opened.error());
            co_return;
        }
        co_await follow(**opened, at);
    }

    Task<void> follow(TurnStream& stream, std::size_t at) {
        while (true) {
            auto next = co_await stream.next();
            RehearsedQuestion& question = record_.questions[at];
            if (!next || !*next) {
                question.trouble = next ? "the stream ended without an answer" : describe(next.error());
                co_return;
            }
            const TurnEvent& event = **next;
            question.id = event.id;
            if (co_await take(question, event)) co_return;
        }
    }

    /// True once the asker has what they wait for.
    Task<bool> take(RehearsedQuestion& question, const TurnEvent& event) {
        using Kind = TurnEvent::Kind;
        const Millis after = now() - question.asked_at;
        if (event.kind == Kind::delta && !question.first_word_after) question.first_word_after = after;
        if (event.kind == Kind::restarted) question.restarted = true;
        if (event.kind == Kind::answered) {
            question.told_after = after;
            answer(question, event.answer->text, event.answer->provider, after);
            (void)co_await backend_->desk().shown(event.id);
            co_return true;
        }
        if (event.kind == Kind::queued) {
            question.receipted = true;
            question.told_after = after;
            if (options_.without == RehearsalWithout::queue) (void)co_await backend_->desk().cancel(event.id);
            co_return true;
        }
        if (event.kind > Kind::answered) {
            question.trouble = event.text;
            (void)co_await backend_->desk().shown(event.id);
            co_return true;
        }
        co_return false;
    }

    void answer(RehearsedQuestion& question, std::string text, std::string provider, Millis after) {
        question.answers.push_back(std::move(text));
        question.provider = std::move(provider);
        question.answered_after = after;
        question.answered_as = ++answers_;
        answered_.pulse();
    }

    /// Late answers, as a chat window would get them.
    static Task<void> take_late(Drill& self) {
        auto opened = co_await self.backend_->desk().deliveries(std::string(surface), "");
        if (!opened) co_return;
        const std::unique_ptr<DeliveryStream> stream = std::move(*opened);
        while (true) {
            auto delivery = co_await stream->next();
            if (!delivery) co_return;
            for (RehearsedQuestion& question : self.record_.questions) {
                if (question.id != delivery->id) continue;
                if (delivery->kind == Delivery::Kind::answer)
                    self.answer(question, delivery->text, delivery->answer ? delivery->answer->provider : "",
                                self.now() - question.asked_at);
                else
                    question.trouble = delivery->text;
            }
            (void)co_await self.backend_->desk().shown(delivery->id);
        }
    }

    /// Bounded: what does not come is judged as missing, not waited for.
    Task<void> wait_for_late() {
        const Instant until = env_.now() + patience();
        const auto owed = [&] {
            return std::ranges::any_of(record_.questions,
                                       [](const auto& q) { return q.receipted && q.answers.empty(); });
        };
        if (options_.without == RehearsalWithout::queue) co_return;
        while (owed() && env_.now() < until) co_await sleep_for(env_.scheduler, look_again);
    }

    Task<void> wait_for_cloud() {
        const Instant until = env_.now() + patience();
        while (env_.now() < until) {
            const auto status = co_await backend_->desk().call("status", "{}");
            JsonDoc doc;
            if (status && doc.parse(*status) && doc.root()["providers"].at(0)["phase"].string_or("") == "closed")
                co_return;
            co_await sleep_for(env_.scheduler, look_again);
        }
    }

    Seconds patience() const noexcept { return options_.quick ? Seconds{5} : Seconds{90}; }

    Task<void> count_open() {
        const auto status = co_await backend_->desk().call("status", "{}");
        JsonDoc doc;
        if (status && doc.parse(*status))
            record_.still_open =
                doc.root()["queue"]["queued"].integer_or(1) + doc.root()["queue"]["working"].integer_or(1);
        else
            record_.still_open = 1;
    }

    Env env_;
    Network& network_;
    RehearsalOptions& options_;
    Instant start_;
    RehearsalRecord record_;
    std::unique_ptr<PracticeMode> mode_;
    std::unique_ptr<LocalOwner> backend_;
    std::size_t answers_ = 0;
    Event answered_;
    TaskGroup tasks_;
};

}  // namespace

Task<Result<RehearsalRecord>> rehearse(Env env, Network& network, RehearsalOptions options) {
    Drill drill(env, network, options);
    co_return co_await drill.run();
}

}  // namespace evenkeel
