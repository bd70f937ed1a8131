/*
 * Completion scripts for bash, zsh and fish from the table of verbs, and the hidden verb that tells them names.
 */
#include <stdio.h>

#include "base/status.h"
#include "cli/session.h"
#include "experiment/explain.h"

enum { NAMES_MS = 300 }; /* a shell waits no longer for names */

/* Words that stand for the arguments of a verb, as `hone __complete KIND` or by themselves. */
static const char *dynamic_kind(enum argument_kind kind)
{
    switch (kind) {
    case ARGUMENT_EXPERIMENT:
        return "experiments";
    case ARGUMENT_FIELD:
        return "fields";
    case ARGUMENT_VERB:
        return "verbs";
    default:
        return NULL;
    }
}

static void add_verbs(struct text *out)
{
    for (const struct verb *verb = verbs; verb->name; verb++)
        if (!verb->is_hidden)
            text_printf(out, "%s%s", verb == verbs ? "" : " ", verb->name);
}

static void add_options(const struct verb *verb, struct text *out)
{
    for (int i = 0; i < N_OPTIONS; i++) {
        if (!verb_takes(verb, i))
            continue;
        text_printf(out, "%s--%s", i > 0 ? " " : "", option_rows[i].name);
        if (option_rows[i].letter)
            text_printf(out, " -%c", option_rows[i].letter);
    }
}

static void add_formats(const char *formats, struct text *out)
{
    for (; *formats; formats++)
        text_add_char(out, *formats == '|' ? ' ' : *formats);
}

/* Options whose value is a word of its own, as a pattern of `case`. */
static void add_valued_pattern(struct text *out)
{
    bool is_first = true;

    for (int i = 0; i < N_OPTIONS; i++) {
        if (!option_rows[i].argument)
            continue;
        text_printf(out, "%s--%s", is_first ? "" : "|", option_rows[i].name);
        if (option_rows[i].letter)
            text_printf(out, "|-%c", option_rows[i].letter);
        is_first = false;
    }
}

/* One `case` branch a verb: its options, its words in the variable `list`. */
static void add_verb_cases(const char *list, struct text *out)
{
    for (const struct verb *verb = verbs; verb->name; verb++) {
        const char *dynamic = dynamic_kind(verb->kind);

        if (verb->is_hidden)
            continue;
        text_printf(out, "        %s) options='", verb->name);
        add_options(verb, out);
        text_printf(out, "'; kind=%s", dynamic ? dynamic : verb->kind == ARGUMENT_FILE ? "file" : "none");
        if (verb->kind == ARGUMENT_SHELL)
            text_printf(out, "; %s='bash zsh fish'", list);
        if (verb->formats) {
            text_add(out, "; formats='");
            add_formats(verb->formats, out);
            text_add_char(out, '\'');
        }
        text_add(out, " ;;\n");
    }
}

static void write_bash(struct text *out)
{
    text_add(out, "_hone() {\n"
                  "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} verb= options= kind=none "
                  "words= formats= i\n"
                  "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
                  "        case ${COMP_WORDS[i]} in\n"
                  "        ");
    add_valued_pattern(out);
    text_add(out, ") i=$((i + 1)) ;;\n"
                  "        -*) ;;\n"
                  "        *) verb=${COMP_WORDS[i]}; break ;;\n"
                  "        esac\n"
                  "    done\n"
                  "    case $verb in\n"
                  "        '') options='");
    add_options(NULL, out);
    text_add(out, " --version'; words='");
    add_verbs(out);
    text_add(out, "' ;;\n");
    add_verb_cases("words", out);
    text_add(out, "    esac\n"
                  "    case $prev in\n"
                  "        -o|--output) COMPREPLY=($(compgen -W \"$formats\" -- \"$cur\")); return ;;\n"
                  "        --with|--images|--db) COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n"
                  "    esac\n"
                  "    if [[ $cur == -* ]]; then words=$options\n"
                  "    elif [[ $kind == file ]]; then COMPREPLY=($(compgen -f -- \"$cur\")); return\n"
                  "    elif [[ $kind != none ]]; then words=$(hone __complete \"$kind\" 2>/dev/null)\n"
                  "    fi\n"
                  "    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
                  "}\n"
                  "complete -o filenames -F _hone hone\n");
}

