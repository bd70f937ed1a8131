/*
 * Command lines: what the tables of verbs and options take, and how what they do not take is told.
 */
#include "cli/verbs.h"

#include "base/status.h"
#include "cli/exit.h"
#include "tests/test.h"

enum { WORDS = 16 };

/* Parse words separated by spaces; the words live in buffer. */
static int parse(const char *line, char *buffer, struct command *command)
{
    static char *argv[WORDS + 1];
    char *rest = NULL;
    int argc = 0;

    strcpy(buffer, line);
    for (char *word = strtok_r(buffer, " ", &rest); word && argc < WORDS; word = strtok_r(NULL, " ", &rest))
        argv[argc++] = word;
    argv[argc] = NULL;
    return command_parse(argc, argv, command);
}

static void command_parse__options_before_and_after_the_verb__are_taken(void **state)
{
    struct command command;
    char buffer[256];

    (void)state;
    assert_int_equal(
        parse("hone --db a.db -q run x.yaml --with m.yaml -n team --with=s.yaml --detach", buffer, &command), 0);
    assert_string_equal(command.verb->name, "run");
    assert_string_equal(command.value[OPTION_DATABASE], "a.db");
    assert_string_equal(command.value[OPTION_NAMESPACE], "team");
    assert_int_equal(command.n_given[OPTION_QUIET], 1);
    assert_int_equal(command.n_given[OPTION_DETACH], 1);
    assert_int_equal(command.n_with, 2);
    assert_string_equal(command.with[0], "m.yaml");
    assert_string_equal(command.with[1], "s.yaml");
    assert_int_equal(command.n_arguments, 1);
    assert_string_equal(command.arguments[0], "x.yaml");
    command_release(&command);
}

static void command_parse__double_dash__ends_the_options(void **state)
{
    struct command command;
    char buffer[256];

    (void)state;
    assert_int_equal(parse("hone validate -- --json -x", buffer, &command), 0);
    assert_int_equal(command.n_arguments, 2);
    assert_string_equal(command.arguments[0], "--json");
    assert_int_equal(command.n_given[OPTION_JSON], 0);
    command_release(&command);
}

static void command_parse__wrong_lines__say_what_is_wrong(void **state)
{
    static const struct {
        const char *line, *message;
    } cases[] = {
        { "hone rum x.yaml", "did you mean `hone run`" },
        { "hone frobnicate", "`hone help` lists them" },
        { "hone run x --detatch", "did you mean --detach" },
        { "hone run x --zzz", "has no option --zzz" },
        { "hone run x -Z", "has no option -Z" },
        { "hone run x --output json", "has no option --output" },
        { "hone best x --json=3", "--json takes no value" },
        { "hone run x --name", "--name needs a value" },
        { "hone get -n", "-n needs a value" },
        { "hone get -o xml", "table|json|yaml|csv|name" },
        { "hone get -o tab", "table|json|yaml|csv|name" },
        { "hone get --namespace=", "must not be empty" },
        { "hone run", "run needs FILE" },
        { "hone run a b", "does not take \"b\"" },
        { "hone --json get", "has no option --json" },
    };
    struct command command;
    char buffer[256];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(parse(cases[i].line, buffer, &command), ERR_INVALID);
        assert_contains(fail_message(), cases[i].message);
        command_release(&command);
    }
}

static void command_format__flags_and_defaults__give_one_of_the_formats(void **state)
{
    static const struct {
        const char *line, *format;
    } cases[] = {
        { "hone get", "table" },    { "hone get -o yaml", "yaml" },      { "hone get --json", "json" },
        { "hone export x", "csv" }, { "hone export x -o json", "json" }, { "hone trials x --output=name", "name" },
        { "hone best x", "table" }, { "hone best x --json", "json" },
    };
    struct command command;
    char buffer[256];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(parse(cases[i].line, buffer, &command), 0);
        assert_string_equal(command_format(&command), cases[i].format);
        command_release(&command);
    }
}

