/*
 * Data sets: real ones where the machine has them, small ones written here, and damaged ones.
 */
#include "tests/test.h"

#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/status.h"
#include "nas/data/augment.h"
#include "nas/data/dataset.h"

enum { CIFAR_RECORD = 1 + 3072, CIFAR_FILE = 10000 * CIFAR_RECORD };

static void write_bytes(const char *directory, const char *name, const void *bytes, size_t length)
{
    char *path = file_join(directory, name);

    assert_int_equal(file_write(path, bytes, length, 0600), 0);
    free(path);
}

/* Two images of 2 x 3, in the format of MNIST. */
static const uint8_t idx_images[] = { 0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2,  0,  0,
                                      0, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255 };
static const uint8_t idx_labels[] = { 0, 0, 8, 1, 0, 0, 0, 2, 9, 4 };

static void write_idx(const char *directory, const uint8_t *images, size_t n_images, const uint8_t *labels,
                      size_t n_labels)
{
    write_bytes(directory, "t10k-images-idx3-ubyte.gz", images, n_images);
    write_bytes(directory, "t10k-labels-idx1-ubyte.gz", labels, n_labels);
}

static void assert_refused(const char *name, const char *directory, enum data_part part, int code, const char *message)
{
    struct images *images = NULL;

    assert_int_equal(dataset_load(name, directory, part, &images), code);
    assert_contains(fail_message(), message);
    assert_null(images);
}

static void idx__plain_file__is_read(void **unused)
{
    char *directory = test_directory();
    struct images *images;

    (void)unused;
    write_idx(directory, idx_images, sizeof idx_images, idx_labels, sizeof idx_labels);
    assert_int_equal(dataset_load("fashion-mnist", directory, DATA_TEST, &images), 0);
    assert_int_equal(images->n, 2);
    assert_int_equal(images->height, 2);
    assert_int_equal(images->width, 3);
    assert_int_equal(images->channels, 1);
    assert_memory_equal(images->pixels, idx_images + 16, 12);
    assert_memory_equal(images->labels, idx_labels + 8, 2);
    images_destroy(images);
    file_remove_tree(directory);
    free(directory);
}

static void idx__any_length_cut_off__is_refused(void **unused)
{
    char *directory = test_directory();

    (void)unused;
    for (size_t n = 0; n < sizeof idx_images; n++) {
        write_idx(directory, idx_images, n, idx_labels, sizeof idx_labels);
        assert_refused("fashion-mnist", directory, DATA_TEST, ERR_INVALID, "images-idx3-ubyte.gz ends at byte");
    }
    for (size_t n = 0; n < sizeof idx_labels; n++) {
        write_idx(directory, idx_images, sizeof idx_images, idx_labels, n);
        assert_refused("fashion-mnist", directory, DATA_TEST, ERR_INVALID, "labels-idx1-ubyte.gz ends at byte");
    }
    file_remove_tree(directory);
    free(directory);
}

static void idx__damaged__names_the_byte(void **unused)
{
    static const struct {
        size_t at;
        uint8_t value;
        int code;
        const char *message;
    } images[] = {
        { 2, 13, ERR_INVALID, "byte 0: expected an IDX file of bytes in 3 dimensions" },
        { 3, 1, ERR_INVALID, "byte 0: expected an IDX file of bytes in 3 dimensions" },
        { 4, 255, ERR_LIMIT, "byte 4: a dimension" },
        { 8, 255, ERR_LIMIT, "byte 8: a dimension" },
        { 7, 0, ERR_INVALID, "may be 0" },
        { 7, 1, ERR_INVALID, "byte 22: expected the end of the file" },
    }, labels[] = {
        { 7, 3, ERR_INVALID, "byte 4: 3 labels for 2 images" },
        { 9, 10, ERR_INVALID, "byte 9: expected a label below 10, got 10" },
    };
    char *directory = test_directory();

    (void)unused;
    for (size_t i = 0; i < sizeof images / sizeof *images; i++) {
        uint8_t damaged[sizeof idx_images];

        memcpy(damaged, idx_images, sizeof damaged);
        damaged[images[i].at] = images[i].value;
        write_idx(directory, damaged, sizeof damaged, idx_labels, sizeof idx_labels);
        assert_refused("fashion-mnist", directory, DATA_TEST, images[i].code, images[i].message);
    }
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
        uint8_t damaged[sizeof idx_labels];

        memcpy(damaged, idx_labels, sizeof damaged);
        damaged[labels[i].at] = labels[i].value;
        write_idx(directory, idx_images, sizeof idx_images, damaged, sizeof damaged);
        assert_refused("fashion-mnist", directory, DATA_TEST, labels[i].code, labels[i].message);
    }
    file_remove_tree(directory);
    free(directory);
}

