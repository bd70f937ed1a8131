/*
 * CIFAR-10 as one file of JPEG scans: magic CIFARJPG, little-endian words header length, number of training and of test
 * images, the header that all images share; then for each image a byte label, a 16-bit length and the rest of its JPEG.
 */
#include <stdlib.h>
#include <string.h>

#include <turbojpeg.h>

#include "base/memory.h"
#include "base/status.h"
#include "nas/data/bytes.h"
#include "nas/data/dataset.h"

enum { SIDE = 32, CHANNELS = 3, CLASSES = 10, HEADER_LIMIT = 1 << 16, SCAN_LIMIT = 1 << 16 };

struct pack {
    struct bytes in;
    tjhandle decoder;
    uint32_t header_size;
    uint32_t n[2]; /* by enum data_part */
    uint8_t *jpeg; /* the header, then room for a scan */
};

static uint32_t little_endian(const uint8_t word[4])
{
    return (uint32_t)word[3] << 24 | (uint32_t)word[2] << 16 | (uint32_t)word[1] << 8 | word[0];
}

static int read_head(struct pack *pack)
{
    static const char magic[] = { 'C', 'I', 'F', 'A', 'R', 'J', 'P', 'G' };
    uint8_t head[8 + 12];

    TRY(bytes_take(&pack->in, head, sizeof head));
    if (memcmp(head, magic, sizeof magic) != 0)
        return fail(ERR_INVALID, "%s, byte 0: expected CIFARJPG", pack->in.path);
    pack->header_size = little_endian(head + 8);
    pack->n[DATA_TRAIN] = little_endian(head + 12);
    pack->n[DATA_TEST] = little_endian(head + 16);
    if (pack->header_size > HEADER_LIMIT || pack->n[DATA_TRAIN] > IMAGES_LIMIT || pack->n[DATA_TEST] > IMAGES_LIMIT)
        return fail(ERR_LIMIT, "%s, byte 8: a header of %u bytes and %u + %u images are too many", pack->in.path,
                    pack->header_size, pack->n[DATA_TRAIN], pack->n[DATA_TEST]);
    pack->jpeg = xmalloc(pack->header_size + SCAN_LIMIT);
    return bytes_take(&pack->in, pack->jpeg, pack->header_size);
}

/* The next image's label, and its scan behind the header. */
static int read_scan(struct pack *pack, uint8_t *label, size_t *jpeg_size)
{
    uint8_t length[2];

    TRY(bytes_byte_below(&pack->in, "a label", CLASSES, label));
    TRY(bytes_take(&pack->in, length, sizeof length));

    size_t size = (size_t)length[1] << 8 | length[0];

    *jpeg_size = pack->header_size + size;
    return bytes_take(&pack->in, pack->jpeg + pack->header_size, size);
}

static int decode(struct pack *pack, size_t jpeg_size, size_t offset, uint8_t *pixels)
{
    int width, height, sampling, space;

    if (tjDecompressHeader3(pack->decoder, pack->jpeg, jpeg_size, &width, &height, &sampling, &space) != 0)
        return fail(ERR_INVALID, "%s, byte %zu: %s", pack->in.path, offset, tjGetErrorStr2(pack->decoder));
    if (width != SIDE || height != SIDE)
        return fail(ERR_INVALID, "%s, byte %zu: expected an image of 32 x 32, got %d x %d", pack->in.path, offset,
                    height, width);
    if (tjDecompress2(pack->decoder, pack->jpeg, jpeg_size, pixels, SIDE, 0, SIDE, TJPF_RGB,
                      TJFLAG_ACCURATEDCT | TJFLAG_STOPONWARNING) != 0)
        return fail(ERR_INVALID, "%s, byte %zu: %s", pack->in.path, offset, tjGetErrorStr2(pack->decoder));
    return 0;
}

static int read_part(struct pack *pack, enum data_part part, struct images *images)
{
    size_t first = part == DATA_TRAIN ? 0 : pack->n[DATA_TRAIN];
    size_t n_all = (size_t)pack->n[DATA_TRAIN] + pack->n[DATA_TEST];
    size_t jpeg_size;
    uint8_t label;

    for (size_t i = 0; i < n_all; i++) {
        size_t offset = pack->in.offset;

        TRY(read_scan(pack, &label, &jpeg_size));
        if (i < first || i - first >= images->n)
            continue;
        images->labels[i - first] = label;
        TRY(decode(pack, jpeg_size, offset, images->pixels + (i - first) * image_bytes(images)));
    }
    return bytes_end(&pack->in);
}

static int load(const char *directory, enum data_part part, struct images **images)
{
    struct pack pack = { 0 };
    struct images *made = NULL;
    int code = bytes_open(&pack.in, directory, "cifar10.jpgpack");

    if (code == 0)
        code = read_head(&pack);
    if (code == 0 && (pack.decoder = tjInitDecompress()) == NULL)
        code = fail(ERR_UNSUPPORTED, "libjpeg-turbo: %s", tjGetErrorStr2(NULL));
    if (code == 0)
        code = images_create(pack.in.path, pack.n[part], SIDE, SIDE, CHANNELS, CLASSES, &made);
    if (code == 0)
        code = read_part(&pack, part, made);
    if (code == 0)
        *images = made;
    else
        images_destroy(made);
    if (pack.decoder != NULL)
        tjDestroy(pack.decoder);
    free(pack.jpeg);
    bytes_close(&pack.in);
    return code;
}

const struct dataset dataset_cifar10_jpeg = {
    .name = "cifar10-jpeg",
    .summary = "CIFAR-10 out of cifar10.jpgpack; compare accuracies only among runs on it",
    .load = load,
};
