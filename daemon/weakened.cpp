#include "daemon/weakened.hpp"

#include <array>

namespace evenkeel {
namespace {

/// A stream whose break nobody notices: what came is taken for the whole.
class GullibleStream final : public ReplyStream {
public:
    explicit GullibleStream(std::unique_ptr<ReplyStream> inner) : inner_(std::move(inner)) {}
    Task<Result<Batch>> next() override {
        Result<Batch> batch = co_await inner_->next();
        if (batch) co_return batch;
        finish_[0].kind = ReplyEvent::Kind::finish;
        co_return Batch{.wire = {}, .events = finish_, .end = true};
    }
    std::size_t attempt() const noexcept override { return inner_->attempt(); }

private:
    std::unique_ptr<ReplyStream> inner_;
    std::array<ReplyEvent, 1> finish_;
};

class GullibleUpstream final : public Upstream {
public:
    explicit GullibleUpstream(std::shared_ptr<Upstream> inner) : inner_(std::move(inner)) {}
    std::string describe() const override { return inner_->describe(); }
    const Identity& identity() const noexcept override { return inner_->identity(); }
    Task<Result<std::vector<std::string>>> models(Instant deadline) override { return inner_->models(deadline); }
    Task<Result<std::unique_ptr<ReplyStream>>> open(const ChatRequest& request, Call& call) override {
        auto opened = co_await inner_->open(request, call);
        if (!opened) co_return fail(opened.error());
        std::unique_ptr<ReplyStream> stream = std::make_unique<GullibleStream>(std::move(*opened));
        co_return stream;
    }

private:
    std::shared_ptr<Upstream> inner_;
};

}  // namespace

void weaken(std::vector<LaneSpec>& lanes, RehearsalWithout without) {
    for (LaneSpec& lane : lanes) {
        if (without == RehearsalWithout::breaker) lane.breaker.opens = false;
        if (without == RehearsalWithout::judge) lane.upstream = std::make_shared<GullibleUpstream>(lane.upstream);
    }
}

}  // namespace evenkeel
