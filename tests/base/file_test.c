/*
 * base/file: whole files, trees, paths.
 */
#include "tests/test.h"
#undef fail /* cmocka's macro; base/status.h has a function of that name */

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/status.h"

static char *directory;

static int make(void **state)
{
    (void)state;
    directory = test_directory();
    return 0;
}

static int drop(void **state)
{
    int status = file_remove_tree(directory);

    (void)state;
    free(directory);
    return status;
}

static void write_text(const char *path, const char *text)
{
    assert_int_equal(file_write(path, text, strlen(text), 0644), 0);
}

static void file_write__then_read__gives_the_bytes_and_mode(void **state)
{
    char *path = file_join(directory, "x");
    struct text out = { 0 };
    struct stat info;

    (void)state;
    text_add(&out, "before ");
    assert_int_equal(file_write(path, "old and longer", 14, 0600), 0);
    assert_int_equal(file_write(path, "a\0b", 3, 0600), 0);
    assert_int_equal(file_read(path, 3, &out), 0);
    assert_int_equal(out.length, 10);
    assert_memory_equal(out.data, "before a\0b", 10);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    text_release(&out);
    free(path);
}

static void file_write__failure__leaves_the_old_file_and_no_other(void **state)
{
    char *path = file_join(directory, "x"), *temporary = file_join(directory, "x.tmp");
    struct rlimit before, small = { 0 };
    struct text out = { 0 };

    (void)state;
    write_text(path, "old");
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = (struct rlimit){ .rlim_cur = 4, .rlim_max = before.rlim_max };
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);

    int status = file_write(path, "too much for it", 15, 0644);

    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(status, ERR_IO);
    assert_contains(fail_message(), "File too large");
    assert_int_equal(access(temporary, F_OK), -1);
    assert_int_equal(file_read(path, 100, &out), 0);
    assert_string_equal(out.data, "old");
    text_release(&out);
    free(path);
    free(temporary);
}

static void file_write__directory_is_gone__says_which_path(void **state)
{
    char *path = file_join(directory, "no/x");

    (void)state;
    assert_int_equal(file_write(path, "a", 1, 0644), ERR_IO);
    assert_contains(fail_message(), "no/x.tmp: No such file or directory");
    free(path);
}

static void file_read__trouble__has_its_own_code(void **state)
{
    char *path = file_join(directory, "x"), *below = file_join(directory, "x/y"), *absent = file_join(directory, "z");
    struct text out = { 0 };

    (void)state;
    write_text(path, "12345");
    assert_int_equal(file_read(absent, 10, &out), ERR_NOT_FOUND);
    assert_int_equal(file_read(below, 10, &out), ERR_NOT_FOUND);
    assert_int_equal(file_read(path, 4, &out), ERR_LIMIT);
    assert_int_equal(file_read(directory, 10, &out), ERR_IO);
    assert_contains(fail_message(), "Is a directory");
    assert_int_equal(file_read("/dev/zero", 1 << 20, &out), ERR_LIMIT);
    text_release(&out);
    free(path);
    free(below);
    free(absent);
}

static void file_make_directories__any_state__ends_with_the_directory(void **state)
{
    char *path = file_join(directory, "a/b//c/"), *file = file_join(directory, "f"),
         *below = file_join(directory, "f/g");
    struct stat info;

    (void)state;
    assert_int_equal(file_make_directories(path, 0700), 0);
    assert_int_equal(file_make_directories(path, 0700), 0);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
    assert_int_equal(file_make_directories("/", 0700), 0);
    write_text(file, "");
    assert_int_equal(file_make_directories(file, 0700), ERR_IO);
    assert_int_equal(file_make_directories(below, 0700), ERR_IO);
    assert_contains(fail_message(), "is no directory");
    free(path);
    free(file);
    free(below);
}

