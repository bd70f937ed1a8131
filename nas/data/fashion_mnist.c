/*
 * Fashion-MNIST: 60,000 + 10,000 grey images of clothing, 28 x 28, in the IDX format of MNIST's authors: two zeros, type 8
 * (unsigned byte), number of dimensions, the dimensions as big-endian words, bytes.
 */
#include "base/status.h"
#include "nas/data/bytes.h"
#include "nas/data/dataset.h"

enum { CLASSES = 10, DIMENSIONS_LIMIT = 3 };

static int read_head(struct bytes *in, unsigned n_dimensions, size_t *dimensions)
{
    uint8_t head[4], word[4];

    TRY(bytes_take(in, head, sizeof head));
    if (head[0] != 0 || head[1] != 0 || head[2] != 8 || head[3] != n_dimensions)
        return fail(ERR_INVALID, "%s, byte 0: expected an IDX file of bytes in %u dimensions", in->path, n_dimensions);
    for (unsigned d = 0; d < n_dimensions; d++) {
        TRY(bytes_take(in, word, sizeof word));
        dimensions[d] = (size_t)word[0] << 24 | (size_t)word[1] << 16 | (size_t)word[2] << 8 | word[3];
        if (dimensions[d] > (d == 0 ? IMAGES_LIMIT : IMAGE_SIDE_LIMIT))
            return fail(ERR_LIMIT, "%s, byte %zu: a dimension of %zu is too large", in->path, in->offset - 4,
                        dimensions[d]);
    }
    return 0;
}

static int read_pixels(struct bytes *in, struct images **images)
{
    size_t d[DIMENSIONS_LIMIT];

    TRY(read_head(in, 3, d));
    TRY(images_create(in->path, d[0], (unsigned)d[1], (unsigned)d[2], 1, CLASSES, images));
    TRY(bytes_take(in, (*images)->pixels, d[0] * d[1] * d[2]));
    return bytes_end(in);
}

static int read_labels(struct bytes *in, struct images *images)
{
    size_t n;

    TRY(read_head(in, 1, &n));
    if (n != images->n)
        return fail(ERR_INVALID, "%s, byte 4: %zu labels for %zu images", in->path, n, images->n);
    for (size_t i = 0; i < n; i++)
        TRY(bytes_byte_below(in, "a label", CLASSES, &images->labels[i]));
    return bytes_end(in);
}

static int load(const char *directory, enum data_part part, struct images **images)
{
    static const char *const names[][2] = {
        [DATA_TRAIN] = { "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz" },
        [DATA_TEST] = { "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz" },
    };
    struct bytes in = { 0 };
    struct images *made = NULL;
    int code = bytes_open(&in, directory, names[part][0]);

    if (code == 0)
        code = read_pixels(&in, &made);
    bytes_close(&in);
    if (code == 0)
        code = bytes_open(&in, directory, names[part][1]);
    if (code == 0)
        code = read_labels(&in, made);
    bytes_close(&in);
    if (code == 0)
        *images = made;
    else
        images_destroy(made);
    return code;
}

const struct dataset dataset_fashion_mnist = {
    .name = "fashion-mnist",
    .summary = "60,000 + 10,000 grey images of clothing, 28 x 28, 10 classes (Debian's dataset-fashion-mnist)",
    .directory = "/usr/share/datasets/fashion-mnist",
    .load = load,
};
