/*
 * What the jury of an experiment decides of what it hears.
 */
#include "service/jury.h"

#include <poll.h>

#include "tests/experiment/fixture.h"

static char
    *verdicts; /* of the test that runs: "3/1 medianstop: ..." one a line; letters are opened without an owner */

struct court {
    struct fixture fixture;
    struct arena arena;
    struct setting_value *values;
    struct aim further;
    struct mailbox *mailbox;
    struct pool *pool;
    struct jury *jury;
};

static void decided(struct service *service, struct letter *letter)
{
    struct verdict *verdict = (struct verdict *)letter;
    char *before = verdicts;

    (void)service;
    assert_int_equal(verdict->experiment_id, 77);
    verdicts = xasprintf("%s%lld/%lld %s\n", before, (long long)verdict->number, (long long)verdict->attempt,
                         verdict->why);
    free(before);
    free(verdict);
}

static void court_open(struct court *court, const char *rule)
{
    size_t n;

    *court = (struct court){ 0 };
    fixture_init(&court->fixture);
    court->fixture.spec.early_stopping = earlystop_rule_find(rule, NULL);
    court->values = setting_defaults(court->fixture.spec.early_stopping->settings, &court->arena, &n);
    court->fixture.spec.early_stopping_settings = court->values;
    court->mailbox = mailbox_create();
    court->pool = pool_create(2);
    verdicts = xstrdup("");
}

static void set(struct court *court, const char *name, double value)
{
    const struct setting *settings = court->fixture.spec.early_stopping->settings;

    court->values[setting_find(settings, name) - settings].number = value;
}

static void swear_in(struct court *court)
{
    court->jury = jury_create(court->pool, &court->fixture.spec, 1, 77, court->mailbox, decided);
}

static void court_close(struct court *court)
{
    jury_destroy(court->jury);
    pool_destroy(court->pool);
    mailbox_destroy(court->mailbox);
    arena_release(&court->arena);
    free(verdicts);
}

/* One report a step, from 1 on. */
static void hear(struct court *court, int64_t number, int64_t attempt, size_t objective, size_t n, const double *losses)
{
    for (size_t i = 0; i < n; i++) {
        struct jury_report report = { objective, (double)(i + 1), losses[i] };

        jury_hear(court->jury, number, attempt, &report, 1, JURY_EACH);
    }
}

#define LOSSES(...)                                                      \
    sizeof((double[]){ __VA_ARGS__ }) / sizeof(double), (const double[]) \
    {                                                                    \
        __VA_ARGS__                                                      \
    }

/* Wait until the jury has said so many words on so many lines. */
static void await(struct court *court, size_t n_verdicts)
{
    struct pollfd mail = { .fd = mailbox_descriptor(court->mailbox), .events = POLLIN };

    for (;;) {
        size_t n = 0;

        for (const char *line = verdicts; (line = strchr(line, '\n')) != NULL; line++)
            n++;
        if (n >= n_verdicts)
            return;
        assert_int_equal(poll(&mail, 1, 60000), 1);
        mailbox_open(court->mailbox, NULL);
    }
}

static void finish(struct court *court, int64_t number, double loss)
{
    hear(court, number, 1, 0, LOSSES(loss, loss, loss, loss));
    jury_close(court->jury, number, true);
}

static void hear__hopeless_trial__is_stopped_once_with_the_reason(void **state)
{
    struct court court;

    (void)state;
    court_open(&court, "medianstop");
    set(&court, "min_trials_required", 2);
    set(&court, "start_step", 2);
    swear_in(&court);
    finish(&court, 1, 1);
    finish(&court, 2, 2);
    hear(&court, 3, 1, 0, LOSSES(1.2, 1.2));
    hear(&court, 4, 1, 0, LOSSES(9, 8, 7));
    hear(&court, 5, 1, 0, LOSSES(6, 5));
    await(&court, 2);
    assert_string_equal(verdicts, "4/1 medianstop: best so far 8 at step 2 is worse than the median average 1.5 of 2 "
                                  "trials by then\n"
                                  "5/1 medianstop: best so far 5 at step 2 is worse than the median average 1.5 of 2 "
                                  "trials by then\n");
    court_close(&court);
}

