/*
 * Random lives: thousands of facts in any order, crashes between any two actions, and after each what must always hold.
 *
 * The world keeps what outlives a crash: the rows that were stored and the attempts whose agents run. A crash throws the experiment
 * away in the middle of its actions and rebuilds it from the rows, as the service does.
 */
#include "base/rng.h"
#include "experiment/lifecycle.h"
#include "tests/experiment/fixture.h"

enum { TRIALS = 40, ATTEMPTS = 400, LIVES = 400, FACTS = 400, SECOND = 1000000 };

/* An attempt that an agent has been asked to run. */
struct agent {
    int64_t number, attempt;
    bool has_started, stop_wanted, is_over;
};

struct world {
    struct fixture fixture;
    struct rng rng;
    double sign; /* of what trials report: -1 mirrors the life */
    int64_t now_us, wake_us;
    struct experiment *experiment;
    struct trial *rows[TRIALS]; /* as stored; the observation is asked for again */
    struct experiment *row;     /* conditions, times, budget as stored */
    size_t n_agents;
    struct agent agents[ATTEMPTS];
    int64_t first_ask, n_asks; /* open questions: numbers first_ask .. first_ask + n_asks - 1 */
    bool is_told[TRIALS], is_completed;
    int64_t
        n_begun; /* trials with a running attempt before this step: more than parallelTrialCount once that is lowered */
    uint64_t trace; /* hash of states and best trials, to compare lives */
};

static bool chance(struct world *world, double probability)
{
    return rng_uniform(&world->rng) < probability;
}

/* --- the database --- */

static char *copy_text(const char *text)
{
    return text != NULL ? strdup(text) : NULL;
}

static struct trial *copy_trial(const struct experiment *experiment, const struct trial *from)
{
    struct trial *to = trial_create(experiment, from->number);
    struct text packed = { 0 };

    memcpy(to->values, from->values, 2 * sizeof *to->values);
    to->state = from->state;
    to->reason = copy_text(from->reason);
    to->message = copy_text(from->message);
    to->created_us = from->created_us;
    to->started_us = from->started_us;
    to->ended_us = from->ended_us;
    to->finish_order = from->finish_order;
    to->retry_at_us = from->retry_at_us;
    to->repeat_after_stop = from->repeat_after_stop;
    observation_pack(&from->observation, &packed);
    assert_int_equal(observation_unpack(&to->observation, packed.data, packed.length), 0);
    text_release(&packed);
    for (size_t i = 0; i < from->n_attempts; i++) {
        struct attempt *attempt = trial_add_attempt(to);

        attempt->end = from->attempts[i].end;
        attempt->started_us = from->attempts[i].started_us;
        attempt->ended_us = from->attempts[i].ended_us;
    }
    return to;
}

static void copy_experiment(struct experiment *to, const struct experiment *from)
{
    to->parallel_trial_count = from->parallel_trial_count;
    to->max_trial_count = from->max_trial_count;
    to->started_us = from->started_us;
    to->completed_us = from->completed_us;
    to->spent_s = from->spent_s;
    to->is_exhausted = from->is_exhausted;
    while (to->n_conditions > 0)
        experiment_remove_condition(to, to->conditions[0].type);
    for (size_t i = 0; i < from->n_conditions; i++) {
        const struct condition *condition = &from->conditions[i];

        experiment_set_condition(to, condition->type, condition->status, condition->reason, condition->message,
                                 condition->changed_us);
    }
}

/* A row holds the last attempt only, so the earlier ones must have been stored before. */
static void store_trial(struct world *world, const struct trial *trial)
{
    struct trial **row = &world->rows[trial->number - 1];

    if (*row != NULL) {
        assert_true(trial->n_attempts <= (*row)->n_attempts + 1);
        for (size_t i = 0; i + 1 < trial->n_attempts; i++)
            assert_int_equal((*row)->attempts[i].end, trial->attempts[i].end);
        if (trial_is_finished(*row)) { /* finished once and for all */
            assert_int_equal((*row)->state, trial->state);
            assert_int_equal((*row)->finish_order, trial->finish_order);
        }
    }
    trial_destroy(*row);
    *row = copy_trial(world->experiment, trial);
}

