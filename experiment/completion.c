/*
 * The ends of an experiment, and the rules of editing its budget: katib.md 5.1, 5.4 and 1.1.
 */
#include "experiment/completion.h"

#include <string.h>

#include "base/status.h"
#include "experiment/lifecycle.h"

static bool goal_is_reached(const struct experiment *experiment, const struct trial_counts *counts)
{
    (void)counts;
    return experiment->reached != 0;
}

/* 0 and 1 both mean the first failure. */
static bool too_many_failed(const struct experiment *experiment, const struct trial_counts *counts)
{
    return experiment->max_failed_trial_count >= 0 && counts->failed > 0 &&
           counts->failed >= experiment->max_failed_trial_count;
}

static bool budget_is_spent(const struct experiment *experiment, const struct trial_counts *counts)
{
    return experiment->max_trial_count > 0 && counts->completed >= experiment->max_trial_count;
}

static bool space_is_exhausted(const struct experiment *experiment, const struct trial_counts *counts)
{
    return experiment->is_exhausted && counts->completed == counts->total;
}

static bool time_is_up(const struct experiment *experiment, const struct trial_counts *counts)
{
    double timeout_s = experiment->spec->hone.timeout_s;

    (void)counts;
    return timeout_s > 0 && experiment->spent_s >= timeout_s;
}

static const struct {
    bool (*holds)(const struct experiment *experiment, const struct trial_counts *counts);
    struct completion completion;
} rules[] = {
    { goal_is_reached,
      { "Succeeded", "ExperimentGoalReached", "Experiment has succeeded because Objective goal has reached" } },
    { too_many_failed, { "Failed", "ExperimentFailed", "Experiment has failed because max failed count has reached" } },
    { budget_is_spent,
      { "Succeeded", "ExperimentMaxTrialsReached", "Experiment has succeeded because max trial count has reached" } },
    { space_is_exhausted,
      { "Succeeded", "ExperimentSuggestionEndReached",
        "Experiment has succeeded because every point of the search space has been tried" } },
    { time_is_up,
      { "Succeeded", "ExperimentTimeoutReached", "Experiment has succeeded because timeoutSeconds has passed" } },
};

const struct completion *completion_judge(const struct experiment *experiment)
{
    struct trial_counts counts = experiment_counts(experiment);

    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (rules[i].holds(experiment, &counts))
            return &rules[i].completion;
    return NULL;
}

bool completion_can_restart(const struct experiment *experiment)
{
    const struct condition *condition = experiment_condition(experiment);

    return strcmp(condition->type, "Succeeded") == 0 && text_equal(condition->reason, "ExperimentMaxTrialsReached") &&
           experiment->spec->resume_policy != RESUME_NEVER;
}

/* Rules for the three counts, as for a new experiment. */
static int check_counts(const struct spec *spec, int64_t parallel, int64_t max, int64_t max_failed)
{
    if (parallel < 0 || (parallel == 0 && !spec->by_clients))
        return fail(ERR_INVALID, "spec.parallelTrialCount: must be greater than 0, got %lld", (long long)parallel);
    if (max < 0)
        return fail(ERR_INVALID, "spec.maxTrialCount: must be greater than 0, got %lld", (long long)max);
    if (max_failed < -1)
        return fail(ERR_INVALID, "spec.maxFailedTrialCount: should not be less than 0, got %lld",
                    (long long)max_failed);
    if (max > 0 && parallel > max)
        return fail(ERR_INVALID,
                    "spec.parallelTrialCount: should be less than or equal to spec.maxTrialCount (%lld), got %lld",
                    (long long)max, (long long)parallel);
    if (max > 0 && max_failed > max)
        return fail(ERR_INVALID,
                    "spec.maxFailedTrialCount: should be less than or equal to spec.maxTrialCount (%lld), got %lld",
                    (long long)max, (long long)max_failed);
    return 0;
}

int lifecycle_check_edit(const struct experiment *experiment, int64_t parallel, int64_t max, int64_t max_failed)
{
    bool is_finished = experiment_is_finished(experiment);

    TRY(check_counts(experiment->spec, parallel, max, max_failed));
    if (parallel == experiment->parallel_trial_count && max == experiment->max_trial_count &&
        max_failed == experiment->max_failed_trial_count)
        return 0;
    if (is_finished && !completion_can_restart(experiment))
        return fail(
            ERR_CONFLICT,
            "Experiment can be restarted if it is in succeeded state by reaching max trials and spec.resumePolicy = "
            "LongRunning or spec.resumePolicy = FromVolume; this one is %s (%s) with resumePolicy %s: run its file "
            "under another metadata.name",
            experiment_condition(experiment)->type, experiment_condition(experiment)->reason,
            resume_policy_names[experiment->spec->resume_policy]);
    if (max > 0 && (is_finished || max != experiment->max_trial_count) && max <= experiment->n_asked)
        return fail(ERR_INVALID,
                    "spec.maxTrialCount: must be greater than status.trials count (%lld), got %lld: give %lld or more",
                    (long long)experiment->n_asked, (long long)max, (long long)experiment->n_asked + 1);
    return 0;
}
