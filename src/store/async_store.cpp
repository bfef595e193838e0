#include "store/async_store.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace evenkeel {
namespace {

constexpr std::size_t group_max = 512;      ///< Calls that share one commit; beyond it grouping gains nothing more.
constexpr std::size_t inbox_max = 100'000;  ///< Calls that wait; then `submit` answers "store_busy".

using Done = std::function<void(Result<void>)>;

/// Runs the works as one group and gives what their commit said.
Result<void> run_group(StoreEngine& engine, std::vector<AsyncStore::Work>& works) {
    if (auto begun = engine.begin_group(); !begun) return begun;
    for (auto& work : works) work(engine);
    return engine.commit_group();
}

class ThreadedStore final : public AsyncStore {
public:
    ThreadedStore(Scheduler& scheduler, std::unique_ptr<StoreEngine> engine)
        : AsyncStore(scheduler), engine_(std::move(engine)), thread_([this] { serve(); }) {}

    ~ThreadedStore() override {
        {
            const std::scoped_lock lock(mutex_);
            closing_ = true;
        }
        filled_.notify_one();
        thread_.join();
    }

    void submit(Work work, Done done) override {
        {
            const std::scoped_lock lock(mutex_);
            if (inbox_.size() < inbox_max) {
                inbox_.push_back({std::move(work), std::move(done), false});
                work = nullptr;
            }
        }
        if (work == nullptr) return filled_.notify_one();
        scheduler_.post([done = std::move(done)] {
            done(own_fault(ErrorClass::overload, "the store has too much to write; try again later", "store_busy"));
        });
    }

    void submit_alone(Work work, std::function<void()> done) override {
        {
            const std::scoped_lock lock(mutex_);
            inbox_.push_back({std::move(work), [done = std::move(done)](const Result<void>&) { done(); }, true});
        }
        filled_.notify_one();
    }

private:
    struct Item {
        Work work;
        Done done;
        bool alone = false;
    };

    /// The next group: calls from the front, in order; a lone one ends it. Empty: closed and nothing is left.
    std::vector<Item> next_items() {
        std::unique_lock lock(mutex_);
        filled_.wait(lock, [this] { return closing_ || !inbox_.empty(); });
        std::vector<Item> items;
        while (!inbox_.empty() && items.size() < group_max) {
            if (inbox_.front().alone && !items.empty()) break;
            items.push_back(std::move(inbox_.front()));
            inbox_.pop_front();
            if (items.back().alone) break;
        }
        return items;
    }

    void serve() {
        for (auto items = next_items(); !items.empty(); items = next_items()) {
            std::vector<Work> works;
            std::vector<Done> dones;
            for (auto& item : items) {
                works.push_back(std::move(item.work));
                dones.push_back(std::move(item.done));
            }
            Result<void> commit;
            if (items.front().alone)
                works.front()(*engine_);
            else
                commit = run_group(*engine_, works);
            // The works share state with their callers, which dies on the loop: they go before the loop is told.
            works.clear();
            scheduler_.post([commit, dones = std::move(dones)] {
                for (const Done& done : dones) done(commit);
            });
            // A failed checkpoint stops the engine, and the next call says so; there is nobody to tell here.
            static_cast<void>(engine_->checkpoint());
        }
    }

    std::unique_ptr<StoreEngine> engine_;
    std::mutex mutex_;
    std::condition_variable filled_;
    std::deque<Item> inbox_;
    bool closing_ = false;
    std::thread thread_;  // Last: it starts when everything else is there.
};

class InlineStore final : public AsyncStore {
public:
    InlineStore(Scheduler& scheduler, std::unique_ptr<StoreEngine> engine)
        : AsyncStore(scheduler), engine_(std::move(engine)) {}

    void submit(Work work, Done done) override {
        // The engine is shared with the posted call, which may come after this object is gone.
        scheduler_.post(
            [engine = engine_, works = std::vector<Work>{std::move(work)}, done = std::move(done)]() mutable {
                const Result<void> commit = run_group(*engine, works);
                works.clear();
                done(commit);
                static_cast<void>(engine->checkpoint());
            });
    }

    void submit_alone(Work work, std::function<void()> done) override {
        scheduler_.post([engine = engine_, work = std::move(work), done = std::move(done)] {
            work(*engine);
            done();
        });
    }

private:
    std::shared_ptr<StoreEngine> engine_;
};

}  // namespace

std::unique_ptr<AsyncStore> make_threaded_store(Scheduler& scheduler, std::unique_ptr<StoreEngine> engine) {
    return std::make_unique<ThreadedStore>(scheduler, std::move(engine));
}

std::unique_ptr<AsyncStore> make_inline_store(Scheduler& scheduler, std::unique_ptr<StoreEngine> engine) {
    return std::make_unique<InlineStore>(scheduler, std::move(engine));
}

}  // namespace evenkeel
