/*
 * The end of an experiment in a few lines.
 */
#include "cli/result.h"

#include <stdlib.h>

#include "base/status.h"
#include "cli/trial_table.h"

enum { BEST_SHOWN = 10, FAILURES_SHOWN = 3 };

/* Katib's condition Succeeded says only that the budget is spent: a script must hear that nothing came of it. */
enum exit_code result_exit(const struct node *experiment)
{
    struct arena arena = { 0 };
    bool is_over = text_equal(show(&arena, experiment, "state", ""), "Succeeded");
    bool is_vain = !text_equal(show(&arena, experiment, "counts.trials", "0"), "0") &&
                   text_equal(show(&arena, experiment, "counts.succeeded", "0"), "0") &&
                   text_equal(show(&arena, experiment, "counts.earlyStopped", "0"), "0");

    arena_release(&arena);
    return is_over && !is_vain ? EXIT_DONE : EXIT_EXPERIMENT_FAILED;
}

struct node *result_best(const struct node *experiment, struct arena *arena)
{
    static const char *const copied[] = { "objective", "objectives", "constraints", "assignments" };
    static const char *const sometimes[] = { "pareto", "hypervolume" };
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
    if (node_get(experiment, "likelyBest"))
        node_set(arena, out, "likelyBest", node_copy(arena, node_get(experiment, "likelyBest")));
    for (size_t i = 0; i < sizeof sometimes / sizeof *sometimes; i++)
        if (node_get(best, sometimes[i]))
            node_set(arena, out, sometimes[i], node_copy(arena, node_get(best, sometimes[i])));
    return out;
}

const char *result_objectives(const struct node *trial, struct arena *arena)
{
    const struct node *list = node_get(trial, "objectives");
    struct text out = { 0 };
    const char *copy;

    for (size_t i = 0; list && i < list->length; i++)
        text_printf(&out, "%s%s = %s", i > 0 ? ", " : "", show(arena, list->items[i], "metric", "objective"),
                    show(arena, list->items[i], "value", "-"));
    copy = arena_strdup(arena, text_string(&out));
    text_release(&out);
    return copy;
}

/* The trials that no other beats in all objectives, with these and their parameters. */
static void print_front(const struct node *front, const char *hypervolume, struct arena *arena)
{
    const struct node *first = front->length > 0 ? front->items[0] : NULL;
    const struct node *objectives = node_get(first, "objectives");
    struct table table = { 0 };

    table_column(&table, "PARETO SET", COLUMN_TEXT);
    table_column(&table, "NUMBER", COLUMN_NUMBER);
    for (size_t i = 0; objectives && i < objectives->length; i++)
        table_column(&table, show(arena, objectives->items[i], "metric", "-"), COLUMN_NUMBER);
    for (size_t k = 0; k < front->length; k++) {
        objectives = node_get(front->items[k], "objectives");
        table_cell(&table, show(arena, front->items[k], "name", NULL));
        table_cell(&table, show(arena, front->items[k], "number", NULL));
        for (size_t i = 0; objectives && i < objectives->length; i++)
            table_cell(&table, show(arena, objectives->items[i], "value", NULL));
    }
    putchar('\n');
    table_print(&table);
    printf("hypervolume below the worst seen: %s\n", hypervolume ? hypervolume : "-");
    table_release(&table);
}

/* Of a noisy experiment. */
static void print_likely(const struct node *likely, struct arena *arena)
{
    if (likely && likely->kind == NODE_MAP)
        printf("likely best: %s (trial %s), %s = %s expected, standard deviation %s\n",
               show(arena, likely, "name", "-"), show(arena, likely, "number", "-"),
               show(arena, likely, "metric", "objective"), show(arena, likely, "mean", "-"),
               show(arena, likely, "deviation", "-"));
}

void result_print_best(const struct node *experiment)
{
    struct arena arena = { 0 };
    const struct node *best = node_get(experiment, "best"), *assignments = node_get(best, "assignments");
    const struct node *front = node_get(best, "pareto");
    size_t widest = 0;

    printf("best trial: %s (trial %s), %s%s\n", show(&arena, best, "name", "-"), show(&arena, best, "number", "-"),
           result_objectives(best, &arena), front ? " (by the first objective)" : "");
    for (size_t i = 0; assignments && i < assignments->length; i++)
        widest = assignments->keys[i]->length > widest ? assignments->keys[i]->length : widest;
    for (size_t i = 0; assignments && i < assignments->length; i++) {
        const char *value = node_to_text(&arena, assignments->items[i]);

        printf("  %-*s = %s\n", (int)widest, assignments->keys[i]->text, value ? value : "-");
    }
    print_likely(node_get(experiment, "likelyBest"), &arena);
    if (front && front->kind == NODE_LIST)
        print_front(front, show(&arena, best, "hypervolume", NULL), &arena);
    arena_release(&arena);
}

const char *result_absent(const struct node *experiment, struct arena *arena)
{
    const char *infeasible = show(arena, experiment, "counts.infeasible", "0");

    if (!text_equal(infeasible, "0"))
        return arena_printf(arena, "no trial of %s keeps every constraint: %s infeasible (hone trials %s)",
                            show(arena, experiment, "name", "-"), infeasible, show(arena, experiment, "name", "-"));
    return arena_printf(arena, "no trial of %s has succeeded with a value of %s", show(arena, experiment, "name", "-"),
                        show(arena, experiment, "objective.metric", "the objective"));
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
        say("%s", result_absent(experiment, &session->arena));
    return 0;
}
