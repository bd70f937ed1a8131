/*
 * CIFAR-10 in the binary format of its authors (https://www.cs.toronto.edu/~kriz/cifar.html): files of 10,000 records, each
 * a label and the red, green and blue planes of 32 x 32 bytes.
 */
#include "base/status.h"
#include "nas/data/bytes.h"
#include "nas/data/dataset.h"

enum { SIDE = 32, PLANE = SIDE * SIDE, CHANNELS = 3, CLASSES = 10, RECORDS = 10000 };

static int read_records(struct bytes *in, struct images *images, size_t first)
{
    uint8_t planes[CHANNELS][PLANE];

    for (size_t i = first; i < first + RECORDS; i++) {
        uint8_t *pixels = images->pixels + i * image_bytes(images);

        TRY(bytes_byte_below(in, "a label", CLASSES, &images->labels[i]));
        TRY(bytes_take(in, planes, sizeof planes));
        for (size_t p = 0; p < PLANE; p++)
            for (size_t c = 0; c < CHANNELS; c++)
                pixels[p * CHANNELS + c] = planes[c][p];
    }
    return bytes_end(in);
}

static int load(const char *directory, enum data_part part, struct images **images)
{
    static const char *const train[] = { "data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin",
                                         "data_batch_5.bin" };
    static const char *const test[] = { "test_batch.bin" };
    const char *const *names = part == DATA_TRAIN ? train : test;
    size_t n_files = part == DATA_TRAIN ? sizeof train / sizeof *train : sizeof test / sizeof *test;
    struct images *made;
    int code = 0;

    TRY(images_create(directory, n_files * RECORDS, SIDE, SIDE, CHANNELS, CLASSES, &made));
    for (size_t f = 0; code == 0 && f < n_files; f++) {
        struct bytes in = { 0 };

        code = bytes_open(&in, directory, names[f]);
        if (code == 0)
            code = read_records(&in, made, f * RECORDS);
        bytes_close(&in);
    }
    if (code == 0)
        *images = made;
    else
        images_destroy(made);
    return code;
}

const struct dataset dataset_cifar10 = {
    .name = "cifar10",
    .summary = "50,000 + 10,000 colour images, 32 x 32, 10 classes, in its authors' binary format",
    .load = load,
};
