#include "core/pool.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace evenkeel {
namespace {

struct Piece : Pooled {
    virtual ~Piece() = default;
    int value = 7;
};
struct LargerPiece final : Piece {
    std::vector<int> more{1, 2, 3};
};

TEST(Pool, GivesMemoryOfEverySizeThatHoldsWhatIsWritten) {
    std::vector<std::pair<unsigned char*, std::size_t>> taken;
    for (int round = 0; round < 3; ++round) {
        for (std::size_t bytes = 0; bytes <= Pool::piece_bytes_max + 70; bytes += 7) {
            auto* const piece = static_cast<unsigned char*>(Pool::take(bytes));
            std::memset(piece, static_cast<int>(bytes & 0xff), bytes);
            taken.emplace_back(piece, bytes);
        }
        for (const auto& [piece, bytes] : taken) {
            for (std::size_t i = 0; i < bytes; ++i) ASSERT_EQ(piece[i], bytes & 0xff);
            Pool::give(piece, bytes);
        }
        taken.clear();
    }
    Pool::give(nullptr, 8);
}

TEST(Pool, GivesObjectsBackByTheirOwnSize) {
    for (int round = 0; round < 3; ++round) {
        const std::unique_ptr<Piece> piece = std::make_unique<LargerPiece>();
        EXPECT_EQ(piece->value, 7);
    }
}

TEST(Pool, ServesContainers) {
    std::basic_string<char, std::char_traits<char>, PoolAllocator<char>> text;
    for (int i = 0; i < 10'000; ++i) text += 'x';
    EXPECT_EQ(text.size(), 10'000U);
    EXPECT_EQ(text.find_first_not_of('x'), std::string::npos);
}

}  // namespace
}  // namespace evenkeel
