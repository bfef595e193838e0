#pragma once
#include <cstddef>
#include <new>
#include <string>

namespace evenkeel {

/// Memory for what comes and goes with every request: frames of coroutines, streams, small buffers. Each thread keeps
/// what was given back, by size, and hands it out again, so that a busy loop asks the heap for nothing. A thread keeps
/// at most `kept_bytes_max` of each size; larger pieces than `piece_bytes_max` are the heap's. Memory may be given back
/// by another thread. In builds with sanitizers everything is the heap's, so that they see each misuse.
class Pool {
public:
    static constexpr std::size_t piece_bytes_max = 2'048;
    static constexpr std::size_t kept_bytes_max = 512 * 1024;

    static void* take(std::size_t bytes);
    /// `bytes` as they were asked for.
    static void give(void* piece, std::size_t bytes) noexcept;
};

/// Base of classes whose objects are made for each request.
struct Pooled {
    static void* operator new(std::size_t bytes) { return Pool::take(bytes); }
    static void operator delete(void* piece, std::size_t bytes) noexcept { Pool::give(piece, bytes); }
};

/// For containers of that kind.
template <class T>
struct PoolAllocator {
    using value_type = T;
    PoolAllocator() = default;
    template <class U>
    explicit(false) PoolAllocator(const PoolAllocator<U>&) noexcept {}
    T* allocate(std::size_t count) { return static_cast<T*>(Pool::take(count * sizeof(T))); }
    void deallocate(T* piece, std::size_t count) noexcept { Pool::give(piece, count * sizeof(T)); }
    bool operator==(const PoolAllocator&) const = default;
};

using PoolString = std::basic_string<char, std::char_traits<char>, PoolAllocator<char>>;

}  // namespace evenkeel