static void write_zsh(struct text *out)
{
    text_add(out, "#compdef hone\n"
                  "_hone() {\n"
                  "    local verb= options= kind=none list= formats= i\n"
                  "    for ((i = 2; i < CURRENT; i++)); do\n"
                  "        case ${words[i]} in\n"
                  "        ");
    add_valued_pattern(out);
    text_add(out, ") i=$((i + 1)) ;;\n"
                  "        -*) ;;\n"
                  "        *) verb=${words[i]}; break ;;\n"
                  "        esac\n"
                  "    done\n"
                  "    case $verb in\n"
                  "        '') options='");
    add_options(NULL, out);
    text_add(out, " --version'; list='");
    add_verbs(out);
    text_add(out, "' ;;\n");
    add_verb_cases("list", out);
    text_add(out, "    esac\n"
                  "    case ${words[CURRENT-1]} in\n"
                  "        -o|--output) compadd -- ${=formats}; return ;;\n"
                  "        --with|--images|--db) _files; return ;;\n"
                  "    esac\n"
                  "    if [[ ${words[CURRENT]} == -* ]]; then compadd -- ${=options}\n"
                  "    elif [[ $kind == file ]]; then _files\n"
                  "    elif [[ $kind != none ]]; then compadd -- ${(f)\"$(hone __complete $kind 2>/dev/null)\"}\n"
                  "    else compadd -- ${=list}\n"
                  "    fi\n"
                  "}\n"
                  "compdef _hone hone\n");
}

static void write_fish_option(const struct verb *verb, int option, struct text *out)
{
    const struct option_row *row = &option_rows[option];

    text_add(out, "complete -c hone");
    if (option >= N_GLOBAL_OPTIONS)
        text_printf(out, " -n '__fish_seen_subcommand_from %s'", verb->name);
    text_printf(out, " -l %s", row->name);
    if (row->letter)
        text_printf(out, " -s %c", row->letter);
    if (option == OPTION_OUTPUT) {
        text_add(out, " -x -a '");
        add_formats(verb->formats, out);
        text_add_char(out, '\'');
    } else if (row->argument) {
        text_add(out, text_equal(row->argument, "FILE") ? " -r -F" : " -x");
    }
    text_printf(out, " -d \"%s\"\n", option == OPTION_DATABASE ? "the database" : row->help);
}

static void write_fish(struct text *out)
{
    text_add(out, "complete -c hone -f\n");
    for (int i = 0; i < N_GLOBAL_OPTIONS; i++)
        write_fish_option(NULL, i, out);
    for (const struct verb *verb = verbs; verb->name; verb++) {
        const char *dynamic = dynamic_kind(verb->kind);

        if (verb->is_hidden)
            continue;
        text_printf(out, "complete -c hone -n __fish_use_subcommand -a %s -d \"%s\"\n", verb->name, verb->summary);
        for (int i = N_GLOBAL_OPTIONS; i < N_OPTIONS; i++)
            if (verb_takes(verb, i))
                write_fish_option(verb, i, out);
        text_printf(out, "complete -c hone -n '__fish_seen_subcommand_from %s'", verb->name);
        if (dynamic)
            text_printf(out, " -a '(hone __complete %s 2>/dev/null)'\n", dynamic);
        else if (verb->kind == ARGUMENT_SHELL)
            text_add(out, " -a 'bash zsh fish'\n");
        else
            text_add(out, verb->kind == ARGUMENT_FILE ? " -F\n" : " -f\n");
    }
}

int completion_write(const char *shell, struct text *out)
{
    static const struct {
        const char *name;
        void (*write)(struct text *);
    } shells[] = { { "bash", write_bash }, { "zsh", write_zsh }, { "fish", write_fish } };

    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++) {
        if (!text_equal(shells[i].name, shell))
            continue;
        shells[i].write(out);
        return 0;
    }
    return fail(ERR_INVALID, "completion is for bash, zsh or fish, got \"%s\"", shell);
}

int completion_run(const struct command *command)
{
    struct text out = { 0 };

    if (completion_write(command->arguments[0], &out) < 0)
        return usage_error();
    fputs(text_string(&out), stdout);
    text_release(&out);
    return EXIT_DONE;
}

static int complete_experiments(const struct command *command)
{
    struct session session = { .timeout_ms = NAMES_MS };
    const struct node *list;
    int status = session_open(command, SESSION_READ, &session);

    if (status == 0)
        status = session_experiments(&session, true, &list);
    for (size_t i = 0; status == 0 && i < list->length; i++)
        puts(show(&session.arena, list->items[i], "name", ""));
    session_close(&session);
    return status < 0 ? EXIT_OTHER : EXIT_DONE;
}

int complete_run(const struct command *command)
{
    const char *kind = command->arguments[0];

    if (text_equal(kind, "experiments"))
        return complete_experiments(command);
    if (text_equal(kind, "fields")) {
        for (const struct field_help *field = experiment_fields; field->path; field++)
            puts(field->path);
        return EXIT_DONE;
    }
    if (text_equal(kind, "verbs")) {
        for (const struct verb *verb = verbs; verb->name; verb++)
            if (!verb->is_hidden)
                puts(verb->name);
        return EXIT_DONE;
    }
    fail(ERR_INVALID, "__complete knows experiments, fields and verbs");
    return usage_error();
}
