#include "daemon/exit_code.hpp"

namespace evenkeel {
namespace {

TEST(ExitCode, follows_from_the_error) {
    struct Case {
        ErrorClass cls;
        std::string code;
        int expected;
    };
    for (const Case& each : {Case{ErrorClass::request, "usage", 64}, Case{ErrorClass::request, "", 65},
                             Case{ErrorClass::policy, "", 65}, Case{ErrorClass::request, "already_ended", 65},
                             Case{ErrorClass::request, "not_found", 66}, Case{ErrorClass::overload, "queue_full", 69},
                             Case{ErrorClass::transient, "owner_gone", 69}, Case{ErrorClass::internal, "", 70},
                             Case{ErrorClass::storage, "", 74}, Case{ErrorClass::storage, "not_found", 74},
                             Case{ErrorClass::request, "configuration", 78}, Case{ErrorClass::cancelled, "", 130}})
        EXPECT_EQ(to_int(exit_code_of(Error{.cls = each.cls, .code = each.code})), each.expected) << each.code;
}

}  // namespace
}  // namespace evenkeel
