#pragma once
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "core/task.hpp"

namespace evenkeel {

/// What the operator's routes ask of the process behind the gateway. Outlives the gateway. One loop.
class OperatorDesk {
public:
    struct Readiness {
        bool ready = false;  ///< A question that comes now is answered or kept.
        std::string json;    ///< {"ready", "providers": [{"name", "phase"}], "reason"}
    };
    virtual ~OperatorDesk() = default;
    virtual Task<Readiness> readiness() = 0;
    /// One scrape in the text format of Prometheus. Errors: storage.
    virtual Task<Result<std::string>> metrics() = 0;
    /// As RequestBook::explain.
    virtual Result<std::string> explain(std::string_view id) = 0;
};

}  // namespace evenkeel