static void crash(struct world *world)
{
    experiment_destroy(world->experiment);
    world->experiment = experiment_create(&world->fixture.spec, fixture_uid, 1);
    copy_experiment(world->experiment, world->row);
    for (size_t i = 0; i < TRIALS && world->rows[i] != NULL; i++)
        experiment_add_trial(world->experiment, copy_trial(world->experiment, world->rows[i]));
    experiment_restore(world->experiment);
    world->n_asks = 0;
    world->wake_us = 0;
    world->is_completed = false;
    memset(world->is_told, 0, sizeof world->is_told);
    for (size_t i = 0; i < world->n_agents; i++)
        world->agents[i].is_over &=
            world->rows[world->agents[i].number - 1]->attempts[world->agents[i].attempt - 1].end != ATTEMPT_RUNNING;
}

/* --- actions --- */

static int64_t count_begun(const struct experiment *experiment)
{
    int64_t n = 0;

    for (size_t i = 0; i < experiment->n_trials; i++)
        n += trial_is_begun(experiment->trials[i]);
    return n;
}

static struct agent *agent_of(struct world *world, int64_t number, int64_t attempt)
{
    for (size_t i = 0; i < world->n_agents; i++)
        if (world->agents[i].number == number && world->agents[i].attempt == attempt)
            return &world->agents[i];
    return NULL;
}

static void start(struct world *world, const struct trial *trial)
{
    const struct trial *row = world->rows[trial->number - 1];
    int64_t attempt = trial_attempt(trial)->number;
    int64_t n_begun = count_begun(world->experiment);

    assert_non_null(row); /* stored before it begins */
    assert_int_equal(row->n_attempts, attempt);
    assert_true(n_begun <= world->experiment->parallel_trial_count || n_begun <= world->n_begun);
    if (agent_of(world, trial->number, attempt) != NULL)
        return;
    assert_true(world->n_agents < ATTEMPTS);
    world->agents[world->n_agents++] = (struct agent){ .number = trial->number, .attempt = attempt };
}

static void perform(struct world *world, const struct action *action)
{
    struct experiment *experiment = world->experiment;

    switch (action->kind) {
    case ACTION_ASK:
        world->first_ask = world->n_asks > 0 ? world->first_ask : action->number;
        assert_int_equal(action->number, world->first_ask + world->n_asks);
        world->n_asks++;
        assert_true(experiment->max_trial_count == 0 || action->number <= experiment->max_trial_count);
        break;
    case ACTION_START:
        start(world, action->trial);
        break;
    case ACTION_STOP: {
        struct agent *agent = agent_of(world, action->number, trial_attempt(action->trial)->number);

        if (agent == NULL) { /* its start was lost in a crash */
            assert_true(world->n_agents < ATTEMPTS);
            agent = &world->agents[world->n_agents++];
            *agent = (struct agent){ .number = action->number, .attempt = trial_attempt(action->trial)->number };
        }
        agent->stop_wanted = true;
        break;
    }
    case ACTION_TELL:
        assert_false(world->is_told[action->number - 1]);
        world->is_told[action->number - 1] = true;
        assert_true(trial_is_finished(world->rows[action->number - 1]));
        break;
    case ACTION_STORE_TRIAL:
        store_trial(world, action->trial);
        break;
    case ACTION_STORE_EXPERIMENT:
        copy_experiment(world->row, experiment);
        break;
    case ACTION_WAKE:
        assert_true(action->at_us > world->now_us);
        world->wake_us = world->wake_us == 0 || action->at_us < world->wake_us ? action->at_us : world->wake_us;
        break;
    case ACTION_DROP_DIRECTORY:
        assert_true(trial_is_finished(action->trial));
        assert_int_not_equal(action->number, experiment->best);
        break;
    case ACTION_COMPLETED:
        assert_false(world->is_completed);
        world->is_completed = true;
        assert_true(experiment_is_finished(experiment) || experiment_is_stopped(experiment));
        assert_int_equal(experiment_counts(experiment).completed, experiment_counts(experiment).total);
        break;
    }
}

