/*
 * What every test program needs: cmocka, and comparisons that it lacks.
 */
#ifndef HONE_TESTS_TEST_H
#define HONE_TESTS_TEST_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* base/status.h has a function named fail, which cmocka's macro hides. */
#undef fail
#undef fail_msg
#define fail_msg(...)              \
    do {                           \
        print_error(__VA_ARGS__);  \
        print_error("\n");         \
        _fail(__FILE__, __LINE__); \
    } while (0)

/* As in cli/main.c; cblas.h would clash with GSL's. */
void openblas_set_num_threads(int n);
__attribute__((constructor)) static inline void use_one_thread(void)
{
    openblas_set_num_threads(1);
}

/* |got - want| <= rel * max(|want|, 1e-300); equal infinities pass, NAN equals NAN. */
static inline void assert_close_at(double got, double want, double rel, const char *file, int line)
{
    if (isnan(got) && isnan(want))
        return;
    if (got == want || fabs(got - want) <= rel * fmax(fabs(want), 1e-300))
        return;
    print_error("got %.17g, want %.17g within %g\n", got, want, rel);
    _fail(file, line);
}
#define assert_close(got, want, rel) assert_close_at(got, want, rel, __FILE__, __LINE__)

/* needle is part of haystack. */
static inline void assert_contains_at(const char *haystack, const char *needle, const char *file, int line)
{
    if (haystack != NULL && strstr(haystack, needle) != NULL)
        return;
    print_error("\"%s\" is not in \"%s\"\n", needle, haystack ? haystack : "(null)");
    _fail(file, line);
}
#define assert_contains(haystack, needle) assert_contains_at(haystack, needle, __FILE__, __LINE__)

/* Directory of the data that tests may use and the project may not hold; NULL, said once, when HONE_TEST_DATA is unset: skip(). */
static inline const char *test_data(void)
{
    const char *directory = getenv("HONE_TEST_DATA");
    static bool is_said;

    if (directory == NULL && !is_said) {
        is_said = true;
        print_message("HONE_TEST_DATA is not set: tests on that data are skipped\n");
    }
    return directory;
}

/* A fresh directory under TMPDIR, never shared. Newly allocated. */
static inline char *test_directory(void)
{
    const char *root = getenv("TMPDIR");
    char *path = NULL;

    if (asprintf(&path, "%s/hone-test-XXXXXX", root ? root : "/tmp") < 0 || mkdtemp(path) == NULL)
        abort();
    return path;
}

#endif
