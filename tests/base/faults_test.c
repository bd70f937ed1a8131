/*
 * base/faults: order, limits, what is printed.
 */
#include "tests/test.h"

#include "base/faults.h"

static void assert_printed(const struct faults *faults, const char *want)
{
    struct text out = { 0 };

    faults_print(faults, &out);
    assert_string_equal(text_string(&out), want);
    text_release(&out);
}

static void faults_print__places__sort_by_file_line_and_column(void **state)
{
    struct faults faults = { 0 };
    const struct node late = { .line = 9, .column = 1 }, early = { .line = 2, .column = 7 },
                      earlier = { .line = 2, .column = 3 };

    (void)state;
    faults_error(&faults, "b.yaml", &early, "spec", "expected %s", "b");
    faults_error(&faults, "a.yaml", &late, "spec.x", "expected x");
    faults_warning(&faults, "a.yaml", &early, "spec.y", "unknown field");
    faults_error(&faults, "a.yaml", &earlier, NULL, "expected z");
    assert_int_equal(faults.n_errors, 3);
    assert_int_equal(faults.n_warnings, 1);
    assert_printed(&faults, "a.yaml:2:3: expected z\n"
                            "a.yaml:2:7: warning: spec.y: unknown field\n"
                            "a.yaml:9:1: spec.x: expected x\n"
                            "b.yaml:2:7: spec: expected b\n");
    faults_release(&faults);
}

static void faults_print__unknown_parts__are_left_out(void **state)
{
    const struct node typed = { 0 };
    struct faults faults = { 0 };

    (void)state;
    assert_printed(&faults, "");
    faults_error(&faults, NULL, NULL, NULL, "bare");
    faults_error(&faults, NULL, &typed, "", "empty path");
    faults_error(&faults, NULL, NULL, "spec", "with path");
    faults_error(&faults, "f", NULL, NULL, "with file");
    assert_printed(&faults, "bare\nempty path\nspec: with path\nf: with file\n");
    faults_release(&faults);
}

static void faults_error__beyond_the_limit__is_counted_only(void **state)
{
    struct faults faults = { 0 };
    struct text out = { 0 };

    (void)state;
    for (int i = 0; i < FAULTS_LIMIT + 50; i++)
        faults_error(&faults, NULL, NULL, NULL, "fault %d", i);
    assert_int_equal(faults.n, FAULTS_LIMIT);
    assert_int_equal(faults.n_errors, FAULTS_LIMIT + 50);
    faults_print(&faults, &out);
    assert_true(text_ends_with(out.data, "fault 199\nand 50 more\n"));
    text_release(&out);
    faults_release(&faults);
}

static void faults_error__hostile_text__stays_one_short_line(void **state)
{
    struct faults faults = { 0 };
    struct text out = { 0 };
    char *huge = malloc(1 << 20);

    (void)state;
    memset(huge, 'k', (1 << 20) - 1);
    huge[(1 << 20) - 1] = '\0';
    faults_error(&faults, NULL, NULL, huge, "got \"\x1b[2J\n\xFF\" and %s", huge);
    faults_print(&faults, &out);
    assert_true(out.length < 2000);
    assert_ptr_equal(strchr(out.data, '\n'), out.data + out.length - 1);
    assert_contains(out.data, "got \"?[2J??\" and kkk");
    free(huge);
    text_release(&out);
    faults_release(&faults);
}

static void faults_error__texts__are_copied(void **state)
{
    struct faults faults = { 0 };
    char file[] = "file", path[] = "path";

    (void)state;
    faults_error(&faults, file, NULL, path, "m");
    file[0] = path[0] = 'X';
    assert_printed(&faults, "file: path: m\n");
    faults_release(&faults);
}

static void faults_make_strict__warnings__become_errors(void **state)
{
    struct faults faults = { 0 };

    (void)state;
    faults_warning(&faults, NULL, NULL, NULL, "w");
    faults_error(&faults, NULL, NULL, NULL, "e");
    faults_make_strict(&faults);
    assert_int_equal(faults.n_errors, 2);
    assert_int_equal(faults.n_warnings, 0);
    assert_printed(&faults, "w\ne\n");
    faults_release(&faults);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_print__places__sort_by_file_line_and_column),
        cmocka_unit_test(faults_print__unknown_parts__are_left_out),
        cmocka_unit_test(faults_error__beyond_the_limit__is_counted_only),
        cmocka_unit_test(faults_error__hostile_text__stays_one_short_line),
        cmocka_unit_test(faults_error__texts__are_copied),
        cmocka_unit_test(faults_make_strict__warnings__become_errors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
