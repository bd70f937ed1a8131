/*
 * The progress line.
 */
#include "cli/progress.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/output.h"

enum { TERMINAL_INTERVAL_MS = 100, PLAIN_INTERVAL_MS = 1000, PLAIN_SILENCE_MS = 30000 };

struct progress {
    bool is_quiet, is_terminal, is_utf8;
    bool has_line;                  /* something stands on the terminal's line */
    int64_t shown_ms;               /* when something was last printed */
    int64_t first_ms, first_done;   /* when watching began, and what was done by then */
    int64_t told_failed, told_best; /* what the plain lines have told */
    bool has_begun;
};

struct progress *progress_create(bool quiet)
{
    struct progress *progress = xcalloc(1, sizeof *progress);
    const char *term = getenv("TERM");

    progress->is_quiet = quiet;
    progress->is_terminal = isatty(STDERR_FILENO) && !text_equal(term, "dumb");
    progress->is_utf8 = output_is_utf8();
    return progress;
}

void progress_destroy(struct progress *progress)
{
    if (progress)
        progress_clear(progress);
    free(progress);
}

int progress_interval_ms(const struct progress *progress)
{
    return progress->is_terminal ? TERMINAL_INTERVAL_MS : PLAIN_INTERVAL_MS;
}

static int64_t read_count(const struct node *node, const char *path)
{
    int64_t value = 0;

    return node_to_integer(node_path(node, path), &value) ? value : 0;
}

void progress_read(const struct node *experiment, struct arena *arena, struct progress_facts *facts)
{
    int64_t trials = read_count(experiment, "counts.trials");

    *facts = (struct progress_facts){
        .done = trials - read_count(experiment, "counts.running") - read_count(experiment, "counts.pending"),
        .max = read_count(experiment, "maxTrialCount"),
        .running = read_count(experiment, "counts.running"),
        .failed = read_count(experiment, "counts.failed") + read_count(experiment, "counts.metricsUnavailable"),
        .best = show(arena, experiment, "best.objective.value", NULL),
        .best_trial = read_count(experiment, "best.number"),
        .eta_s = NAN,
    };
}

void progress_format(const struct progress_facts *facts, bool utf8, struct text *out)
{
    const char *dot = utf8 ? " · " : " | ";

    if (facts->name)
        text_printf(out, "%s: ", facts->name);
    text_printf(out, "%lld", (long long)facts->done);
    if (facts->max > 0)
        text_printf(out, "/%lld", (long long)facts->max);
    text_printf(out, " done%s%lld running", dot, (long long)facts->running);
    if (facts->failed > 0)
        text_printf(out, "%s%lld failed", dot, (long long)facts->failed);
    if (facts->best)
        text_printf(out, "%sbest %s (trial %lld)", dot, facts->best, (long long)facts->best_trial);
    if (!isnan(facts->eta_s)) {
        struct arena arena = { 0 };

        text_printf(out, "%sETA %s", dot, show_duration(&arena, ceil(facts->eta_s)));
        arena_release(&arena);
    }
}

/* The first experiment that has not finished, else the last. */
static size_t pick(const struct node *const *experiments, size_t n)
{
    size_t i = 0;

    while (i + 1 < n && node_get(experiments[i], "completed") &&
           node_get(experiments[i], "completed")->kind != NODE_NULL)
        i++;
    return i;
}

/* At the pace seen since watching began. */
static double estimate(const struct progress *progress, const struct progress_facts *facts, int64_t now_ms)
{
    int64_t n = facts->done - progress->first_done, left = facts->max - facts->done;
    double elapsed_s = (double)(now_ms - progress->first_ms) / 1000;

    if (facts->max <= 0 || n <= 0 || left <= 0)
        return NAN;
    return elapsed_s / (double)n * (double)left;
}

static bool is_worth_telling(const struct progress *progress, const struct progress_facts *facts, int64_t now_ms)
{
    return facts->failed != progress->told_failed || facts->best_trial != progress->told_best ||
           now_ms - progress->shown_ms >= PLAIN_SILENCE_MS;
}

static void print_terminal_line(struct progress *progress, const struct text *line)
{
    int width = output_width(STDERR_FILENO), column = 0;
    const char *c = text_string(line);

    fputs("\r\033[K", stderr);
    for (; *c && (width <= 0 || column < width - 1 || ((unsigned char)*c & 0xc0) == 0x80); c++) {
        column += ((unsigned char)*c & 0xc0) != 0x80;
        fputc((unsigned char)*c < 0x20 ? '?' : *c, stderr);
    }
    fflush(stderr);
    progress->has_line = true;
}

void progress_show(struct progress *progress, const struct node *const *experiments, size_t n, int64_t now_ms)
{
    struct arena arena = { 0 };
    struct progress_facts facts;
    struct text line = { 0 };
    size_t i = pick(experiments, n);
    bool is_first = !progress->has_begun;

    if (progress->is_quiet)
        return;
    progress_read(experiments[i], &arena, &facts);
    if (is_first) {
        progress->has_begun = true;
        progress->first_ms = progress->shown_ms = now_ms;
        progress->first_done = facts.done;
    }
    facts.eta_s = estimate(progress, &facts, now_ms);
    facts.name = n > 1 ? show(&arena, experiments[i], "name", "") : NULL;
    progress_format(&facts, progress->is_utf8, &line);
    if (progress->is_terminal && (is_first || now_ms - progress->shown_ms >= TERMINAL_INTERVAL_MS)) {
        print_terminal_line(progress, &line);
        progress->shown_ms = now_ms;
    } else if (!progress->is_terminal && is_worth_telling(progress, &facts, now_ms)) {
        print_lines(stderr, text_string(&line), 0);
        progress->shown_ms = now_ms;
    }
    progress->told_failed = facts.failed;
    progress->told_best = facts.best_trial;
    text_release(&line);
    arena_release(&arena);
}

void progress_clear(struct progress *progress)
{
    if (progress->has_line)
        fputs("\r\033[K", stderr);
    progress->has_line = false;
}
