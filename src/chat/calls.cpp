#include "chat/calls.hpp"

namespace evenkeel {

Task<Result<JobView>> Calls::show(std::string principal, Id id) {
    co_return co_await store_.run(
        [principal, id](StoreEngine& engine) -> Result<JobView> { return engine.desk().show(principal, id); });
}

Task<Result<CallRecord>> Calls::record(std::string principal, Id id) {
    co_return co_await store_.run(
        [principal, id](StoreEngine& engine) -> Result<CallRecord> { return engine.desk().call(principal, id); });
}

Task<Result<std::unique_ptr<TurnStream>>> Calls::follow(std::string principal, Id id) {
    const auto view = co_await show(std::move(principal), id);
    if (!view) co_return fail(view.error());
    co_return co_await desk_.follow(id);
}

Task<Result<void>> Calls::cancel(std::string principal, Id id) {
    const auto view = co_await show(std::move(principal), id);
    if (!view) co_return fail(view.error());
    co_return co_await desk_.cancel(id);
}

Task<Result<void>> Calls::remove(std::string principal, Id id) {
    const auto view = co_await show(principal, id);
    if (!view) co_return fail(view.error());
    if (is_open(view->state))
        // It may have ended meanwhile: then there is nothing to take back.
        if (auto done = co_await desk_.cancel(id); !done && done.error().code != "already_ended")
            co_return fail(done.error());
    co_return co_await store_.run_alone(
        [principal, id](StoreEngine& engine) -> Result<void> { return engine.conversations().remove(principal, id); });
}

}  // namespace evenkeel
