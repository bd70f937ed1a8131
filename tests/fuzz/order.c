/*
 * Fuzz target: orders of any bytes, and a good order in which some bytes are changed; what is taken is taken again.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/trialrunner/order_sample.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void decode(const void *bytes, size_t length)
{
    struct arena arena = { 0 };
    struct text encoded = { 0 };
    struct order order, back;

    if (order_decode(bytes, length, &arena, &order) == 0) {
        order_encode(&order, &encoded);
        if (order_decode(encoded.data, encoded.length, &arena, &back) < 0)
            abort();
    }
    text_release(&encoded);
    arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct order sample = order_sample();
    struct text bytes = { 0 };

    decode(data, size);
    order_encode(&sample, &bytes);
    for (size_t i = 0; i + 2 < size; i += 3)
        bytes.data[((size_t)data[i] << 8 | data[i + 1]) % bytes.length] = (char)data[i + 2];
    decode(bytes.data, bytes.length);
    text_release(&bytes);
    return 0;
}