static void datasets__nothing_there__name_the_file_or_the_lack(void **unused)
{
    char *directory = test_directory();

    (void)unused;
    for (const struct dataset *const *set = datasets; *set != NULL; set++) {
        assert_ptr_equal(dataset_find((*set)->name), *set);
        assert_refused((*set)->name, directory, DATA_TRAIN, ERR_NOT_FOUND, directory);
        if ((*set)->directory == NULL)
            assert_refused((*set)->name, NULL, DATA_TRAIN, ERR_INVALID, "in which directory");
    }
    assert_refused("mnist", directory, DATA_TRAIN, ERR_INVALID, "fashion-mnist, got mnist");
    file_remove_tree(directory);
    free(directory);
}

static void fashion_mnist__of_debian__is_whole(void **unused)
{
    struct images *images;
    size_t counts[10] = { 0 };
    double mean[IMAGE_CHANNELS_LIMIT], deviation[IMAGE_CHANNELS_LIMIT];

    (void)unused;
    if (access(dataset_fashion_mnist.directory, R_OK) != 0) {
        print_message("dataset-fashion-mnist is not installed: skipped\n");
        skip();
    }
    assert_int_equal(dataset_load("fashion-mnist", NULL, DATA_TRAIN, &images), 0);
    assert_int_equal(images->n, 60000);
    assert_int_equal(image_bytes(images), 28 * 28);
    for (size_t i = 0; i < images->n; i++)
        counts[images->labels[i]]++;
    for (size_t k = 0; k < 10; k++)
        assert_int_equal(counts[k], 6000);
    images_moments(images, mean, deviation);
    assert_close(mean[0], 0.2860, 1e-3); /* as commonly published: 0.2860, 0.3530 */
    assert_close(deviation[0], 0.3530, 1e-3);
    images_destroy(images);
}

static void cifar10__binary_file__planes_become_pixels(void **unused)
{
    char *directory = test_directory();
    uint8_t *file = xcalloc(CIFAR_FILE, 1);
    uint8_t *second = file + CIFAR_RECORD;
    struct images *images;

    (void)unused;
    second[0] = 7;
    second[1 + 5] = 11;
    second[1 + 1024 + 5] = 12;
    second[1 + 2048 + 5] = 13;
    write_bytes(directory, "test_batch.bin", file, CIFAR_FILE);
    assert_int_equal(dataset_load("cifar10", directory, DATA_TEST, &images), 0);
    assert_int_equal(images->labels[1], 7);
    assert_memory_equal(images->pixels + 3072 + 15, "\x0b\x0c\x0d", 3);
    images_destroy(images);
    second[0] = 10;
    write_bytes(directory, "test_batch.bin", file, CIFAR_FILE);
    assert_refused("cifar10", directory, DATA_TEST, ERR_INVALID, "byte 3073: expected a label below 10, got 10");
    write_bytes(directory, "test_batch.bin", file, CIFAR_RECORD);
    assert_refused("cifar10", directory, DATA_TEST, ERR_INVALID, "ends at byte 3073");
    free(file);
    file_remove_tree(directory);
    free(directory);
}

static void digits__other_than_numbers__names_the_byte(void **unused)
{
    static const char *const files[][2] = {
        { "0,17,", "byte 2: expected a whole number of 0 to 16" },
        { "0,,", "byte 2: expected" },
        { "0,-1,", "byte 2: expected" },
        { "0,99999999999999999999,", "byte 2: expected" },
        { "0,1\n", "byte 2: expected" },
        { "0,1", "ends at byte 3" },
    };
    char *directory = test_directory();

    (void)unused;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        write_bytes(directory, "digits.csv.gz", files[i][0], strlen(files[i][0]));
        assert_refused("digits", directory, DATA_TRAIN, ERR_INVALID, files[i][1]);
    }
    file_remove_tree(directory);
    free(directory);
}

