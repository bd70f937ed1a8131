/*
 * Fashion-MNIST: 60,000 + 10,000 grey images of clothing, 28 x 28, in the IDX format of MNIST's authors: two zeros, type 8
 * (unsigned byte), number of dimensions, the dimensions as big-endian words, bytes.
 */
#include "base/status.h"
#include "nas/data/dataset.h"
#include "nas/data/reader.h"

enum { CLASSES = 10, DIMENSIONS_LIMIT = 3 };

static int read_head(struct reader *reader, unsigned n_dimensions, size_t *dimensions)
{
    uint8_t head[4], word[4];

    TRY(reader_bytes(reader, head, sizeof head));
    if (head[0] != 0 || head[1] != 0 || head[2] != 8 || head[3] != n_dimensions)
        return fail(ERR_INVALID, "%s, byte 0: expected an IDX file of bytes in %u dimensions", reader->path,
                    n_dimensions);
    for (unsigned d = 0; d < n_dimensions; d++) {
        TRY(reader_bytes(reader, word, sizeof word));
        dimensions[d] = (size_t)word[0] << 24 | (size_t)word[1] << 16 | (size_t)word[2] << 8 | word[3];
        if (dimensions[d] > (d == 0 ? IMAGES_LIMIT : IMAGE_SIDE_LIMIT))
            return fail(ERR_LIMIT, "%s, byte %zu: a dimension of %zu is too large", reader->path, reader->offset - 4,
                        dimensions[d]);
    }
    return 0;
}

static int read_pixels(struct reader *reader, struct images **images)
{
    size_t d[DIMENSIONS_LIMIT];

    TRY(read_head(reader, 3, d));
    TRY(images_create(reader->path, d[0], (unsigned)d[1], (unsigned)d[2], 1, CLASSES, images));
    TRY(reader_bytes(reader, (*images)->pixels, d[0] * d[1] * d[2]));
    return reader_end(reader);
}

static int read_labels(struct reader *reader, struct images *images)
{
    size_t n;

    TRY(read_head(reader, 1, &n));
    if (n != images->n)
        return fail(ERR_INVALID, "%s, byte 4: %zu labels for %zu images", reader->path, n, images->n);
    for (size_t i = 0; i < n; i++)
        TRY(reader_byte_below(reader, "a label", CLASSES, &images->labels[i]));
    return reader_end(reader);
}

static int load(const char *directory, enum data_part part, struct images **images)
{
    static const char *const names[][2] = {
        [DATA_TRAIN] = { "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz" },
        [DATA_TEST] = { "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz" },
    };
    struct reader reader = { 0 };
    struct images *made = NULL;
    int code = reader_open(&reader, directory, names[part][0]);

    if (code == 0)
        code = read_pixels(&reader, &made);
    reader_close(&reader);
    if (code == 0)
        code = reader_open(&reader, directory, names[part][1]);
    if (code == 0)
        code = read_labels(&reader, made);
    reader_close(&reader);
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
