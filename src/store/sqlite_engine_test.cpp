#include "store/sqlite_engine.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/scratch_directory.hpp"
#include "testing/store_suite.hpp"

namespace evenkeel::testing {
namespace {

class SqliteHome final : public StoreHome {
public:
    Result<std::unique_ptr<StoreEngine>> open(WallTime now, std::int64_t max_pending) override {
        return open_sqlite({.file = directory_.file("store.db"), .max_pending = max_pending}, now);
    }

private:
    ScratchDirectory directory_;
};

INSTANTIATE_TEST_SUITE_P(Sqlite, StoreSuite,
                         ::testing::Values(StoreKind{"file", [] { return std::make_unique<SqliteHome>(); }}),
                         store_kind_name);

}  // namespace
}  // namespace evenkeel::testing