static void hear__trials_that_did_not_complete__set_no_standard(void **state)
{
    struct court court;

    (void)state;
    court_open(&court, "medianstop");
    set(&court, "min_trials_required", 1);
    set(&court, "start_step", 1);
    swear_in(&court);
    hear(&court, 1, 1, 0, LOSSES(1, 1));
    jury_close(court.jury, 1, false);
    hear(&court, 2, 1, 0, LOSSES(9, 9));
    finish(&court, 3, 5);
    hear(&court, 4, 1, 0, LOSSES(9));
    await(&court, 1);
    assert_contains(verdicts, "4/1 medianstop: best so far 9 at step 1 is worse than the median average 5 of 1 trials");
    court_close(&court);
}

static void hear__several_objectives__stops_what_is_hopeless_in_all(void **state)
{
    struct court court;

    (void)state;
    court_open(&court, "threshold");
    court.further = (struct aim){ .metric = 1, .type = OBJECTIVE_MAXIMIZE };
    court.fixture.spec.n_further = 1;
    court.fixture.spec.further = &court.further;
    set(&court, "lower", -10);
    set(&court, "upper", 10);
    swear_in(&court);
    hear(&court, 1, 1, 0, LOSSES(11, 12, 13));
    hear(&court, 1, 1, 1, LOSSES(0, 0, 0));
    hear(&court, 2, 1, 1, LOSSES(20)); /* a loss of 20 of what is maximised: the value is -20 */
    hear(&court, 2, 1, 0, LOSSES(3, 14));
    await(&court, 1);
    assert_string_equal(verdicts,
                        "2/1 threshold: loss: 14 at step 2 is above 10; accuracy: -20 at step 1 is below -10\n");
    court_close(&court);
}

static void hear__next_attempt__begins_a_curve_of_its_own(void **state)
{
    struct court court;

    (void)state;
    court_open(&court, "patient");
    set(&court, "patience", 2);
    swear_in(&court);
    hear(&court, 1, 1, 0, LOSSES(1, 2));
    hear(&court, 1, 2, 0, LOSSES(5, 4, 3, 3));
    hear(&court, 1, 3, 0, LOSSES(6, 6, 6));
    await(&court, 1);
    assert_contains(verdicts, "1/3 patient: no progress in 2 reports: best so far 6 at step 3");
    court_close(&court);
}

static void hear__reports_of_the_past__are_judged_at_the_last_one_only(void **state)
{
    static const struct jury_report recovered[] = { { 0, -1, 99 }, { 0, -1, 5 } },
                                    lost[] = { { 0, -1, 5 }, { 0, -1, 99 } };
    struct court court;

    (void)state;
    court_open(&court, "threshold");
    set(&court, "upper", 10);
    swear_in(&court);
    jury_hear(court.jury, 1, 1, recovered, 2, JURY_LAST);
    jury_hear(court.jury, 3, 1, lost, 2, JURY_NEVER);
    jury_hear(court.jury, 2, 4, lost, 2, JURY_LAST);
    await(&court, 1);
    assert_string_equal(verdicts, "2/4 threshold: 99 at step 2 is above 10\n");
    court_close(&court);
}

static void hear__curve_longer_than_is_kept__is_judged_at_every_report(void **state)
{
    static struct jury_report reports[9010];
    struct court court;

    (void)state;
    court_open(&court, "patient");
    set(&court, "patience", 3);
    swear_in(&court);
    for (size_t i = 0; i < 9010; i++)
        reports[i] = (struct jury_report){ 0, -1, i < 9000 ? 9000 - (double)i : 1 };
    jury_hear(court.jury, 1, 1, reports, 9010, JURY_EACH);
    await(&court, 1);
    assert_string_equal(verdicts, "1/1 patient: no progress in 3 reports: best so far 1 at step 9003\n");
    court_close(&court);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hear__hopeless_trial__is_stopped_once_with_the_reason),
        cmocka_unit_test(hear__trials_that_did_not_complete__set_no_standard),
        cmocka_unit_test(hear__several_objectives__stops_what_is_hopeless_in_all),
        cmocka_unit_test(hear__next_attempt__begins_a_curve_of_its_own),
        cmocka_unit_test(hear__reports_of_the_past__are_judged_at_the_last_one_only),
        cmocka_unit_test(hear__curve_longer_than_is_kept__is_judged_at_every_report),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
