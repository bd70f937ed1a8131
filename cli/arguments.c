/*
 * argv -> struct command, by the tables of verbs.c and getopt_long.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "cli/verbs.h"

enum { FIRST_LONG = 256 };    /* getopt's value of a long option is FIRST_LONG + its id */
enum { VERSION = N_OPTIONS }; /* --version stands before a verb only */

struct getopt_tables {
    char letters[2 * N_OPTIONS + 3];
    struct option longs[N_OPTIONS + 2];
};

static void fill_tables(const struct verb *verb, struct getopt_tables *tables)
{
    char *letter = tables->letters;
    struct option *row = tables->longs;

    if (!verb)
        *letter++ = '+'; /* stop at the verb */
    *letter++ = ':';     /* tell a missing value from an unknown option */
    for (int i = 0; i < N_OPTIONS; i++) {
        const struct option_row *option = &option_rows[i];

        if (!verb_takes(verb, i))
            continue;
        *row++ = (struct option){ option->name, option->argument ? required_argument : no_argument, NULL,
                                  FIRST_LONG + i };
        if (option->letter)
            *letter++ = option->letter;
        if (option->letter && option->argument)
            *letter++ = ':';
    }
    if (!verb)
        *row++ = (struct option){ "version", no_argument, NULL, FIRST_LONG + VERSION };
    *letter = '\0';
    *row = (struct option){ 0 };
}

/* Options of different verbs may share a letter. */
static int option_of(const struct verb *verb, int c)
{
    if (c >= FIRST_LONG)
        return c - FIRST_LONG;
    for (int i = 0; i < N_OPTIONS; i++)
        if (option_rows[i].letter == c && verb_takes(verb, i))
            return i;
    return -1;
}

static bool is_choice(const char *choices, const char *value)
{
    size_t length = strlen(value);

    for (const char *at = choices; at; at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL)
        if (strcspn(at, "|") == length && memcmp(at, value, length) == 0)
            return true;
    return false;
}

static int take(struct command *command, int id, const char *value)
{
    if (id == VERSION) {
        command->wants_version = true;
        return 0;
    }
    if (id == OPTION_OUTPUT && !is_choice(command->verb->formats, value))
        return fail(ERR_INVALID, "--output of %s is one of %s, got \"%s\"", command->verb->name, command->verb->formats,
                    value);
    if (id == OPTION_NAMESPACE && *value == '\0')
        return fail(ERR_INVALID, "--namespace must not be empty");
    command->n_given[id]++;
    command->value[id] = value;
    if (id == OPTION_WITH)
        command->with[command->n_with++] = value;
    return 0;
}

static int unknown_option(const struct verb *verb, const char *given)
{
    const char *names[N_OPTIONS + 1] = { NULL }, *near = NULL;
    const char *of = verb ? verb->name : "hone";
    size_t n = 0, length = strcspn(given, "=");
    char name[64] = "";

    for (int i = 0; i < N_OPTIONS; i++)
        if (verb_takes(verb, i))
            names[n++] = option_rows[i].name;
    if (text_starts_with(given, "--") && length < sizeof name) {
        memcpy(name, given + 2, length - 2);
        near = text_nearest(name, names);
    }
    if (near)
        return fail(ERR_INVALID, "%s has no option %.*s; did you mean --%s?", of, (int)length, given, near);
    return fail(ERR_INVALID, "%s has no option %.*s; see hone help%s%s", of, (int)length, given, verb ? " " : "",
                verb ? verb->name : "");
}

/* Parse options of argv[0] onwards; without a verb up to the first argument. The arguments begin at optind afterwards. */
static int parse_options(int argc, char **argv, struct command *command)
{
    struct getopt_tables tables = { 0 };
    int c;

    fill_tables(command->verb, &tables);
    optind = 0;
    opterr = 0;
    while ((c = getopt_long(argc, argv, tables.letters, tables.longs, NULL)) != -1) {
        const char *last = argv[optind - 1];
        char letter[3] = { '-', (char)optopt, '\0' };

        if (c == ':')
            return fail(ERR_INVALID, "%s needs a value", optopt >= FIRST_LONG ? last : letter);
        if (c == '?' && optopt >= FIRST_LONG)
            return fail(ERR_INVALID, "%.*s takes no value", (int)strcspn(last, "="), last);
        if (c == '?')
            return unknown_option(command->verb, optopt ? letter : last);
        TRY(take(command, option_of(command->verb, c), optarg));
    }
    return 0;
}

static int unknown_verb(const char *name)
{
    const char *names[64] = { NULL }, *near;
    size_t n = 0;

    for (const struct verb *verb = verbs; verb->name && n + 1 < sizeof names / sizeof *names; verb++)
        if (!verb->is_hidden)
            names[n++] = verb->name;
    near = text_nearest(name, names);
    if (near)
        return fail(ERR_INVALID, "no verb \"%s\"; did you mean `hone %s`?", name, near);
    return fail(ERR_INVALID, "no verb \"%s\"; `hone help` lists them", name);
}

static int check_arguments(const struct command *command)
{
    const struct verb *verb = command->verb;

    if (command->n_given[OPTION_HELP] > 0)
        return 0;
    if (command->n_arguments < verb->least)
        return fail(ERR_INVALID, "%s needs %s; usage: hone %s %s", verb->name, verb->arguments, verb->name,
                    verb->arguments);
    if (command->n_arguments > verb->most)
        return fail(ERR_INVALID, "%s does not take \"%s\"; usage: hone %s %s", verb->name,
                    command->arguments[verb->most], verb->name, verb->arguments);
    return 0;
}

int command_parse(int argc, char **argv, struct command *command)
{
    int first;

    *command = (struct command){ .argc = argc, .argv = argv, .with = xcalloc((size_t)argc + 1, sizeof(char *)) };
    TRY(parse_options(argc, argv, command));
    if (optind >= argc)
        return 0;
    first = optind;
    command->verb = verb_find(argv[first]);
    if (!command->verb)
        return unknown_verb(argv[first]);
    TRY(parse_options(argc - first, argv + first, command));
    command->n_arguments = (size_t)(argc - first - optind);
    command->arguments = (const char *const *)argv + first + optind;
    return check_arguments(command);
}

void command_release(struct command *command)
{
    free(command->with);
    *command = (struct command){ 0 };
}

const char *command_format(const struct command *command)
{
    static const char *const known[] = { "table", "json", "yaml", "csv", "name" };
    const char *format = command->value[OPTION_OUTPUT] ? command->value[OPTION_OUTPUT] : command->verb->formats;

    if (command->n_given[OPTION_JSON] > 0)
        format = "json";
    for (size_t i = 0; format && i < sizeof known / sizeof *known; i++)
        if (strcspn(format, "|") == strlen(known[i]) && text_starts_with(format, known[i]))
            return known[i];
    return "table";
}
