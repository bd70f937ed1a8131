/*
 * Curves for tests of the rules, and one way to ask a rule.
 */
#ifndef HONE_TESTS_EARLYSTOP_CURVES_H
#define HONE_TESTS_EARLYSTOP_CURVES_H

#include <math.h>
#include <string.h>

#include "base/status.h"
#include "earlystop/rule.h"
#include "tests/test.h"

enum { CURVES_LIMIT = 64 };

struct curves {
    struct curve own, others[CURVES_LIMIT];
    size_t n_others;
    bool is_maximized;
    char why[EARLYSTOP_WHY_SIZE];
};

/* Reports at steps 1, 2, ...; ended by no number of them. */
static inline void report(struct curve *curve, const double *losses, size_t n)
{
    for (size_t i = 0; i < n; i++)
        curve_append(curve, (double)(curve->n + 1), losses[i]);
}

#define LOSSES(...) (const double[]){ __VA_ARGS__ }, sizeof((const double[]){ __VA_ARGS__ }) / sizeof(double)

static inline struct curve *add_other(struct curves *curves, bool is_complete, const double *losses, size_t n)
{
    struct curve *other = &curves->others[curves->n_others++];

    assert_true(curves->n_others <= CURVES_LIMIT);
    other->number = (int64_t)curves->n_others;
    other->is_complete = is_complete;
    report(other, losses, n);
    return other;
}

static inline void curves_release(struct curves *curves)
{
    curve_release(&curves->own);
    for (size_t i = 0; i < curves->n_others; i++)
        curve_release(&curves->others[i]);
    *curves = (struct curves){ 0 };
}

/* Does the rule, with these settings (names and texts, ended by NULL; NULL: none), stop it? */
static inline bool stops(struct curves *curves, const char *name, const char *const *settings)
{
    const struct earlystop_rule *rule = earlystop_rule_find(name, NULL);
    struct earlystop_question question = {
        .own = &curves->own,
        .others = curves->others,
        .n_others = curves->n_others,
        .is_maximized = curves->is_maximized,
        .seed = 1,
    };
    struct arena arena = { 0 };
    size_t n;
    struct setting_value *values = setting_defaults(rule->settings, &arena, &n);

    for (; settings != NULL && *settings != NULL; settings += 2) {
        const struct setting *row = setting_find(rule->settings, settings[0]);
        assert_non_null(row);
        assert_int_equal(setting_parse(row, settings[1], &values[row - rule->settings]), 0);
    }
    memset(curves->why, 0, sizeof curves->why);
    bool stop = rule->judge(values, &question, curves->why);
    assert_true(stop == (curves->why[0] != '\0'));
    arena_release(&arena);
    return stop;
}

#define SETTINGS(...)     \
    (const char *const[]) \
    {                     \
        __VA_ARGS__, NULL \
    }

#endif
