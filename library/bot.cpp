#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "core/exit_code.hpp"
#include "daemon/application.hpp"
#include "evenkeel/evenkeel.hpp"

namespace evenkeel {
namespace {

constexpr std::string_view frontend = "library";
constexpr Seconds late_again_after{1};

BotError bot_error(const Error& error) {
    return {error.detail.empty() ? describe(error) : error.detail, to_int(exit_code_for(error))};
}

Reply reply_of(const Id& id, const Answer& answer) {
    Reply reply;
    reply.id = to_string(id);
    reply.text = answer.text;
    reply.provider = answer.provider;
    reply.model = answer.model;
    reply.degraded = answer.degraded;
    reply.input_tokens = answer.usage.input;
    reply.output_tokens = answer.usage.output;
    reply.tokens_estimated = answer.usage.estimated;
    reply.cost_usd = answer.cost_usd;
    reply.latency = answer.latency;
    reply.first_token = answer.first_token;
    return reply;
}

using Asked = std::expected<Reply, BotError>;

/// A question from another thread, and the place where that thread waits for its reply.
struct Question {
    std::string conversation, text;
    OnToken on_token;
    std::mutex mutex;
    std::condition_variable done;
    std::optional<Asked> reply;

    void finish(Asked value) {
        const std::lock_guard lock(mutex);
        reply.emplace(std::move(value));
        done.notify_one();
    }
    Asked wait() {
        std::unique_lock lock(mutex);
        done.wait(lock, [this] { return reply.has_value(); });
        return std::move(*reply);
    }
};

Task<Asked> answer(Desk& desk, Question& question) {
    Inbound message;
    message.frontend = frontend;
    message.conversation = question.conversation;
    message.text = question.text;
    auto opened = co_await desk.submit(std::move(message));
    if (!opened) co_return std::unexpected(bot_error(opened.error()));
    const std::unique_ptr<TurnStream> stream = std::move(*opened);
    bool restart = false;
    while (true) {
        auto next = co_await stream->next();
        if (!next) co_return std::unexpected(bot_error(next.error()));
        if (!*next) co_return std::unexpected(BotError{"the question ended without an answer"});
        const TurnEvent& event = **next;
        using Kind = TurnEvent::Kind;
        if (event.kind == Kind::restarted) restart = true;
        if (event.kind == Kind::delta && question.on_token)
            question.on_token(event.text, std::exchange(restart, false));
        if (event.kind == Kind::queued)
            co_return Reply{.status = Reply::Status::queued, .id = to_string(event.id), .text = event.text};
        if (event.kind == Kind::answered) {
            (void)co_await desk.shown(event.id);
            co_return reply_of(event.id, *event.answer);
        }
        if (event.kind > Kind::answered) {
            (void)co_await desk.shown(event.id);
            co_return Reply{.status = Reply::Status::refused, .id = to_string(event.id), .text = event.text};
        }
    }
}

}  // namespace

/// The thread with its loop. Everything but the hand-over of questions happens on it.
struct Bot::Impl {
    using LateCallback = std::function<void(const LateReply&)>;

    explicit Impl(BotOptions options_) : options(std::move(options_)) {}
    ~Impl() {
        if (!thread.joinable()) return;
        post([this] { ending->set(); });
        thread.join();
    }

    std::optional<BotError> start() {
        Question ready;
        thread = std::thread([this, &ready] { run(ready); });
        Asked started = ready.wait();
        if (started) return std::nullopt;
        thread.join();
        return started.error();
    }

    void run(Question& ready) {
        auto started = Process::start_embedded(os::Environment::of_process());
        if (!started) return ready.finish(std::unexpected(bot_error(started.error())));
        const std::unique_ptr<Process> process = std::move(*started);
        Application application(*process,
                                CommonFlags{.config = options.config_file, .data = options.data_dir, .quiet = true});
        Event end(process->loop());
        TaskGroup group(process->loop());
        loop = &process->loop();
        ending = &end;
        tasks = &group;
        (void)process->loop().run(live(application, ready));
    }

