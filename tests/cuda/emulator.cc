/*
 * Fibers for the threads of a block, barriers for the block and its warps, and what warps do together.
 */
#include "tests/cuda/emulator.h"

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <vector>

#include <ucontext.h>

namespace
{

constexpr unsigned THREADS_LIMIT = 1024, LANES = 32, EXCHANGE_LIMIT = 64;
constexpr size_t STACK_SIZE = 256 << 10, SHARED_LIMIT = 227 << 10;

enum class state { ready, at_block_barrier, at_warp_barrier, done };

struct copy {
    void *to;
    uint8_t bytes[16];
};

struct thread {
    ucontext_t context;
    std::unique_ptr<char[]> stack;
    uint3 index;
    enum state state;
    unsigned mask; /* lanes that it waits for */
    std::vector<copy> copies;
};

struct warp {
    uint8_t slots[LANES][EXCHANGE_LIMIT];
};

struct launch {
    const char *kernel;
    dim3 grid, block;
    const std::function<void()> *body;
    uint3 index; /* of the block that runs */
    std::vector<thread> threads;
    std::vector<warp> warps;
    std::unique_ptr<char[]> shared;
    size_t shared_size;
    ucontext_t scheduler;
    unsigned current;
};

launch *running;
enum emulator_order order = EMULATOR_FORWARD;

[[noreturn]] void offence(const char *format, ...)
{
    va_list arguments;

    fprintf(stderr, "%s, block (%u, %u, %u), thread %u: ", running->kernel, running->index.x, running->index.y,
            running->index.z, running->current);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    abort();
}

thread &here()
{
    return running->threads[running->current];
}

void wait(enum state state, unsigned mask)
{
    thread &self = here();

    self.state = state;
    self.mask = mask;
    swapcontext(&self.context, &running->scheduler);
}

void enter()
{
    (*running->body)();
    if (!here().copies.empty())
        offence("ends with copies that it did not wait for");
    here().state = state::done;
    swapcontext(&here().context, &running->scheduler);
}

void prepare(thread &thread, unsigned rank)
{
    const dim3 &size = running->block;

    if (!thread.stack)
        thread.stack.reset(new char[STACK_SIZE]);
    thread.index = { rank % size.x, rank / size.x % size.y, rank / size.x / size.y };
    thread.state = state::ready;
    getcontext(&thread.context);
    thread.context.uc_stack.ss_sp = thread.stack.get();
    thread.context.uc_stack.ss_size = STACK_SIZE;
    thread.context.uc_link = nullptr;
    makecontext(&thread.context, enter, 0);
}

/* All lanes that this one waits for wait for the same lanes. */
bool warp_has_met(unsigned rank)
{
    const unsigned first = rank - rank % LANES;
    const unsigned mask = running->threads[rank].mask;

    for (unsigned lane = 0; lane < LANES; lane++) {
        if ((mask >> lane & 1) == 0)
            continue;
        running->current = rank;
        if (first + lane >= running->threads.size())
            offence("waits for lane %u, which the block does not have", lane);
        const thread &other = running->threads[first + lane];
        if (other.state == state::done)
            offence("waits for lane %u, which has ended", lane);
        if (other.state != state::at_warp_barrier)
            return false;
        if (other.mask != mask)
            offence("waits for lanes %08x, lane %u for %08x", mask, lane, other.mask);
    }
    return true;
}

void release_warps()
{
    for (unsigned rank = 0; rank < running->threads.size(); rank++) {
        if (running->threads[rank].state != state::at_warp_barrier || !warp_has_met(rank))
            continue;
        for (unsigned lane = 0, mask = running->threads[rank].mask; lane < LANES; lane++)
            if (mask >> lane & 1)
                running->threads[rank - rank % LANES + lane].state = state::ready;
    }
}

size_t count(enum state state)
{
    size_t n = 0;

    for (const thread &thread : running->threads)
        n += thread.state == state;
    return n;
}

/* Nobody can go on: the barrier that all have reached opens, or somebody waits in vain. */
void release_block()
{
    const size_t n_waiting = count(state::at_block_barrier), n_done = count(state::done);

    for (unsigned rank = 0; n_waiting < running->threads.size() && rank < running->threads.size(); rank++) {
        running->current = rank;
        if (running->threads[rank].state == state::at_block_barrier)
            offence("is at a barrier that %zu of %zu threads never reach", running->threads.size() - n_waiting,
                    running->threads.size());
        if (running->threads[rank].state == state::at_warp_barrier)
            offence("waits for lanes that do not come");
    }
    if (n_done == running->threads.size())
        return;
    for (thread &thread : running->threads)
        thread.state = state::ready;
}

std::vector<unsigned> turns(size_t n)
{
    std::vector<unsigned> ranks(n);
    static std::mt19937 generator(1);

    for (unsigned i = 0; i < n; i++)
        ranks[i] = order == EMULATOR_BACKWARD ? (unsigned)n - 1 - i : i;
    for (size_t i = n; order == EMULATOR_SHUFFLED && i > 1; i--)
        std::swap(ranks[i - 1], ranks[generator() % i]);
    return ranks;
}

void run_block()
{
    memset(running->shared.get(), 0xff, running->shared_size);
    for (unsigned rank = 0; rank < running->threads.size(); rank++)
        prepare(running->threads[rank], rank);
    while (count(state::done) < running->threads.size()) {
        for (unsigned rank : turns(running->threads.size())) {
            if (running->threads[rank].state != state::ready)
                continue;
            running->current = rank;
            swapcontext(&running->scheduler, &running->threads[rank].context);
        }
        release_warps();
        if (count(state::ready) == 0)
            release_block();
    }
}

} // namespace