static void digits__of_debian__both_parts_are_all(void **unused)
{
    struct images *train, *test;

    (void)unused;
    if (access(dataset_digits.directory, R_OK) != 0) {
        print_message("python3-sklearn is not installed: skipped\n");
        skip();
    }
    assert_int_equal(dataset_load("digits", NULL, DATA_TRAIN, &train), 0);
    assert_int_equal(dataset_load("digits", NULL, DATA_TEST, &test), 0);
    assert_int_equal(train->n, 1438);
    assert_int_equal(test->n, 359);
    assert_int_equal(train->labels[1], 1); /* the file's second line */
    assert_int_equal(train->pixels[2], (5 * 255 + 8) / 16);
    images_destroy(train);
    images_destroy(test);
}

/* The start of the real pack with the counts of a small one, so that a test reads a dozen images instead of 60,000. */
static size_t read_pack(const char *data, uint32_t n, uint8_t **pack)
{
    char *path = xasprintf("%s/data/cifar10.jpgpack", data);
    FILE *file = fopen(path, "rb");
    size_t length = 20 + 65536, at;

    free(path);
    if (file == NULL)
        return 0;
    *pack = xcalloc(length, 1);
    length = fread(*pack, 1, length, file);
    fclose(file);
    at = 20 + ((size_t)(*pack)[8] | (size_t)(*pack)[9] << 8);
    for (uint32_t i = 0; i < n; i++)
        at += 3 + ((size_t)(*pack)[at + 1] | (size_t)(*pack)[at + 2] << 8);
    assert_true(at <= length);
    (*pack)[12] = (uint8_t)(n - 1), (*pack)[13] = 0;
    (*pack)[16] = 1, (*pack)[17] = 0;
    return at;
}

static void cifar10_jpeg__part_of_the_real_pack__is_decoded(void **unused)
{
    char *directory;
    struct images *images;
    uint8_t *pack = NULL;
    size_t length;
    double mean[IMAGE_CHANNELS_LIMIT], deviation[IMAGE_CHANNELS_LIMIT];

    (void)unused;
    if (test_data() == NULL || (length = read_pack(test_data(), 12, &pack)) == 0) {
        skip();
        return;
    }
    directory = test_directory();
    write_bytes(directory, "cifar10.jpgpack", pack, length);
    assert_int_equal(dataset_load("cifar10-jpeg", directory, DATA_TRAIN, &images), 0);
    assert_int_equal(images->n, 11);
    images_moments(images, mean, deviation);
    for (int c = 0; c < 3; c++)
        assert_true(mean[c] > 0.2 && mean[c] < 0.8 && deviation[c] > 0.1 && deviation[c] < 0.4);
    images_destroy(images);
    assert_int_equal(dataset_load("cifar10-jpeg", directory, DATA_TEST, &images), 0);
    assert_int_equal(images->n, 1);
    images_destroy(images);

    write_bytes(directory, "cifar10.jpgpack", pack, length - 1);
    assert_refused("cifar10-jpeg", directory, DATA_TEST, ERR_INVALID, "ends at byte");
    pack[20] = 0; /* no longer a JPEG */
    write_bytes(directory, "cifar10.jpgpack", pack, length);
    assert_refused("cifar10-jpeg", directory, DATA_TRAIN, ERR_INVALID, "cifar10.jpgpack, byte ");
    pack[11] = 255;
    write_bytes(directory, "cifar10.jpgpack", pack, length);
    assert_refused("cifar10-jpeg", directory, DATA_TRAIN, ERR_LIMIT, "byte 8");
    pack[0] = 'c';
    write_bytes(directory, "cifar10.jpgpack", pack, length);
    assert_refused("cifar10-jpeg", directory, DATA_TRAIN, ERR_INVALID, "byte 0: expected CIFARJPG");
    free(pack);
    file_remove_tree(directory);
    free(directory);
}

static struct images *ramp(unsigned height, unsigned width, unsigned channels)
{
    struct images *images;

    assert_int_equal(images_create("ramp", 3, height, width, channels, 4, &images), 0);
    for (size_t i = 0; i < 3 * image_bytes(images); i++)
        images->pixels[i] = (uint8_t)(i * 37 % 256);
    for (size_t i = 0; i < 3; i++)
        images->labels[i] = (uint8_t)i;
    return images;
}

static void fit__same_size__changes_nothing(void **unused)
{
    struct images *images = ramp(5, 7, 3), *fitted;

    (void)unused;
    assert_int_equal(images_fit(images, 5, 7, 3, &fitted), 0);
    assert_memory_equal(images->pixels, fitted->pixels, 3 * image_bytes(images));
    assert_memory_equal(images->labels, fitted->labels, 3);
    images_destroy(images);
    images_destroy(fitted);
}

