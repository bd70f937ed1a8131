/*
 * Tests of the image map.
 */
#include "tests/trialrunner/manifest.h"

static const struct images *parse(struct arena *arena, const char *text, struct faults *faults)
{
    struct images *images = arena_alloc(arena, sizeof *images);

    images_parse(text ? read_manifest(arena, text) : NULL, "images.yaml", "/maps", arena, images, faults);
    return images;
}

static void images__nothing__is_an_empty_map(void **state)
{
    struct arena arena = { 0 };
    struct faults faults = { 0 };
    const struct images *images = parse(&arena, NULL, &faults);

    (void)state;
    assert_int_equal(images->n, 0);
    assert_null(images_find(images, "any:1"));
    assert_int_equal(faults.n, 0);
    arena_release(&arena);
}

static void images__relative_paths__are_of_the_file(void **state)
{
    struct arena arena = { 0 };
    struct faults faults = { 0 };
    const struct image *image = images_find(parse(&arena,
                                                  "images:\n"
                                                  "- match: repo/app-*\n"
                                                  "  workingDir: app\n"
                                                  "  entrypoint: [python3, 1]\n"
                                                  "  paths: {/opt/app/: ./app, /data: /srv/data}\n"
                                                  "  env: {RATE: 0.1}\n",
                                                  &faults),
                                            "repo/app-x:latest");

    (void)state;
    assert_int_equal(faults.n, 0);
    assert_non_null(image);
    assert_string_equal(image->working_directory, "/maps/app");
    assert_int_equal(image->n_entrypoint, 2);
    assert_string_equal(image->entrypoint[1], "1");
    assert_int_equal(image->n_paths, 2);
    assert_string_equal(image->paths[0], "/opt/app");
    assert_string_equal(image->paths[1], "/maps/app");
    assert_string_equal(image->paths[3], "/srv/data");
    assert_string_equal(image->env[0], "RATE=0.1");
    arena_release(&arena);
}

static void images__first_match__wins(void **state)
{
    struct arena arena = { 0 };
    struct faults faults = { 0 };
    const struct images *images = parse(&arena, "images: [{match: 'a/b:1'}, {match: a/b}, {match: '*'}]", &faults);

    (void)state;
    assert_ptr_equal(images_find(images, "a/b:1"), &images->items[0]);
    assert_ptr_equal(images_find(images, "a/b:2"), &images->items[1]);
    assert_ptr_equal(images_find(images, "a/b@sha256:00"), &images->items[1]);
    assert_ptr_equal(images_find(images, "a/b"), &images->items[1]);
    assert_ptr_equal(images_find(images, "host:5000/a/b"), &images->items[2]);
    arena_release(&arena);
}

static void images__port_of_a_registry__is_no_tag(void **state)
{
    struct arena arena = { 0 };
    struct faults faults = { 0 };
    const struct images *images = parse(&arena, "images: [{match: 'host:5000/app'}]", &faults);

    (void)state;
    assert_non_null(images_find(images, "host:5000/app:2"));
    assert_null(images_find(images, "host:5001/app:2"));
    assert_null(images_find(images, "host"));
    arena_release(&arena);
}

static void images__wrong_entries__are_all_noted(void **state)
{
    struct arena arena = { 0 };
    struct faults faults = { 0 };
    const char *said;

    (void)state;
    parse(&arena,
          "images:\n"
          "- {workingDir: a}\n"
          "- {match: a, paths: {relative: b, /x/../y: c, /ok: [d]}}\n"
          "- {match: b, env: {A=B: c}, entrypoint: python}\n"
          "- {match: c, workingdir: d}\n"
          "- text\n"
          "more: 1\n",
          &faults);
    said = printed(&faults, &arena);
    assert_contains(said, "images.yaml:2:3: images[0].match: expected a pattern for names of images, got nothing");
    assert_contains(said, "images[1].paths: expected absolute paths of the container, below /, got \"relative\"");
    assert_contains(said, "got \"/x/../y\"");
    assert_contains(said, "/ok: expected a text, got a list");
    assert_contains(said, "images[2].env: expected names of variables, got \"A=B\"");
    assert_contains(said, "images[2].entrypoint: expected a list");
    assert_contains(said, "images[3].workingdir: unknown field; did you mean workingDir?");
    assert_contains(said, "images[4]: expected a map");
    assert_contains(said, "more: unknown field");
    faults_release(&faults);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(images__nothing__is_an_empty_map),
        cmocka_unit_test(images__relative_paths__are_of_the_file),
        cmocka_unit_test(images__first_match__wins),
        cmocka_unit_test(images__port_of_a_registry__is_no_tag),
        cmocka_unit_test(images__wrong_entries__are_all_noted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
