#include "core/pool.hpp"

#include <array>

namespace evenkeel {
namespace {

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
constexpr bool is_watched = true;
#else
constexpr bool is_watched = false;
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool is_watched = true;
#else
constexpr bool is_watched = false;
#endif

constexpr std::size_t step = 64;
constexpr std::size_t classes = Pool::piece_bytes_max / step;

struct Free {
    Free* next;
};
struct Shelf {
    Free* first = nullptr;
    std::size_t kept = 0;
};

/// Plain data, so that using it needs no guard; what is left at the thread's end is given back by Sweeper.
constinit thread_local std::array<Shelf, classes> shelves{};
constinit thread_local bool is_closed = false;

struct Sweeper {
    ~Sweeper() {
        is_closed = true;
        for (Shelf& shelf : shelves)
            while (shelf.first != nullptr) {
                Free* const piece = shelf.first;
                shelf.first = piece->next;
                ::operator delete(piece);
            }
    }
    void touch() noexcept {}
};
thread_local Sweeper sweeper;

std::size_t class_of(std::size_t bytes) noexcept { return bytes == 0 ? 0 : (bytes - 1) / step; }

}  // namespace

void* Pool::take(std::size_t bytes) {
    if (is_watched || bytes > piece_bytes_max) return ::operator new(bytes);
    const std::size_t index = class_of(bytes);
    Shelf& shelf = shelves[index];
    if (Free* const piece = shelf.first; piece != nullptr) {
        shelf.first = piece->next;
        --shelf.kept;
        return piece;
    }
    return ::operator new((index + 1) * step);
}

void Pool::give(void* piece, std::size_t bytes) noexcept {
    if (piece == nullptr) return;
    if (is_watched || bytes > piece_bytes_max || is_closed) return ::operator delete(piece);
    const std::size_t index = class_of(bytes);
    Shelf& shelf = shelves[index];
    if (shelf.kept >= kept_bytes_max / ((index + 1) * step)) return ::operator delete(piece);
    if (shelf.first == nullptr) sweeper.touch();
    shelf.first = ::new (piece) Free{shelf.first};
    ++shelf.kept;
}

}  // namespace evenkeel