static void fit__little_larger__pads_with_zeros_and_repeats_the_channel(void **unused)
{
    struct images *images = ramp(28, 28, 1), *fitted;

    (void)unused;
    assert_int_equal(images_fit(images, 32, 32, 3, &fitted), 0);
    for (unsigned y = 0; y < 32; y++)
        for (unsigned x = 0; x < 32; x++)
            for (unsigned c = 0; c < 3; c++) {
                bool inside = y >= 2 && y < 30 && x >= 2 && x < 30;
                uint8_t want = inside ? images->pixels[(28 + y - 2) * 28 + x - 2] : 0;
                assert_int_equal(fitted->pixels[((32 + y) * 32 + x) * 3 + c], want);
            }
    images_destroy(images);
    images_destroy(fitted);
}

static void fit__constant_image__stays_constant_at_any_size(void **unused)
{
    static const unsigned sides[] = { 1, 2, 3, 8, 13, 20, 50, 64 };
    struct images *images = ramp(13, 13, 3), *fitted;

    (void)unused;
    memset(images->pixels, 77, 3 * image_bytes(images));
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
        if (sides[i] >= 13 && 2 * (sides[i] - 13) < 13)
            continue; /* padded */
        assert_int_equal(images_fit(images, sides[i], sides[i], 1, &fitted), 0);
        for (size_t p = 0; p < 3 * image_bytes(fitted); p++)
            assert_int_equal(fitted->pixels[p], 77);
        images_destroy(fitted);
    }
    images_destroy(images);
}

static void fit__doubled__is_bilinear(void **unused)
{
    static const uint8_t want[] = { 0, 25, 75, 100 };
    struct images *images, *fitted;

    (void)unused;
    assert_int_equal(images_create("pair", 1, 1, 2, 1, 1, &images), 0);
    images->pixels[1] = 100;
    assert_int_equal(images_fit(images, 1, 4, 1, &fitted), 0);
    assert_memory_equal(fitted->pixels, want, 4);
    images_destroy(images);
    images_destroy(fitted);
}

static void fit__colours_to_other_colours__is_refused(void **unused)
{
    struct images *images = ramp(4, 4, 3), *fitted = NULL;

    (void)unused;
    assert_int_equal(images_fit(images, 4, 4, 2, &fitted), ERR_UNSUPPORTED);
    assert_int_equal(images_fit(images, 0, 4, 3, &fitted), ERR_INVALID);
    assert_int_equal(images_fit(images, 4, 4000, 3, &fitted), ERR_LIMIT);
    assert_null(fitted);
    images_destroy(images);
}

static void order__is_a_permutation_that_the_seed_names(void **unused)
{
    enum { N = 1001 };
    uint32_t first[N], again[N], other[N];
    bool seen[N] = { false };

    (void)unused;
    images_order(N, 1, 2, "nas.split", first);
    images_order(N, 1, 2, "nas.split", again);
    images_order(N, 1, 3, "nas.split", other);
    assert_memory_equal(first, again, sizeof first);
    assert_memory_not_equal(first, other, sizeof first);
    for (size_t i = 0; i < N; i++) {
        assert_true(first[i] < N && !seen[first[i]]);
        seen[first[i]] = true;
    }
}

static void augment__nothing_asked__is_the_normalised_image(void **unused)
{
    struct images *images = ramp(5, 4, 3);
    double mean[IMAGE_CHANNELS_LIMIT], deviation[IMAGE_CHANNELS_LIMIT], sum = 0, squares = 0;
    struct augmentation plain;

    (void)unused;
    images_moments(images, mean, deviation);
    augmentation_init(&plain, images, mean, deviation, 1, 0);
    for (uint32_t i = 0; i < 3; i++) {
        struct augment_move move = augment_draw(&plain, i);

        for (int p = 0; p < 5 * 4; p++) {
            double value = augment_value(&plain, &move, images->pixels + i * image_bytes(images), p / 4, p % 4, 1);

            sum += value / 60;
            squares += value * value / 60;
        }
    }
    assert_true(fabs(sum) < 1e-6);
    assert_close(squares, 1, 1e-6);
    images_destroy(images);
}