/* --- what must always hold --- */

/* is_settled: no crash has come between the last trial and the condition that follows from it. */
static void check(struct world *world, bool is_settled)
{
    const struct experiment *experiment = world->experiment;
    struct trial_counts counts = experiment_counts(experiment);
    int64_t by_state[N_TRIAL_STATES] = { 0 };
    const struct trial *best = NULL;

    for (size_t i = 0; i < experiment->n_trials; i++) {
        const struct trial *trial = experiment->trials[i];

        by_state[trial->state]++;
        assert_int_equal(trial_is_finished(trial), trial->finish_order != 0);
        assert_false(trial_is_finished(trial) && (trial_is_begun(trial) || trial->repeat_after_stop));
        assert_true(trial_is_begun(trial) || !trial->is_stopping);
        assert_true(trial->finish_order <= experiment->n_finished);
        if (experiment_is_better(experiment, trial, best))
            best = trial;
    }
    assert_memory_equal(by_state, counts.by_state, sizeof by_state);
    assert_int_equal(experiment->best, best != NULL ? best->number : 0);
    assert_true(best == NULL || best->state == TRIAL_SUCCEEDED || best->state == TRIAL_EARLY_STOPPED);
    assert_true(experiment->max_trial_count == 0 || counts.total <= experiment->max_trial_count);
    assert_true(experiment->n_asked >= counts.total);
    world->n_begun = count_begun(experiment);
    if (is_settled && !experiment_is_finished(experiment) && !experiment_is_stopped(experiment))
        assert_true(counts.completed < experiment->max_trial_count);
    world->trace = world->trace * 1099511628211u + (uint64_t)experiment->best * 31 + (uint64_t)counts.completed * 7 +
                   (uint64_t)strlen(experiment_condition(experiment)->reason);
}

/* Step, and carry out its actions; in one of so many cases the service dies before all are done. */
static void tell(struct world *world, struct fact fact, double crash_probability)
{
    struct actions actions = { 0 };
    bool dies = chance(world, crash_probability);
    size_t n_done = 0;

    fact.now_us = world->now_us;
    lifecycle_step(world->experiment, &fact, &actions);
    if (dies)
        n_done = rng_below(&world->rng, actions.n + 1);
    for (size_t i = 0; i < (dies ? n_done : actions.n); i++)
        perform(world, &actions.items[i]);
    actions_release(&actions);
    if (dies)
        crash(world);
    check(world, !dies);
}

/* --- facts --- */

static void answer(struct world *world, double crash_probability)
{
    const double values[] = { rng_uniform(&world->rng), 3 };
    struct fact fact = { .kind = FACT_SUGGESTED, .number = world->first_ask, .values = values, .resource = NAN };

    if (world->n_asks == 0)
        return;
    world->first_ask++;
    world->n_asks--;
    if (chance(world, 0.003))
        fact = (struct fact){ .kind = FACT_EXHAUSTED, .number = fact.number };
    tell(world, fact, crash_probability);
    if (!fact.values)
        world->n_asks = 0;
}

static void report(struct world *world, const struct agent *agent)
{
    struct trial *trial = experiment_trial(world->experiment, agent->number);
    char value[32];

    if (trial_is_finished(trial) || !trial_is_begun(trial) || trial_attempt(trial)->number != agent->attempt)
        return;
    if (chance(world, 0.1)) {
        observation_add(&trial->observation, 0, world->now_us, "nan");
        return;
    }
    snprintf(value, sizeof value, "%g", world->sign * (double)rng_below(&world->rng, 50));
    observation_add(&trial->observation, 0, world->now_us, value);
}

