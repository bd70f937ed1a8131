/*
 * Help from the table of verbs: `hone help` and `hone help VERB`.
 */
#include <stdio.h>

#include "base/status.h"
#include "cli/exit.h"
#include "cli/output.h"

static void write_options(const struct verb *verb, int first, int end, struct text *out)
{
    for (int i = first; i < end; i++) {
        const struct option_row *option = &option_rows[i];
        char left[64], letter[5] = "    ";

        if (!verb_takes(verb, i))
            continue;
        if (option->letter)
            snprintf(letter, sizeof letter, "-%c, ", option->letter);
        snprintf(left, sizeof left, "%s--%s%s%s", letter, option->name, option->argument ? " " : "",
                 option->argument ? option->argument : "");
        text_printf(out, "  %-26s %s", left, option->help);
        if (i == OPTION_OUTPUT)
            text_printf(out, ": %s", verb->formats);
        text_add_char(out, '\n');
    }
}

static void write_overview(struct text *out)
{
    text_add(out, "usage: hone [OPTIONS] VERB ...\n\n"
                  "Hyperparameter tuning, early stopping and architecture search from Katib Experiment files.\n\n");
    for (const struct verb *verb = verbs; verb->name; verb++)
        if (!verb->is_hidden)
            text_printf(out, "  %-11s %-14s %s\n", verb->name, verb->arguments, verb->summary);
    text_add(out, "\noptions of every verb:\n");
    write_options(NULL, 0, N_GLOBAL_OPTIONS, out);
    text_printf(out, "  %-26s %s\n", "    --version", "the version of this program");
    text_add(out, "\n`hone help VERB` says more. `hone init && hone run experiment.yaml` is a start.\n");
}

void help_write(const struct verb *verb, struct text *out)
{
    if (!verb) {
        write_overview(out);
        return;
    }
    text_printf(out, "usage: hone %s%s%s%s\n\n%s\n", verb->name, verb->options ? " [OPTIONS]" : "",
                *verb->arguments ? " " : "", verb->arguments, verb->summary);
    if (verb->details)
        text_printf(out, "\n%s", verb->details);
    if (verb->options) {
        text_add(out, "\noptions:\n");
        write_options(verb, N_GLOBAL_OPTIONS, N_OPTIONS, out);
    }
    text_add(out, "\noptions of every verb:\n");
    write_options(verb, 0, N_GLOBAL_OPTIONS, out);
}

int help_run(const struct command *command)
{
    const struct verb *verb = NULL;
    struct text out = { 0 };

    if (command->n_arguments > 0) {
        verb = verb_find(command->arguments[0]);
        if (!verb) {
            fail(ERR_INVALID, "no verb \"%s\"; `hone help` lists them", command->arguments[0]);
            return usage_error();
        }
    }
    help_write(verb, &out);
    fputs(text_string(&out), stdout);
    text_release(&out);
    return EXIT_DONE;
}