void emulator_set_order(enum emulator_order wanted)
{
    order = wanted;
}

void emulator_launch(const char *kernel, dim3 grid, dim3 block, size_t shared_bytes, const std::function<void()> &body)
{
    launch launch;
    const size_t n_threads = (size_t)block.x * block.y * block.z;

    launch.kernel = kernel;
    launch.grid = grid;
    launch.block = block;
    launch.body = &body;
    launch.index = { 0, 0, 0 };
    launch.current = 0;
    running = &launch;
    if (n_threads < 1 || n_threads > THREADS_LIMIT)
        offence("a block of %zu threads", n_threads);
    if (shared_bytes > SHARED_LIMIT)
        offence("%zu bytes of shared memory", shared_bytes);
    launch.threads = std::vector<thread>(n_threads);
    launch.warps = std::vector<warp>((n_threads + LANES - 1) / LANES);
    launch.shared.reset(new char[shared_bytes]);
    launch.shared_size = shared_bytes;
    for (launch.index.z = 0; launch.index.z < grid.z; launch.index.z++)
        for (launch.index.y = 0; launch.index.y < grid.y; launch.index.y++)
            for (launch.index.x = 0; launch.index.x < grid.x; launch.index.x++)
                run_block();
    running = nullptr;
}

const uint3 &emulator_thread(void)
{
    return here().index;
}

const uint3 &emulator_block(void)
{
    return running->index;
}

const dim3 &emulator_block_size(void)
{
    return running->block;
}

const dim3 &emulator_grid_size(void)
{
    return running->grid;
}

void *emulator_shared(size_t size)
{
    if (size > running->shared_size)
        offence("uses %zu bytes of shared memory, launched with %zu", size, running->shared_size);
    return running->shared.get();
}

void __syncthreads(void)
{
    wait(state::at_block_barrier, 0);
}

void __syncwarp(unsigned mask)
{
    wait(state::at_warp_barrier, mask);
}

unsigned emulator_lane(void)
{
    return running->current % LANES;
}

void emulator_exchange(unsigned mask, int source, const void *mine, void *theirs, size_t size)
{
    warp &warp = running->warps[running->current / LANES];
    const unsigned lane = emulator_lane();

    if (size > EXCHANGE_LIMIT || (mask >> lane & 1) == 0)
        offence("lane %u takes no part in lanes %08x", lane, mask);
    memcpy(warp.slots[lane], mine, size);
    __syncwarp(mask);
    memcpy(theirs, mask >> source & 1 ? warp.slots[source] : warp.slots[lane], size);
    __syncwarp(mask); /* before anybody's slot is used again */
}

unsigned __ballot_sync(unsigned mask, int predicate)
{
    unsigned bits = 0;

    for (int lane = 0; lane < (int)LANES; lane++)
        if (mask >> lane & 1)
            bits |= (unsigned)(__shfl_sync(mask, predicate, lane) != 0) << lane;
    return bits;
}

void copy_16(void *shared, const void *global)
{
    copy copy = { shared, {} };
    const char *first = running->shared.get();

    if ((uintptr_t)global % 16 != 0 || ((const char *)shared - first) % 16 != 0)
        offence("copies 16 bytes that are not aligned to 16");
    memcpy(copy.bytes, global, sizeof copy.bytes);
    memset(shared, 0xff, sizeof copy.bytes);
    here().copies.push_back(copy);
}

void copy_wait(void)
{
    for (const copy &copy : here().copies)
        memcpy(copy.to, copy.bytes, sizeof copy.bytes);
    here().copies.clear();
}

namespace
{

float half_of(uint32_t word, unsigned which)
{
    uint32_t bits = which == 0 ? word << 16 : word & 0xffff0000u;
    float value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

} // namespace

/* PTX ISA 9.7.14.5.8: a's rows are lane / 4 (+ 8), its columns (lane % 4) * 2 (+ 8); b's columns are lane / 4. */
void mma_16x8x16(float d[4], const uint32_t a[4], const uint32_t b[2])
{
    const unsigned lane = emulator_lane(), group = lane / 4, place = lane % 4;
    struct {
        uint32_t a[4], b[2];
    } mine, others[LANES];

    memcpy(mine.a, a, sizeof mine.a);
    memcpy(mine.b, b, sizeof mine.b);
    for (unsigned source = 0; source < LANES; source++)
        others[source] = __shfl_sync(0xffffffffu, mine, (int)source);
    for (unsigned k = 0; k < 4; k++) {
        const unsigned row = group + (k < 2 ? 0 : 8), column = place * 2 + k % 2;
        for (unsigned i = 0; i < 16; i++) {
            const unsigned word = (row < 8 ? 0 : 1) + (i < 8 ? 0 : 2);
            const float left = half_of(others[row % 8 * 4 + i % 8 / 2].a[word], i % 2);
            const float right = half_of(others[column * 4 + i % 8 / 2].b[i < 8 ? 0 : 1], i % 2);
            d[k] += left * right;
        }
    }
}
