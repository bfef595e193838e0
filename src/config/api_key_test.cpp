#include "config/api_key.hpp"

namespace evenkeel {
namespace {

TEST(ApiKey, of_an_example_file_counts_as_none) {
    for (const std::string_view key :
         {"your_key_here", "your-api-key", "YOUR_API_KEY", "<your key>", "your_nanogpt_api_key_here", "changeme",
          "change-me", "sk-nano-your-key-here", "sk-xxxxxxxx", "****", "sk-...", "${NANOGPT_API_KEY}", "insert-key",
          " your_key_here "})
        EXPECT_TRUE(is_placeholder_key(key)) << key;
}

TEST(ApiKey, that_is_real_is_not_taken_for_a_placeholder) {
    for (const std::string_view key :
         {"sk-nano-0b2f6f6e-9a4e-4c55-8f0e-0c1d2e3f4a5b", "0b2f6f6e-9a4e-4c55-8f0e-0c1d2e3f4a5b", "sk-proj-AbCdXXX12",
          "practice", "local-xx", "hunter2"})
        EXPECT_FALSE(is_placeholder_key(key)) << key;
}

TEST(ApiKey, must_fit_into_a_header) {
    EXPECT_TRUE(is_usable_key("sk-nano-1/+=_."));
    for (const std::string_view key : {"", "a b", "a\r\nX-Evil: 1", "\"quoted\"", "'quoted'", "schl\xC3\xBCssel"})
        EXPECT_FALSE(is_usable_key(key)) << key;
}

}  // namespace
}  // namespace evenkeel
