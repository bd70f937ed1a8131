/*
 * The emulator itself: kernels whose results are known, and kernels that offend.
 */
#include <csetjmp>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

extern "C" {
#include <cmocka.h>
}

#include "nas/cuda/device.cuh"

namespace
{

struct block_sums {
    float warps[WARP_SIZE];
};

__global__ void sum_kernel(const float *in, size_t n, float *out)
{
    SHARED(block_sums, shared);
    float sum = 0;

    for (size_t i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += (size_t)gridDim.x * blockDim.x)
        sum += in[i];
    sum = warp_sum(sum);
    if (threadIdx.x % WARP_SIZE == 0)
        shared.warps[threadIdx.x / WARP_SIZE] = sum;
    __syncthreads();
    if (threadIdx.x == 0) {
        for (unsigned w = 1; w < blockDim.x / WARP_SIZE; w++)
            sum += shared.warps[w];
        out[blockIdx.x] = sum;
    }
}

__global__ void half_barrier_kernel(void)
{
    if (threadIdx.x < 16)
        __syncthreads();
}

__global__ void lost_lane_kernel(float *out)
{
    if (threadIdx.x != 3)
        out[threadIdx.x] = warp_sum(1);
}

__global__ void forgotten_barrier_kernel(float *out)
{
    SHARED(block_sums, shared);

    shared.warps[threadIdx.x] = (float)threadIdx.x;
    out[threadIdx.x] = shared.warps[(threadIdx.x + 1) % WARP_SIZE];
}

__global__ void mma_kernel(const float *a, const float *b, float *d)
{
    const unsigned group = threadIdx.x / 4, place = threadIdx.x % 4;
    uint32_t left[4], right[2];
    float sums[4] = { 0, 0, 0, 0 };

    for (unsigned i = 0; i < 4; i++) {
        const unsigned row = group + i % 2 * 8, column = place * 2 + i / 2 * 8;
        left[i] = pack_bf16(a[row * 16 + column], a[row * 16 + column + 1]);
    }
    for (unsigned i = 0; i < 2; i++) {
        const unsigned row = place * 2 + i * 8;
        right[i] = pack_bf16(b[row * 8 + group], b[(row + 1) * 8 + group]);
    }
    mma_16x8x16(sums, left, right);
    for (unsigned i = 0; i < 4; i++)
        d[(group + i / 2 * 8) * 8 + place * 2 + i % 2] = sums[i];
}

struct copied {
    float values[4];
};

__global__ void copy_kernel(const float *in, float *early, float *late)
{
    SHARED(copied, shared);

    copy_16(shared.values, in);
    early[0] = shared.values[0];
    copy_wait();
    for (int i = 0; i < 4; i++)
        late[i] = shared.values[i];
}

bool aborts(void (*offend)())
{
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        if (freopen("/dev/null", "w", stderr) == nullptr)
            _exit(1);
        offend();
        _exit(0);
    }
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

void sum__every_order__is_the_same(void **)
{
    std::vector<float> in(1000, 0.5F), out(3);

    for (int order = 0; order < EMULATOR_ORDERS; order++) {
        emulator_set_order((enum emulator_order)order);
        LAUNCH(sum_kernel, 3, 128, sizeof(block_sums), nullptr, in.data(), in.size(), out.data());
        assert_true(out[0] + out[1] + out[2] == 500);
    }
    emulator_set_order(EMULATOR_FORWARD);
}

void barrier__not_reached_by_all__is_an_offence(void **)
{
    assert_true(aborts([] { LAUNCH(half_barrier_kernel, 1, 32, 0, nullptr); }));
}

void warp_function__without_a_named_lane__is_an_offence(void **)
{
    assert_true(aborts([] {
        std::vector<float> out(32);
        LAUNCH(lost_lane_kernel, 1, 32, 0, nullptr, out.data());
    }));
}

void shared_memory__more_than_launched_with__is_an_offence(void **)
{
    assert_true(aborts([] {
        std::vector<float> out(32);
        LAUNCH(forgotten_barrier_kernel, 1, 32, sizeof(block_sums) - 1, nullptr, out.data());
    }));
}

void race__shows_in_another_order(void **)
{
    std::vector<float> forward(WARP_SIZE), backward(WARP_SIZE);

    LAUNCH(forgotten_barrier_kernel, 1, WARP_SIZE, sizeof(block_sums), nullptr, forward.data());
    emulator_set_order(EMULATOR_BACKWARD);
    LAUNCH(forgotten_barrier_kernel, 1, WARP_SIZE, sizeof(block_sums), nullptr, backward.data());
    emulator_set_order(EMULATOR_FORWARD);
    assert_memory_not_equal(forward.data(), backward.data(), WARP_SIZE * sizeof(float));
}

void mma__is_the_product(void **)
{
    std::vector<float> a(16 * 16), b(16 * 8), d(16 * 8);

    for (size_t i = 0; i < a.size(); i++)
        a[i] = (float)(i * 7 % 13) - 6;
    for (size_t i = 0; i < b.size(); i++)
        b[i] = (float)(i * 5 % 11) - 5;
    LAUNCH(mma_kernel, 1, WARP_SIZE, 0, nullptr, a.data(), b.data(), d.data());
    for (size_t row = 0; row < 16; row++)
        for (size_t column = 0; column < 8; column++) {
            float sum = 0;
            for (size_t k = 0; k < 16; k++)
                sum += a[row * 16 + k] * b[k * 8 + column];
            assert_true(d[row * 8 + column] == sum);
        }
}

void copy__is_there_only_after_the_wait(void **)
{
    alignas(16) float in[4] = { 1, 2, 3, 4 };
    float early[1], late[4];

    LAUNCH(copy_kernel, 1, 1, sizeof(copied), nullptr, in, early, late);
    assert_true(isnan(early[0]));
    assert_memory_equal(in, late, sizeof in);
}

void bf16__rounds_to_nearest_even(void **)
{
    assert_int_equal(to_bf16(1.0F).bits, 0x3f80);
    assert_int_equal(to_bf16(1.0F + 1.0F / 256).bits, 0x3f80);
    assert_int_equal(to_bf16(1.0F + 3.0F / 256).bits, 0x3f82);
    assert_true(isnan(to_float(to_bf16(NAN))));
    assert_true(isinf(to_float(to_bf16(3.4e38F))));
}

} // namespace

int main()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sum__every_order__is_the_same),
        cmocka_unit_test(barrier__not_reached_by_all__is_an_offence),
        cmocka_unit_test(warp_function__without_a_named_lane__is_an_offence),
        cmocka_unit_test(shared_memory__more_than_launched_with__is_an_offence),
        cmocka_unit_test(race__shows_in_another_order),
        cmocka_unit_test(mma__is_the_product),
        cmocka_unit_test(copy__is_there_only_after_the_wait),
        cmocka_unit_test(bf16__rounds_to_nearest_even),
    };

    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
