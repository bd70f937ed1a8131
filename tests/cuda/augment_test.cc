/*
 * The kernel that makes batches, beside the CPU's use of the same function.
 */
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <vector>

extern "C" {
#include <cmocka.h>
}

#include "nas/cuda/augment.cuh"

namespace
{

void check(unsigned side, unsigned channels, int padding, int cutout)
{
    const unsigned n = 5, size = side * (side + 1) * channels;
    const double mean[] = { 0.1, 0.2, 0.3, 0.4 }, deviation[] = { 0.5, 0.25, 0.7, 1 };
    std::vector<uint8_t> pixels(n * size);
    const std::vector<uint32_t> order = { 4, 0, 4, 2 };
    std::vector<float> batch(order.size() * size, NAN);
    struct images images = { n, side, side + 1, channels, 2, nullptr, pixels.data() };
    augmentation settings;

    for (size_t i = 0; i < pixels.size(); i++)
        pixels[i] = (uint8_t)(i * 29 % 251);
    augmentation_init(&settings, &images, mean, deviation, 11, 5);
    settings.padding = padding;
    settings.cutout = cutout;
    settings.is_mirrored = 1;
    assert_int_equal(
        cuda_augment(&settings, pixels.data(), order.data(), (unsigned)order.size(), batch.data(), nullptr), 0);
    for (size_t b = 0; b < order.size(); b++) {
        const augment_move move = augment_draw(&settings, order[b]);

        for (unsigned i = 0; i < size; i++) {
            const unsigned place = i / channels;
            const float want = augment_value(&settings, &move, pixels.data() + order[b] * size,
                                             (int)(place / (side + 1)), (int)(place % (side + 1)), (int)(i % channels));
            assert_int_equal(float_bits(batch[b * size + i]), float_bits(want));
        }
    }
}

void augment__every_order_and_shape__is_bit_equal_to_the_cpu(void **)
{
    for (int order = 0; order < EMULATOR_ORDERS; order++) {
        emulator_set_order((enum emulator_order)order);
        check(1, 1, 0, 0);
        check(7, 3, 2, 3);
        check(16, 3, 4, 8);
        check(11, 4, 4, 0);
    }
    emulator_set_order(EMULATOR_FORWARD);
}

} // namespace

int main()
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(augment__every_order_and_shape__is_bit_equal_to_the_cpu) };

    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
