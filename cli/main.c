/*
 * hone: the program.
 */
#include <locale.h>
#include <signal.h>
#include <stdio.h>

#include <cblas.h>

#include "base/log.h"
#include "base/status.h"
#include "cli/exit.h"
#include "cli/output.h"

static int dispatch(const struct command *command)
{
    struct command help = { .verb = verb_find("help"), .n_arguments = command->verb ? 1 : 0 };

    if (command->wants_version)
        return version_run(command);
    if (command->n_given[OPTION_HELP] > 0) {
        help.arguments = command->verb ? &command->verb->name : NULL;
        return help_run(&help);
    }
    if (!command->verb) {
        struct text out = { 0 };

        help_write(NULL, &out);
        fputs(text_string(&out), stderr);
        text_release(&out);
        return EXIT_USAGE;
    }
    return command->verb->run(command);
}

int main(int argc, char **argv)
{
    struct command command;
    int result;

    setlocale(LC_CTYPE, "");
    signal(SIGPIPE, SIG_IGN);
    openblas_set_num_threads(1); /* parallelism is one study a thread */
    if (command_parse(argc, argv, &command) < 0) {
        command_release(&command);
        return usage_error();
    }
    output_setup(&command);
    if (command.n_given[OPTION_VERBOSE] > 0)
        log_set_level(command.n_given[OPTION_VERBOSE] > 1 ? LOG_DEBUG : LOG_INFO);
    result = dispatch(&command);
    if (result < 0) {
        complain();
        result = exit_of_status(result);
    }
    if (fflush(stdout) == EOF && result == EXIT_DONE) {
        fputs("hone: standard output could not be written\n", stderr);
        result = EXIT_OTHER;
    }
    command_release(&command);
    return result;
}
