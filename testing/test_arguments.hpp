#pragma once
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace evenkeel::testing {

/// What a seeded test program is told beside gtest's own flags: `--seed N` runs that one seed alone, `--seeds N` so
/// many, `--long` the long run. Set by main before any test runs.
struct TestArguments {
    std::optional<std::uint64_t> seed;
    std::optional<std::uint64_t> seeds;
    bool long_run = false;

    static TestArguments& given() {
        static TestArguments arguments;
        return arguments;
    }
    /// False for anything that is none of these.
    bool take(int count, char** words) {
        for (int i = 1; i < count; ++i) {
            const std::string_view word = words[i];
            if (word == "--long") {
                long_run = true;
                continue;
            }
            if ((word != "--seed" && word != "--seeds") || i + 1 == count) return false;
            const std::string_view digits = words[++i];
            std::uint64_t number = 0;
            const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
            if (read.ec != std::errc{} || read.ptr != digits.data() + digits.size()) return false;
            (word == "--seed" ? seed : seeds) = number;
        }
        return true;
    }
    std::uint64_t first_seed() const noexcept { return seed.value_or(1); }
    std::uint64_t seed_count(std::uint64_t usual, std::uint64_t when_long) const noexcept {
        return seed ? 1 : seeds.value_or(long_run ? when_long : usual);
    }
};

}  // namespace evenkeel::testing

/// The main of such a program; in the one file that holds its tests.
#define EVENKEEL_SEEDED_TEST_MAIN                                                                   \
    int main(int count, char** words) {                                                             \
        ::testing::InitGoogleTest(&count, words);                                                   \
        if (!::evenkeel::testing::TestArguments::given().take(count, words)) {                      \
            std::fputs("usage: [--seed N] [--seeds N] [--long], and the flags of gtest\n", stderr); \
            return 64;                                                                              \
        }                                                                                           \
        return RUN_ALL_TESTS();                                                                     \
    }