static void file_remove_tree__links__are_not_followed(void **state)
{
    char *kept = file_join(directory, "kept"), *tree = file_join(directory, "tree"), *link_to = file_join(tree, "link");
    char *inside = file_join(kept, "file"), *itself = file_join(directory, "itself");

    (void)state;
    assert_int_equal(file_make_directories(kept, 0755), 0);
    write_text(inside, "x");
    assert_int_equal(file_make_directories(tree, 0755), 0);
    assert_int_equal(symlink(kept, link_to), 0);
    assert_int_equal(symlink(kept, itself), 0);
    assert_int_equal(file_remove_tree(tree), 0);
    assert_int_equal(file_remove_tree(itself), 0);
    assert_int_equal(access(tree, F_OK), -1);
    assert_int_equal(access(itself, F_OK), -1);
    assert_int_equal(access(inside, F_OK), 0);
    free(kept);
    free(tree);
    free(link_to);
    free(inside);
    free(itself);
}

static void file_remove_tree__absent_or_file__is_no_error(void **state)
{
    char *path = file_join(directory, "x"), *below = file_join(directory, "x/y");

    (void)state;
    assert_int_equal(file_remove_tree(path), 0);
    write_text(path, "x");
    assert_int_equal(file_remove_tree(below), 0);
    assert_int_equal(file_remove_tree(path), 0);
    assert_int_equal(access(path, F_OK), -1);
    free(path);
    free(below);
}

/* Deeper than descriptors and PATH_MAX allow, with files on the way. */
static void file_remove_tree__three_thousand_levels__go_with_few_descriptors(void **state)
{
    char *tree = file_join(directory, "deep");
    struct rlimit before, few;

    (void)state;
    assert_int_equal(file_make_directories(tree, 0755), 0);

    int at = open(tree, O_RDONLY | O_DIRECTORY);

    for (int i = 0; i < 3000; i++) {
        assert_int_equal(mkdirat(at, "d", 0755), 0);
        if (i % 100 == 0)
            close(openat(at, "file", O_WRONLY | O_CREAT, 0644));

        int next = openat(at, "d", O_RDONLY | O_DIRECTORY);

        assert_true(next >= 0);
        close(at);
        at = next;
    }
    close(at);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    few = (struct rlimit){ .rlim_cur = 64, .rlim_max = before.rlim_max };
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);

    int status = file_remove_tree(tree);

    setrlimit(RLIMIT_NOFILE, &before);
    assert_int_equal(status, 0);
    assert_int_equal(access(tree, F_OK), -1);
    free(tree);
}

static void assert_path(char *got, const char *want)
{
    assert_string_equal(got, want);
    free(got);
}

static void paths__parts_and_joins__have_one_slash(void **state)
{
    (void)state;
    assert_path(file_directory("a/b/c"), "a/b");
    assert_path(file_directory("c"), ".");
    assert_path(file_directory("/c"), "/");
    assert_path(file_join("a", "b"), "a/b");
    assert_path(file_join("a/", "/b"), "a/b");
    assert_path(file_join("/", "b"), "/b");
    assert_path(file_join("", "b"), "b");
    assert_path(file_absolute("/base", "x/y"), "/base/x/y");
    assert_path(file_absolute("/base", "/x"), "/x");
}

static void file_absolute__relative_base__starts_at_the_working_directory(void **state)
{
    char *here = getcwd(NULL, 0), *want = file_join(here, "x"), *want_below = file_join(here, "base/x");

    (void)state;
    assert_path(file_absolute(NULL, "x"), want);
    assert_path(file_absolute("base", "x"), want_below);
    free(here);
    free(want);
    free(want_below);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(file_write__then_read__gives_the_bytes_and_mode),
        cmocka_unit_test(file_write__failure__leaves_the_old_file_and_no_other),
        cmocka_unit_test(file_write__directory_is_gone__says_which_path),
        cmocka_unit_test(file_read__trouble__has_its_own_code),
        cmocka_unit_test(file_make_directories__any_state__ends_with_the_directory),
        cmocka_unit_test(file_remove_tree__links__are_not_followed),
        cmocka_unit_test(file_remove_tree__absent_or_file__is_no_error),
        cmocka_unit_test(file_remove_tree__three_thousand_levels__go_with_few_descriptors),
        cmocka_unit_test(paths__parts_and_joins__have_one_slash),
        cmocka_unit_test(file_absolute__relative_base__starts_at_the_working_directory),
    };

    return cmocka_run_group_tests(tests, make, drop);
}
