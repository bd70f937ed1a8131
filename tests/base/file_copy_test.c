/*
 * Copies of directory trees: whole or not at all.
 */
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/status.h"
#include "tests/test.h"

struct place {
    char root[64];
    char *from, *to, *half;
};

static void put(const char *directory, const char *name, const char *bytes)
{
    char *path = file_join(directory, name), *parent = file_directory(path);

    assert_int_equal(file_make_directories(parent, 0700), 0);
    assert_int_equal(file_write(path, bytes, strlen(bytes), 0600), 0);
    free(parent);
    free(path);
}

static void assert_holds(const char *directory, const char *name, const char *want)
{
    char *path = file_join(directory, name);
    struct text text = { 0 };

    assert_int_equal(file_read(path, 1 << 20, &text), 0);
    assert_string_equal(text_string(&text), want);
    text_release(&text);
    free(path);
}

static void place_init(struct place *place)
{
    snprintf(place->root, sizeof place->root, "/tmp/hone-copy-XXXXXX");
    assert_non_null(mkdtemp(place->root));
    place->from = file_join(place->root, "from");
    place->to = file_join(place->root, "to");
    place->half = file_join(place->root, "to.copying");
}

static void place_release(struct place *place)
{
    assert_int_equal(file_remove_tree(place->root), 0);
    free(place->from);
    free(place->to);
    free(place->half);
}

static void file_copy_tree__files_links_and_modes__are_as_they_were(void **state)
{
    struct place place;
    struct stat about;
    char *path, text[16] = "";

    (void)state;
    place_init(&place);
    put(place.from, "model", "weights");
    put(place.from, "deep/er/empty", "");
    path = file_join(place.from, "latest");
    assert_int_equal(symlink("model", path), 0);
    free(path);
    path = file_join(place.from, "deep/pipe");
    assert_int_equal(mkfifo(path, 0600), 0);
    free(path);
    path = file_join(place.from, "model");
    assert_int_equal(chmod(path, 0640), 0);
    free(path);
    assert_int_equal(file_copy_tree(place.from, place.to), 0);
    assert_holds(place.to, "model", "weights");
    assert_holds(place.to, "deep/er/empty", "");
    path = file_join(place.to, "latest");
    assert_int_equal(readlink(path, text, sizeof text - 1), 5);
    assert_string_equal(text, "model");
    free(path);
    path = file_join(place.to, "model");
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0640);
    free(path);
    path = file_join(place.to, "deep/pipe");
    assert_int_not_equal(access(path, F_OK), 0);
    free(path);
    put(place.to, "model", "others");
    assert_holds(place.from, "model", "weights");
    assert_int_not_equal(access(place.half, F_OK), 0);
    place_release(&place);
}

static void file_copy_tree__half_a_copy_is_there__begins_anew(void **state)
{
    struct place place;

    (void)state;
    place_init(&place);
    put(place.from, "model", "weights");
    put(place.half, "model", "wei");
    put(place.half, "stale", "x");
    assert_int_equal(file_copy_tree(place.from, place.to), 0);
    assert_holds(place.to, "model", "weights");
    char *stale = file_join(place.to, "stale");
    assert_int_not_equal(access(stale, F_OK), 0);
    free(stale);
    place_release(&place);
}

static void file_copy_tree__target_is_there__is_left_alone(void **state)
{
    struct place place;

    (void)state;
    place_init(&place);
    put(place.from, "model", "weights");
    put(place.to, "model", "further on");
    assert_int_equal(file_copy_tree(place.from, place.to), 0);
    assert_holds(place.to, "model", "further on");
    place_release(&place);
}

static void file_copy_tree__no_source_or_no_room__leaves_no_target(void **state)
{
    struct place place;
    char *nowhere;

    (void)state;
    place_init(&place);
    assert_int_equal(file_copy_tree(place.from, place.to), ERR_NOT_FOUND);
    assert_int_not_equal(access(place.to, F_OK), 0);
    put(place.from, "model", "weights");
    nowhere = file_join(place.root, "absent/to");
    assert_true(file_copy_tree(place.from, nowhere) < 0);
    free(nowhere);
    place_release(&place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(file_copy_tree__files_links_and_modes__are_as_they_were),
        cmocka_unit_test(file_copy_tree__half_a_copy_is_there__begins_anew),
        cmocka_unit_test(file_copy_tree__target_is_there__is_left_alone),
        cmocka_unit_test(file_copy_tree__no_source_or_no_room__leaves_no_target),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
