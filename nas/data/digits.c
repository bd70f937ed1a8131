/*
 * Digits: 1,797 grey images of handwritten digits, 8 x 8 with values 0 to 16 (Alpaydin and Kaynak, UCI 1998), as scikit-learn
 * ships them: a line an image, 64 values and the label, written as decimals.
 *
 * They have no test part of their own: every fifth image is kept for it.
 */
#include <string.h>

#include "base/status.h"
#include "nas/data/bytes.h"
#include "nas/data/dataset.h"

enum { IMAGES = 1797, SIDE = 8, PIXELS = SIDE * SIDE, CLASSES = 10, BRIGHTEST = 16, HELD_OUT = 5 };

/* A whole number of 0 to limit, and the character behind it. */
static int read_value(struct bytes *in, char end, unsigned limit, unsigned *value)
{
    size_t first = in->offset;
    char character;

    *value = 0;
    for (;;) {
        TRY(bytes_take(in, &character, 1));
        if (character < '0' || character > '9' || *value > limit)
            break;
        *value = *value * 10 + (unsigned)(character - '0');
    }
    if (character == end && in->offset > first + 1 && *value <= limit)
        return 0;
    return fail(ERR_INVALID, "%s, byte %zu: expected a whole number of 0 to %u", in->path, first, limit);
}

static int read_image(struct bytes *in, uint8_t *pixels, uint8_t *label)
{
    unsigned value;

    for (size_t p = 0; p < PIXELS; p++) {
        TRY(read_value(in, ',', BRIGHTEST, &value));
        pixels[p] = (uint8_t)((value * 255 + BRIGHTEST / 2) / BRIGHTEST);
    }
    TRY(read_value(in, '\n', CLASSES - 1, &value));
    *label = (uint8_t)value;
    return 0;
}

static int read_part(struct bytes *in, enum data_part part, struct images *images)
{
    uint8_t pixels[PIXELS], label;
    size_t n = 0;

    for (size_t i = 0; i < IMAGES; i++) {
        TRY(read_image(in, pixels, &label));
        if ((i % HELD_OUT == HELD_OUT - 1) != (part == DATA_TEST))
            continue;
        memcpy(images->pixels + n * PIXELS, pixels, PIXELS);
        images->labels[n++] = label;
    }
    return bytes_end(in);
}

static int load(const char *directory, enum data_part part, struct images **images)
{
    size_t n = part == DATA_TEST ? IMAGES / HELD_OUT : IMAGES - IMAGES / HELD_OUT;
    struct bytes in = { 0 };
    struct images *made = NULL;
    int code = bytes_open(&in, directory, "digits.csv.gz");

    if (code == 0)
        code = images_create(in.path, n, SIDE, SIDE, 1, CLASSES, &made);
    if (code == 0)
        code = read_part(&in, part, made);
    bytes_close(&in);
    if (code == 0)
        *images = made;
    else
        images_destroy(made);
    return code;
}

const struct dataset dataset_digits = {
    .name = "digits",
    .summary = "1,438 + 359 grey images of digits, 8 x 8, 10 classes (Debian's python3-sklearn)",
    .directory = "/usr/lib/python3/dist-packages/sklearn/datasets/data",
    .load = load,
};
