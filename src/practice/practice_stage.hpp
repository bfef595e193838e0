#pragma once
#include <memory>
#include <string>

#include "practice/practice_provider.hpp"

namespace evenkeel {
class HttpServer;
}

namespace evenkeel::practice {

struct StageOptions {
    PracticeOptions cloud{};
    PracticeOptions local{.name = "practice-local", .kind = Kind::ollama};
    std::uint16_t control_port = 0;  ///< On loopback; 0 takes a free one.
};

/// A cloud and a local provider with a control port of their own, which answers `/practice/…` for both even while they
/// are taken down: what `evenkeel practice` runs, and what end-to-end tests steer. One loop.
class PracticeStage {
public:
    PracticeStage(Env env, Network& network, StageOptions options = {});
    ~PracticeStage();
    PracticeStage(const PracticeStage&) = delete;
    PracticeStage& operator=(const PracticeStage&) = delete;

    /// Opens all three ports. Errors: as Network::listen.
    Result<void> start();
    PracticeProvider& cloud() noexcept { return cloud_; }
    PracticeProvider& local() noexcept { return local_; }
    /// {"cloud":"http://…/api/v1","local":"http://…","control":"http://…/practice/"}: one line to print when ready.
    std::string describe() const;

private:
    Env env_;
    Network& network_;
    std::uint16_t control_port_;
    PracticeProvider cloud_, local_;
    std::unique_ptr<HttpServer> control_;
};

}  // namespace evenkeel::practice