    Task<int> live(Application& application, Question& ready) {
        if (auto trouble = prepare(application)) {
            ready.finish(std::unexpected(std::move(*trouble)));
            co_return 0;
        }
        // Standard error is the program's own: there only what somebody must act on.
        const auto& log = application.settings().log;
        application.process().log_to({.level = log.file.empty() ? "alarm" : log.level, .file = log.file});
        auto opened = co_await application.open_session("library");
        if (!opened) {
            ready.finish(std::unexpected(bot_error(opened.error())));
            co_return 0;
        }
        desk = *opened;
        ready.finish(Reply{});
        co_await ending->wait();
        tasks->cancel();
        co_await application.close_session();
        co_return 0;
    }

    std::optional<BotError> prepare(Application& application) const {
        if (options.practice) {
            const Result<void> practice = application.use_practice();
            return practice ? std::nullopt : std::optional(bot_error(practice.error()));
        }
        application.read_settings();
        const Loaded& loaded = application.loaded();
        if (loaded.errors.empty()) return std::nullopt;
        return BotError{to_text(loaded.errors, "error"), to_int(ExitCode::configuration)};
    }

    void post(std::function<void()> work) { loop->post(std::move(work)); }

    Asked ask(std::string_view conversation, std::string_view text, OnToken on_token) {
        Question question{
            .conversation = std::string(conversation), .text = std::string(text), .on_token = std::move(on_token)};
        post([this, &question] { tasks->spawn(answer_into(*desk, question)); });
        return question.wait();
    }
    static Task<void> answer_into(Desk& desk, Question& question) { question.finish(co_await answer(desk, question)); }

    static Task<void> take_late(Impl& self) {
        while (true) {
            auto stream = co_await self.desk->deliveries(std::string(frontend), "");
            if (stream) co_await hand_over(self, **stream);
            co_await sleep_for(*self.loop, late_again_after);
        }
    }
    /// Until the stream breaks.
    static Task<void> hand_over(Impl& self, DeliveryStream& stream) {
        while (true) {
            auto delivery = co_await stream.next();
            if (!delivery) co_return;
            LateReply late{.conversation = delivery->conversation, .question = delivery->question};
            if (delivery->answer)
                late.reply = reply_of(delivery->id, *delivery->answer);
            else
                late.reply = {.status = Reply::Status::refused, .id = to_string(delivery->id), .text = delivery->text};
            self.on_late(late);
            (void)co_await self.desk->shown(delivery->id);
        }
    }

    const BotOptions options;
    std::thread thread;
    // Set by the thread before start() returns.
    Loop* loop = nullptr;
    Event* ending = nullptr;
    TaskGroup* tasks = nullptr;
    Desk* desk = nullptr;
    LateCallback on_late;  ///< Only the thread reads and writes it.
};

Bot::Bot(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Bot::Bot(Bot&&) noexcept = default;
Bot& Bot::operator=(Bot&&) noexcept = default;
Bot::~Bot() = default;

std::expected<Bot, BotError> Bot::open(BotOptions options) {
    auto impl = std::make_unique<Impl>(std::move(options));
    if (auto trouble = impl->start()) return std::unexpected(std::move(*trouble));
    return Bot(std::move(impl));
}

std::expected<Reply, BotError> Bot::chat(std::string_view conversation, std::string_view text) {
    return impl_->ask(conversation, text, {});
}

std::expected<Reply, BotError> Bot::stream_chat(std::string_view conversation, std::string_view text,
                                                OnToken on_token) {
    return impl_->ask(conversation, text, std::move(on_token));
}

void Bot::on_late_answer(std::function<void(const LateReply&)> callback) {
    impl_->post([impl = impl_.get(), callback = std::move(callback)] {
        const bool first = !impl->on_late;
        impl->on_late = callback;
        if (first) impl->tasks->spawn(Impl::take_late(*impl));
    });
}

}  // namespace evenkeel