static void end(struct world *world, struct agent *agent, double crash_probability)
{
    static const enum attempt_end ends[] = { ATTEMPT_SUCCEEDED, ATTEMPT_SUCCEEDED, ATTEMPT_SUCCEEDED, ATTEMPT_FAILED,
                                             ATTEMPT_DEADLINE,  ATTEMPT_LOST,      ATTEMPT_STOPPED };
    size_t pick = agent->stop_wanted && chance(world, 0.8) ? 6 : rng_below(&world->rng, 7);
    enum attempt_end how = ends[pick];

    agent->is_over = true;
    tell(world,
         (struct fact){ .kind = FACT_ENDED,
                        .number = agent->number,
                        .attempt = agent->attempt,
                        .end = how,
                        .message = "m",
                        .success = how == ATTEMPT_SUCCEEDED && !chance(world, 0.05),
                        .failure = how == ATTEMPT_FAILED || how == ATTEMPT_DEADLINE },
         crash_probability);
}

/* Something of an agent that lives, or of one that is long over. */
static void news(struct world *world, double crash_probability)
{
    struct agent *agent = world->n_agents > 0 ? &world->agents[rng_below(&world->rng, world->n_agents)] : NULL;

    for (size_t i = 0; agent != NULL && agent->is_over && i < world->n_agents && !chance(world, 0.05); i++)
        agent = &world->agents[i];
    if (agent == NULL)
        return;
    if (!agent->is_over)
        report(world, agent);
    if (chance(world, 0.5)) {
        end(world, agent, crash_probability);
        return;
    }
    agent->has_started = true;
    tell(world, (struct fact){ .kind = FACT_STARTED, .number = agent->number, .attempt = agent->attempt },
         crash_probability);
}

static void pass_time(struct world *world, double crash_probability)
{
    if (world->wake_us > world->now_us)
        world->now_us = world->wake_us;
    world->wake_us = 0;
    tell(world, (struct fact){ .kind = FACT_TIME }, crash_probability);
}

static void edit(struct world *world, double crash_probability)
{
    struct fact fact = { .kind = FACT_EDITED, .max_failed_trial_count = world->experiment->max_failed_trial_count };

    fact.parallel_trial_count = 1 + (int64_t)rng_below(&world->rng, 6);
    fact.max_trial_count = world->experiment->max_trial_count + (int64_t)rng_below(&world->rng, 5);
    if (fact.max_trial_count > TRIALS || lifecycle_check_edit(world->experiment, fact.parallel_trial_count,
                                                              fact.max_trial_count, fact.max_failed_trial_count) < 0)
        return;
    if (fact.max_trial_count > world->experiment->max_trial_count)
        world->is_completed &= !experiment_is_finished(world->experiment); /* it goes on */
    tell(world, fact, crash_probability);
}

static void command(struct world *world, double crash_probability)
{
    struct experiment *experiment = world->experiment;

    switch (rng_below(&world->rng, 9)) {
    case 0:
        tell(world, (struct fact){ .kind = FACT_RELEASED }, crash_probability);
        break;
    case 1:
        tell(world, (struct fact){ .kind = FACT_STOP }, crash_probability);
        break;
    case 2:
        tell(world, (struct fact){ .kind = FACT_STOP_TRIAL, .number = (int64_t)rng_below(&world->rng, TRIALS) },
             crash_probability);
        break;
    case 3:
        edit(world, crash_probability);
        break;
    case 4:
        world->is_completed &= !experiment_is_stopped(experiment);
        tell(world, (struct fact){ .kind = FACT_RESUME }, crash_probability);
        break;
    case 5:
    case 6:
        tell(world,
             (struct fact){
                 .kind = FACT_STOP_EARLY,
                 .number = (int64_t)rng_below(&world->rng, TRIALS),
                 .attempt = 1 + (int64_t)rng_below(&world->rng, 2),
                 .message = "hopeless",
             },
             crash_probability);
        break;
    default:
        world->is_completed &= experiment->claimed_us != 0;
        tell(world, (struct fact){ .kind = FACT_CLAIMED }, crash_probability);
        break;
    }
}

static void happen(struct world *world, double crash_probability)
{
    double kind = rng_uniform(&world->rng);

    world->now_us += (int64_t)rng_below(&world->rng, 2 * SECOND);
    if (kind < 0.35)
        answer(world, crash_probability);
    else if (kind < 0.8)
        news(world, crash_probability);
    else if (kind < 0.92)
        pass_time(world, crash_probability);
    else
        command(world, crash_probability);
}