static void verbs__every_row__is_complete_and_its_help_names_its_options(void **state)
{
    (void)state;
    for (const struct verb *verb = verbs; verb->name; verb++) {
        struct text out = { 0 };

        assert_non_null(verb->run);
        assert_non_null(verb->summary);
        assert_true(verb->least <= verb->most);
        assert_ptr_equal(verb_find(verb->name), verb);
        assert_int_equal(verb_takes(verb, OPTION_OUTPUT), verb->formats != NULL);
        help_write(verb, &out);
        assert_contains(text_string(&out), verb->summary);
        for (int i = 0; i < N_OPTIONS; i++) {
            char flag[64], letter[5] = "    ";

            if (option_rows[i].letter)
                snprintf(letter, sizeof letter, "-%c, ", option_rows[i].letter);
            snprintf(flag, sizeof flag, "\n  %s--%s ", letter, option_rows[i].name);
            if (verb_takes(verb, i))
                assert_contains(text_string(&out), flag);
            else
                assert_null(strstr(text_string(&out), flag));
        }
        text_release(&out);
    }
}

static void option_rows__names__are_unique(void **state)
{
    (void)state;
    for (int i = 0; i < N_OPTIONS; i++) {
        assert_non_null(option_rows[i].name);
        for (int k = 0; k < i; k++)
            assert_string_not_equal(option_rows[i].name, option_rows[k].name);
    }
}

static void option_rows__letters_of_a_verb__are_unique(void **state)
{
    (void)state;
    for (const struct verb *verb = verbs; verb->name; verb++)
        for (int i = 0; i < N_OPTIONS; i++)
            for (int k = 0; k < i; k++)
                if (verb_takes(verb, i) && verb_takes(verb, k) && option_rows[i].letter != 0)
                    assert_int_not_equal(option_rows[i].letter, option_rows[k].letter);
}

static void help_write__overview__lists_every_verb_that_is_not_hidden(void **state)
{
    struct text out = { 0 };
    char line[64];

    (void)state;
    help_write(NULL, &out);
    for (const struct verb *verb = verbs; verb->name; verb++) {
        snprintf(line, sizeof line, "\n  %s ", verb->name);
        if (verb->is_hidden)
            assert_null(strstr(text_string(&out), line));
        else
            assert_contains(text_string(&out), line);
    }
    text_release(&out);
}

static void completion_write__each_shell__names_every_verb_and_format(void **state)
{
    static const char *const shells[] = { "bash", "zsh", "fish" };

    (void)state;
    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++) {
        struct text out = { 0 };

        assert_int_equal(completion_write(shells[i], &out), 0);
        for (const struct verb *verb = verbs; verb->name; verb++)
            if (!verb->is_hidden)
                assert_contains(text_string(&out), verb->name);
        assert_contains(text_string(&out), "table json yaml csv name");
        text_release(&out);
    }
}

static void completion_write__unknown_shell__is_refused(void **state)
{
    struct text out = { 0 };

    (void)state;
    assert_int_equal(completion_write("tcsh", &out), ERR_INVALID);
    assert_contains(fail_message(), "bash, zsh or fish");
    text_release(&out);
}

static void exit_of_status__each_status__has_its_code(void **state)
{
    (void)state;
    assert_int_equal(exit_of_status(OK), 0);
    assert_int_equal(exit_of_status(ERR_IO), 1);
    assert_int_equal(exit_of_status(ERR_NOT_FOUND), 3);
    assert_int_equal(exit_of_status(ERR_CONFLICT), 4);
    assert_int_equal(exit_of_status(ERR_UNREACHABLE), 5);
    assert_int_equal(exit_of_status(ERR_DENIED), 6);
    assert_int_equal(exit_of_status(ERR_INVALID), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(command_parse__options_before_and_after_the_verb__are_taken),
        cmocka_unit_test(command_parse__double_dash__ends_the_options),
        cmocka_unit_test(command_parse__wrong_lines__say_what_is_wrong),
        cmocka_unit_test(command_format__flags_and_defaults__give_one_of_the_formats),
        cmocka_unit_test(verbs__every_row__is_complete_and_its_help_names_its_options),
        cmocka_unit_test(option_rows__names__are_unique),
        cmocka_unit_test(option_rows__letters_of_a_verb__are_unique),
        cmocka_unit_test(help_write__overview__lists_every_verb_that_is_not_hidden),
        cmocka_unit_test(completion_write__each_shell__names_every_verb_and_format),
        cmocka_unit_test(completion_write__unknown_shell__is_refused),
        cmocka_unit_test(exit_of_status__each_status__has_its_code),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
