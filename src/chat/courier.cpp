#include "chat/courier.hpp"

#include <algorithm>

#include "chat/figures.hpp"
#include "core/async.hpp"

namespace evenkeel {
namespace {

/// Read at once beyond those that cannot be given now: one would do, more save reads when many wait.
constexpr std::size_t page = 16;
/// How soon what is held back or out is looked at again, if nobody says that it changed.
constexpr Seconds look_again{1};

}  // namespace

struct Courier::State {
    struct Out {
        const void* stream;
        Instant since;
    };
    State(Env at, AsyncStore& with, const ChatOptions& settings, std::function<bool(const Id&)> held)
        : env(at), store(&with), options(settings), held_back(std::move(held)), changed(at.scheduler) {}

    bool may_give(const Id& id) {
        const auto found = out.find(id);
        if (found != out.end() && env.now() - found->second.since < options.hand_over_again) return false;
        return !held_back(id);
    }
    void change() {
        ++changes;
        changed.pulse();
    }

    Env env;
    AsyncStore* store;  ///< Null once the courier is gone.
    const ChatOptions options;
    std::function<bool(const Id&)> held_back;
    std::map<Id, Out> out;  ///< Given, and not yet said to be shown.
    std::uint64_t changes = 0;
    Event changed;
};

class Courier::Stream final : public DeliveryStream {
public:
    Stream(std::shared_ptr<State> state, std::string frontend, std::string conversation)
        : state_(std::move(state)), frontend_(std::move(frontend)), conversation_(std::move(conversation)) {}
    ~Stream() override {
        std::erase_if(state_->out, [this](const auto& entry) { return entry.second.stream == this; });
        state_->change();
    }
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    Task<Result<Delivery>> next() override {
        for (std::size_t most = page;;) {
            if (!state_->store) co_return gone();
            const std::uint64_t seen = state_->changes;
            auto waiting = co_await pending(most);
            if (!state_->store) co_return gone();
            if (!waiting) co_return fail(waiting.error());
            const auto found = std::ranges::find_if(
                *waiting, [this](const Delivery& delivery) { return state_->may_give(delivery.id); });
            if (found != waiting->end()) {
                state_->out.insert_or_assign(found->id, State::Out{this, state_->env.now()});
                if (found->answer) sum_up(*found->answer);
                co_return std::move(*found);
            }
            if (waiting->size() == most) {
                most += page;  // All of these are with somebody: what may be given lies behind them.
                continue;
            }
            if (seen != state_->changes) continue;
            const Instant again = waiting->empty() ? forever : state_->env.now() + look_again;
            static_cast<void>(co_await until(state_->env.scheduler, again, changed(*state_)));
        }
    }

private:
    static std::unexpected<Error> gone() {
        return own_fault(ErrorClass::transient, "the process that worked the queue ended", "owner_gone");
    }
    static Task<bool> changed(State& state) {
        co_await state.changed.wait();
        co_return true;
    }
    Task<Result<std::vector<Delivery>>> pending(std::size_t most) {
        co_return co_await state_->store->run(
            [frontend = frontend_, conversation = conversation_, most](StoreEngine& engine) {
                return engine.outbox().pending(frontend, everyone, conversation, most);
            });
    }

    std::shared_ptr<State> state_;
    std::string frontend_, conversation_;
};

Courier::Courier(Env env, AsyncStore& store, const ChatOptions& options, std::function<bool(const Id&)> held_back)
    : state_(std::make_shared<State>(env, store, options, std::move(held_back))) {}

Courier::~Courier() {
    state_->store = nullptr;
    state_->held_back = nullptr;
    state_->change();
}

std::unique_ptr<DeliveryStream> Courier::subscribe(std::string frontend, std::string conversation) {
    return std::make_unique<Stream>(state_, std::move(frontend), std::move(conversation));
}

void Courier::wake() { state_->change(); }

void Courier::shown(const Id& id) { state_->out.erase(id); }

}  // namespace evenkeel
