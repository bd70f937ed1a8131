/*
 * Hyperband over steps: every trial belongs to a bracket by lot, as often as the bracket has configurations, and is compared
 * with its own bracket only; brackets differ in their lowest rung.
 */
#include "base/rng.h"
#include "base/rungs.h"
#include "earlystop/entries.h"
#include "earlystop/halving.h"

enum { ETA, MIN_RESOURCE, MAX_RESOURCE };

static const struct setting settings[] = {
    [ETA] = { "eta", NUMBER(3, 1 + 1e-6, INFINITY), "one trial in eta goes beyond a rung" },
    [MIN_RESOURCE] = { "min_resource", NUMBER(1, 1e-9, INFINITY), "step of the lowest rung of the first bracket" },
    [MAX_RESOURCE] = { "max_resource", REQUIRED_NUMBER(1e-9, INFINITY), "step at which a trial is complete" },
    { 0 },
};

static const char *check(const struct setting_value *values)
{
    return values[MIN_RESOURCE].number > values[MAX_RESOURCE].number ? "min_resource must not be above max_resource"
                                                                     : NULL;
}

/* Index of the lowest level of that trial's bracket. */
static size_t bracket_of(const struct earlystop_question *question, const struct rungs *rungs, int64_t number)
{
    struct rng rng = rng_stream(question->seed, (uint64_t)number, "earlystop.bracket");
    double total = 0, place;
    size_t level = 0;

    for (size_t i = 0; i < rungs->n; i++)
        total += (double)rungs_bracket_size(rungs, i);
    place = total * rng_uniform(&rng);
    while (level + 1 < rungs->n && (place -= (double)rungs_bracket_size(rungs, level)) >= 0)
        level++;
    return level;
}

static void fill_rungs(const struct setting_value *values, struct rungs *rungs)
{
    rungs_init(rungs, values[ETA].number, values[MIN_RESOURCE].number, values[MAX_RESOURCE].number, false);
}

static bool is_peer(const struct earlystop_question *question, const struct setting_value *values, int64_t number)
{
    struct rungs rungs;

    fill_rungs(values, &rungs);
    return bracket_of(question, &rungs, number) == bracket_of(question, &rungs, question->own->number);
}

static bool judge(const struct setting_value *values, const struct earlystop_question *question, char *why)
{
    struct rungs rungs;

    fill_rungs(values, &rungs);
    double lowest = rungs.level[bracket_of(question, &rungs, question->own->number)];
    return judged_step(question) < values[MAX_RESOURCE].number &&
           halving_stops(question, lowest, values[ETA].number, values, is_peer, why);
}

const struct earlystop_rule earlystop_hyperband = {
    .name = "hyperband",
    .summary = "brackets of successive halving, each with another lowest rung",
    .settings = settings,
    .check = check,
    .judge = judge,
};
