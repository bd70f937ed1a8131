/*
 * hone-nas VERB --FLAG=VALUE ...
 */
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "nas/trial/trial.h"

enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };

static const struct verb *const verbs[] = { &verb_darts, &verb_enas, &verb_train, NULL };

void openblas_set_num_threads(int n); /* cblas.h would clash with GSL's */

static void print_rows(const struct setting *rows)
{
    struct arena arena = { 0 };

    for (; rows->name != NULL; rows++)
        printf("  --%-20s %s; takes %s\n", rows->name, rows->help, setting_expectation(rows, &arena));
    arena_release(&arena);
}

static int print_help(const struct verb *verb)
{
    if (verb == NULL) {
        puts("usage: hone-nas VERB --FLAG=VALUE ...\nArchitecture search as a trial; prints NAME=VALUE lines.\n");
        for (size_t i = 0; verbs[i] != NULL; i++)
            printf("  %-8s %s\n", verbs[i]->name, verbs[i]->summary);
        puts("\nhone-nas VERB --help shows a verb's flags.");
        return 0;
    }
    printf("usage: hone-nas %s --FLAG=VALUE ...\n%s.\n\n", verb->name, verb->summary);
    print_rows(verb->flags);
    print_rows(common_flags);
    puts("\nA flag that is not given is taken from HONE_NAS_FLAG in the environment (HONE_NAS_DATA_DIR for "
         "--data-dir).");
    return 0;
}

static const struct verb *find_verb(const char *name)
{
    for (size_t i = 0; verbs[i] != NULL; i++)
        if (strcmp(verbs[i]->name, name) == 0)
            return verbs[i];
    return NULL;
}

static int run_verb(const struct verb *verb, char **arguments)
{
    struct setting_value *common, *own;
    struct arena arena = { 0 };
    int code = EXIT_USAGE, status = flags_parse(verb->flags, arguments, &arena, &common, &own);

    if (status == 0) {
        status = verb->run(common, own, &arena);
        code = status == ERR_INVALID || status == ERR_LIMIT ? EXIT_USAGE : status < 0 ? EXIT_FAILED : 0;
    }
    if (status < 0)
        fprintf(stderr, "hone-nas %s: %s\n", verb->name, fail_message());
    arena_release(&arena);
    return code;
}

int main(int n, char **arguments)
{
    const struct verb *verb = n > 1 ? find_verb(arguments[1]) : NULL;

    openblas_set_num_threads(1); /* threads take images */
    if (n > 1 && strcmp(arguments[1], "--version") == 0) {
        puts("hone-nas " HONE_VERSION);
        return 0;
    }
    if ((n > 1 && strcmp(arguments[1], "--help") == 0) ||
        (verb != NULL && n > 2 && strcmp(arguments[2], "--help") == 0))
        return print_help(verb);
    if (verb == NULL) {
        fprintf(stderr, "hone-nas: %s: see hone-nas --help\n", n > 1 ? "no such verb" : "expected a verb");
        return EXIT_USAGE;
    }
    return run_verb(verb, arguments + 2);
}