static void augment__crop_and_mirror__move_the_whole_image(void **unused)
{
    struct images *images = ramp(6, 6, 1);
    const double zero[IMAGE_CHANNELS_LIMIT] = { 0 }, one[IMAGE_CHANNELS_LIMIT] = { 1, 1, 1, 1 };
    struct augmentation moved;
    bool tops[5] = { false }, lefts[5] = { false };
    int n_mirrored = 0;

    (void)unused;
    augmentation_init(&moved, images, zero, one, 7, 3);
    moved.padding = 2;
    moved.is_mirrored = 1;
    for (uint32_t i = 0; i < 400; i++) {
        struct augment_move move = augment_draw(&moved, i);

        assert_true(abs(move.top) <= 2 && abs(move.left) <= 2);
        tops[move.top + 2] = lefts[move.left + 2] = true;
        n_mirrored += move.is_mirrored;
        for (int y = 0; y < 6; y++)
            for (int x = 0; x < 6; x++) {
                int from_y = y + move.top, from_x = (move.is_mirrored ? 5 - x : x) + move.left;
                bool inside = from_y >= 0 && from_y < 6 && from_x >= 0 && from_x < 6;
                float want = inside ? (float)(images->pixels[from_y * 6 + from_x] / 255.0) : 0;
                assert_true(augment_value(&moved, &move, images->pixels, y, x, 0) == want);
            }
    }
    for (int i = 0; i < 5; i++)
        assert_true(tops[i] && lefts[i]);
    assert_in_range(n_mirrored, 150, 250);
    images_destroy(images);
}

static void augment__cutout__blanks_at_most_the_square(void **unused)
{
    struct images *images = ramp(9, 9, 1);
    const double below[IMAGE_CHANNELS_LIMIT] = { -1 }, one[IMAGE_CHANNELS_LIMIT] = { 1 };
    struct augmentation cut;
    bool whole = false, partial = false;

    (void)unused;
    augmentation_init(&cut, images, below, one, 7, 3);
    cut.cutout = 4;
    for (uint32_t i = 0; i < 100; i++) {
        struct augment_move move = augment_draw(&cut, i);
        int n_blank = 0;

        for (int p = 0; p < 81; p++)
            n_blank += augment_value(&cut, &move, images->pixels, p / 9, p % 9, 0) == 0;
        assert_in_range(n_blank, 4, 16);
        whole |= n_blank == 16;
        partial |= n_blank < 16;
    }
    assert_true(whole && partial);
    images_destroy(images);
}

static void augment__other_epoch__other_moves(void **unused)
{
    struct images *images = ramp(9, 9, 1);
    const double zero[IMAGE_CHANNELS_LIMIT] = { 0 }, one[IMAGE_CHANNELS_LIMIT] = { 1 };
    struct augmentation first, second;
    int n_same = 0;

    (void)unused;
    augmentation_init(&first, images, zero, one, 7, 1);
    augmentation_init(&second, images, zero, one, 7, 2);
    first.padding = second.padding = 4;
    for (uint32_t i = 0; i < 200; i++)
        n_same += augment_draw(&first, i).top == augment_draw(&second, i).top;
    assert_in_range(n_same, 5, 60); /* a ninth of them */
    images_destroy(images);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(idx__plain_file__is_read),
        cmocka_unit_test(idx__any_length_cut_off__is_refused),
        cmocka_unit_test(idx__damaged__names_the_byte),
        cmocka_unit_test(datasets__nothing_there__name_the_file_or_the_lack),
        cmocka_unit_test(fashion_mnist__of_debian__is_whole),
        cmocka_unit_test(cifar10__binary_file__planes_become_pixels),
        cmocka_unit_test(digits__other_than_numbers__names_the_byte),
        cmocka_unit_test(digits__of_debian__both_parts_are_all),
        cmocka_unit_test(cifar10_jpeg__part_of_the_real_pack__is_decoded),
        cmocka_unit_test(fit__same_size__changes_nothing),
        cmocka_unit_test(fit__little_larger__pads_with_zeros_and_repeats_the_channel),
        cmocka_unit_test(fit__constant_image__stays_constant_at_any_size),
        cmocka_unit_test(fit__doubled__is_bilinear),
        cmocka_unit_test(fit__colours_to_other_colours__is_refused),
        cmocka_unit_test(order__is_a_permutation_that_the_seed_names),
        cmocka_unit_test(augment__nothing_asked__is_the_normalised_image),
        cmocka_unit_test(augment__crop_and_mirror__move_the_whole_image),
        cmocka_unit_test(augment__cutout__blanks_at_most_the_square),
        cmocka_unit_test(augment__other_epoch__other_moves),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
