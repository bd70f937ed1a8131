/*
 * The end of an experiment in a few lines.
 */
#include "cli/result.h"

#include <stdlib.h>

#include "base/status.h"
#include "cli/trial_table.h"

enum { BEST_SHOWN = 10, FAILURES_SHOWN = 3 };

enum exit_code result_exit(const struct node *experiment)
{
    struct arena arena = { 0 };
    bool is_done = text_equal(show(&arena, experiment, "state", ""), "Succeeded");

    arena_release(&arena);
    return is_done ? EXIT_DONE : EXIT_EXPERIMENT_FAILED;
}

struct node *result_best(const struct node *experiment, struct arena *arena)
{
    static const char *const copied[] = { "objective", "assignments" };
    const struct node *best = node_get(experiment, "best");
    struct node *out = node_map(arena);

    if (!best || best->kind != NODE_MAP)
        return NULL;
    node_set(arena, out, "experiment", node_text(arena, show(arena, experiment, "name", NULL)));
    node_set(arena, out, "trial", node_text(arena, show(arena, best, "name", NULL)));
    for (size_t i = 0; i < sizeof copied / sizeof *copied; i++) {
        const struct node *value = node_get(best, copied[i]);

        node_set(arena, out, copied[i], value ? node_copy(arena, value) : node_null(arena));
    }
    return out;
}

void result_print_best(const struct node *experiment)
{
    struct arena arena = { 0 };
    const struct node *best = node_get(experiment, "best"), *assignments = node_get(best, "assignments");
    size_t widest = 0;

    printf("best trial: %s (trial %s), %s = %s\n", show(&arena, best, "name", "-"), show(&arena, best, "number", "-"),
           show(&arena, best, "objective.metric", "objective"), show(&arena, best, "objective.value", "-"));
    for (size_t i = 0; assignments && i < assignments->length; i++)
        widest = assignments->keys[i]->length > widest ? assignments->keys[i]->length : widest;
    for (size_t i = 0; assignments && i < assignments->length; i++) {
        const char *value = node_to_text(&arena, assignments->items[i]);

        printf("  %-*s = %s\n", (int)widest, assignments->keys[i]->text, value ? value : "-");
    }
    arena_release(&arena);
}

void result_print_failure(FILE *file, const struct node *trial)
{
    struct arena arena = { 0 };
    const struct node *attempts = node_get(trial, "attempts");
    const struct node *last = attempts && attempts->length > 0 ? attempts->items[attempts->length - 1] : NULL;
    const char *why = show(&arena, last, "message", show(&arena, trial, "message", "-"));
    const char *tail = show(&arena, last, "tail", "");

    fprintf(file, "%s: %s: %s\n", show(&arena, trial, "name", "-"), show(&arena, trial, "state", "-"), why);
    if (*tail)
        print_lines(file, tail, 4);
    arena_release(&arena);
}

static bool has_failed(struct arena *arena, const struct node *trial)
{
    const char *state = show(arena, trial, "state", "");

    return text_equal(state, "Failed") || text_equal(state, "MetricsUnavailable");
}

/* The first few failures with their output, and how many more there are. */
static int print_failures(struct session *session, const struct target *target, const struct node *trials)
{
    size_t n = 0;

    for (size_t i = 0; i < trials->length; i++) {
        struct arena arena = { 0 };
        struct target one = *target;
        const struct node *answer;
        int status = 0;

        if (has_failed(&arena, trials->items[i]) && ++n <= FAILURES_SHOWN) {
            one.trial = show(&arena, trials->items[i], "name", "");
            status = session_call(session, "trial.get", target_body(&one, &arena), &arena, &answer);
            if (status == 0)
                result_print_failure(stderr, node_get(answer, "trial"));
        }
        arena_release(&arena);
        if (status < 0)
            return status;
    }
    if (n > FAILURES_SHOWN)
        fprintf(stderr, "and %zu more trials failed: hone trials %s\n", n - FAILURES_SHOWN, target->name);
    return 0;
}

int result_print(struct session *session, const struct target *target, const struct node *experiment)
{
    const struct node *trials, **ranked;
    const char *type = show(&session->arena, experiment, "objective.type", "minimize");
    struct table table = { 0 };
    size_t n;

    TRY(session_trials(session, target, "hone", &trials));
    TRY(print_failures(session, target, trials));
    say("%s %s after %zu trial%s: %s", target->name, show(&session->arena, experiment, "state", "-"), trials->length,
        trials->length == 1 ? "" : "s", show(&session->arena, experiment, "message", "-"));
    ranked = trial_table_rank(trials, text_equal(type, "maximize"), &n);
    if (n > 0) {
        trial_table_fill(ranked, n < BEST_SHOWN ? n : BEST_SHOWN, false, &table);
        table_print(&table);
        putchar('\n');
        table_release(&table);
    }
    free(ranked);
    if (node_get(experiment, "best") && node_get(experiment, "best")->kind == NODE_MAP)
        result_print_best(experiment);
    else
        say("no trial succeeded with a value of %s",
            show(&session->arena, experiment, "objective.metric", "the objective"));
    return 0;
}