/* --- lives --- */

static struct world *world_create(uint64_t seed, bool mirrored)
{
    struct world *world = calloc(1, sizeof *world);
    struct spec *spec = &world->fixture.spec;

    fixture_init(&world->fixture);
    world->rng = rng_stream(seed, 1, "lifecycle_random_test");
    world->sign = mirrored ? -1 : 1;
    spec->objective.type = mirrored ? OBJECTIVE_MAXIMIZE : OBJECTIVE_MINIMIZE;
    world->fixture.metrics[0].strategy = mirrored ? STRATEGY_MAX : STRATEGY_MIN;
    spec->objective.has_goal = chance(world, 0.2);
    spec->objective.goal = mirrored ? -1 : 1;
    spec->parallel_trial_count = 1 + (int64_t)rng_below(&world->rng, 5);
    spec->max_trial_count = spec->parallel_trial_count + (int64_t)rng_below(&world->rng, 20);
    spec->max_failed_trial_count = chance(world, 0.5)
                                       ? -1
                                       : (int64_t)rng_below(&world->rng, (uint64_t)spec->max_trial_count);
    spec->resume_policy = (enum resume_policy)rng_below(&world->rng, 3);
    spec->hone.retries = (int64_t)rng_below(&world->rng, 3);
    spec->hone.backoff_s = chance(world, 0.5) ? 0 : 7;
    spec->hone.timeout_s = chance(world, 0.2) ? 300 : 0;
    spec->hone.keep = chance(world, 0.5) ? KEEP_ALL : KEEP_BEST;
    world->now_us = 1000 * (int64_t)SECOND;
    world->experiment = experiment_create(spec, fixture_uid, world->now_us);
    world->row = experiment_create(spec, fixture_uid, world->now_us);
    return world;
}

static void world_destroy(struct world *world)
{
    experiment_destroy(world->experiment);
    experiment_destroy(world->row);
    for (size_t i = 0; i < TRIALS; i++)
        trial_destroy(world->rows[i]);
    free(world);
}

/* Nobody disturbs any more: it must come to its end. */
static void come_to_an_end(struct world *world)
{
    world->is_completed &= experiment_is_finished(world->experiment);
    tell(world, (struct fact){ .kind = FACT_RESUME }, 0);
    world->is_completed &= world->experiment->claimed_us != 0;
    tell(world, (struct fact){ .kind = FACT_CLAIMED }, 0);
    for (size_t i = 0; i < 3000 && !world->is_completed; i++) {
        answer(world, 0);
        news(world, 0);
        pass_time(world, 0);
        world->now_us += SECOND;
    }
    assert_true(world->is_completed);
    assert_true(experiment_is_finished(world->experiment));
}

static uint64_t live(uint64_t seed, bool mirrored, double crash_probability)
{
    struct world *world = world_create(seed, mirrored);
    uint64_t trace;

    tell(world, (struct fact){ .kind = FACT_CLAIMED }, crash_probability);
    for (size_t i = 0; i < FACTS; i++)
        happen(world, crash_probability);
    come_to_an_end(world);
    trace = world->trace;
    world_destroy(world);
    return trace;
}

static void lifecycle__random_facts__keeps_its_promises_and_comes_to_an_end(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < LIVES; seed++)
        live(seed, false, 0);
}

static void lifecycle__random_facts_and_crashes__keeps_its_promises_and_comes_to_an_end(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < LIVES; seed++)
        live(seed, false, 0.05);
}

static void lifecycle__maximised_and_negated__is_the_mirror_image(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < LIVES; seed++)
        assert_int_equal(live(seed, false, 0.02), live(seed, true, 0.02));
    assert_int_not_equal(live(1, false, 0), live(2, false, 0));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(lifecycle__random_facts__keeps_its_promises_and_comes_to_an_end),
        cmocka_unit_test(lifecycle__random_facts_and_crashes__keeps_its_promises_and_comes_to_an_end),
        cmocka_unit_test(lifecycle__maximised_and_negated__is_the_mirror_image),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
