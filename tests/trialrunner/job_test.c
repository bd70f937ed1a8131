/*
 * Tests of batch/v1 Job: its fields as a plan, and what is wrong with one.
 */
#include <dirent.h>

#include "base/file.h"
#include "tests/trialrunner/manifest.h"

#define HEAD "apiVersion: batch/v1\nkind: Job\n"
#define PODS                                                                                                         \
    "  template: {spec: {restartPolicy: Never, containers: [{name: main, command: [a], resources: {requests: {cpu: " \
    "1}}}]}}\n"

struct trial_job {
    struct arena arena;
    struct faults faults;
    struct plan_context context;
    struct plan plan;
};

static int set_up(void **state)
{
    struct trial_job *job = xcalloc(1, sizeof *job);

    job->context = plain_context();
    *state = job;
    return 0;
}

static int tear_down(void **state)
{
    struct trial_job *job = *state;

    faults_release(&job->faults);
    arena_release(&job->arena);
    free(job);
    return 0;
}

static int plan_node(struct trial_job *job, const struct node *manifest)
{
    return job_kind_find("batch/v1", "Job")->plan(manifest, &job->context, &job->arena, &job->plan, &job->faults);
}

static int plan(struct trial_job *job, const char *text)
{
    return plan_node(job, read_manifest(&job->arena, text));
}

static const char *faults_of(struct trial_job *job, const char *text)
{
    struct faults faults = { 0 };
    const char *said;

    job_kind_find("batch/v1", "Job")
        ->check(read_manifest(&job->arena, text), "exp.yaml", "trialSpec", &job->arena, &faults);
    said = printed(&faults, &job->arena);
    faults_release(&faults);
    return said;
}

static void job__plain__is_one_role_without_retries(void **state)
{
    struct trial_job *job = *state;

    assert_int_equal(plan(job, HEAD "spec:\n" PODS), 0);
    assert_int_equal(job->plan.n_roles, 1);
    assert_string_equal(job->plan.roles[0].name, "main");
    assert_int_equal(job->plan.parallelism, 1);
    assert_int_equal(job->plan.completions, 1);
    assert_int_equal(job->plan.backoff_limit, 0);
    assert_false(job->plan.backoff_is_given);
    assert_close(job->plan.deadline_s, 0, 0);
    assert_close(job->plan.grace_s, 30, 0);
    assert_close(job->plan.total.cpus, 1, 0);
    assert_null(variable(&job->plan.roles[0].containers[0], "JOB_COMPLETION_INDEX"));
    assert_int_equal(job->faults.n, 0);
}

static void job__limits__are_read_from_texts_too(void **state)
{
    struct trial_job *job = *state;

    assert_int_equal(plan(job, HEAD "spec:\n"
                                    "  backoffLimit: '3'\n"
                                    "  activeDeadlineSeconds: 100\n"
                                    "  template:\n"
                                    "    spec:\n"
                                    "      restartPolicy: OnFailure\n"
                                    "      activeDeadlineSeconds: 60\n"
                                    "      terminationGracePeriodSeconds: 0\n"
                                    "      containers: [{name: main, command: [a]}]\n"),
                     0);
    assert_int_equal(job->plan.backoff_limit, 3);
    assert_true(job->plan.backoff_is_given);
    assert_close(job->plan.deadline_s, 60, 0);
    assert_close(job->plan.grace_s, 0, 0);
    assert_int_equal(job->plan.roles[0].restart, RESTART_ON_FAILURE);
    assert_int_equal(job->faults.n_warnings, 1);
}

static void job__backoff_limit_zero__is_given(void **state)
{
    struct trial_job *job = *state;

    assert_int_equal(plan(job, HEAD "spec:\n  backoffLimit: 0\n" PODS), 0);
    assert_int_equal(job->plan.backoff_limit, 0);
    assert_true(job->plan.backoff_is_given);
}

static void job__indexed__tells_each_pod_its_index(void **state)
{
    struct trial_job *job = *state;
    const struct role *last;

    assert_int_equal(plan(job, HEAD "spec:\n  completions: 5\n  parallelism: 2\n  completionMode: Indexed\n" PODS), 0);
    assert_int_equal(job->plan.n_roles, 5);
    assert_int_equal(job->plan.completions, 5);
    assert_int_equal(job->plan.parallelism, 2);
    assert_close(job->plan.total.cpus, 2, 0);
    last = &job->plan.roles[4];
    assert_string_equal(last->name, "main-4");
    assert_int_equal(last->index, 4);
    assert_string_equal(variable(&last->containers[0], "JOB_COMPLETION_INDEX"), "4");
}

static void job__index__is_a_label_and_an_annotation(void **state)
{
    struct trial_job *job = *state;
    static const char *const wanted[] = { "batch.kubernetes.io/job-completion-index=1" };

    job->context.primary_labels = wanted;
    job->context.n_primary_labels = 1;
    assert_int_equal(plan(job, HEAD
                          "spec:\n"
                          "  completions: 2\n"
                          "  completionMode: Indexed\n"
                          "  template: {spec: {restartPolicy: Never, containers: [{name: main, command: [a], env: [\n"
                          "    {name: I, valueFrom: {fieldRef: {fieldPath: "
                          "\"metadata.annotations['batch.kubernetes.io/job-completion-index']\"}}},\n"
                          "    {name: J, valueFrom: {fieldRef: {fieldPath: \"metadata.labels['job-name']\"}}}]}]}}\n"),
                     0);
    assert_false(job->plan.roles[0].containers[0].collect);
    assert_true(job->plan.roles[1].containers[0].collect);
    assert_string_equal(variable(&job->plan.roles[1].containers[0], "I"), "1");
    assert_string_equal(variable(&job->plan.roles[1].containers[0], "J"), "exp-abc");
}

static void job__parallelism_alone__runs_as_many_pods(void **state)
{
    struct trial_job *job = *state;

    assert_int_equal(plan(job, HEAD "spec:\n  parallelism: 3\n" PODS), 0);
    assert_int_equal(job->plan.n_roles, 3);
    assert_int_equal(job->plan.completions, 3);
    assert_int_equal(job->faults.n_warnings, 1);
    assert_int_equal(plan(job, HEAD "spec:\n  parallelism: 9\n  completions: 2\n" PODS), 0);
    assert_int_equal(job->plan.parallelism, 2);
}

static void job__fields_of_the_cluster__are_named_in_warnings(void **state)
{
    struct trial_job *job = *state;
    const char *said;

    assert_int_equal(
        plan(job, HEAD "spec:\n  suspend: true\n  ttlSecondsAfterFinished: 5\n  podFailurePolicy: {rules: []}\n" PODS),
        0);
    said = printed(&job->faults, &job->arena);
    assert_int_equal(job->faults.n_warnings, 3);
    assert_contains(said, "suspend: the Job starts at once");
    assert_contains(said, "ttlSecondsAfterFinished: ");
    assert_contains(said, "podFailurePolicy: ");
}

static void job__no_container_of_that_name__names_those_there_are(void **state)
{
    struct trial_job *job = *state;

    job->context.primary_container = "training";
    assert_int_equal(plan(job, HEAD "spec:\n" PODS), ERR_INVALID);
    assert_contains(fail_message(), "got \"training\"; there are main of main");
}

static void job__rendered_to_nonsense__is_refused(void **state)
{
    struct trial_job *job = *state;

    assert_int_equal(plan(job, HEAD "spec:\n  backoffLimit: '0.5'\n" PODS), ERR_INVALID);
    assert_contains(fail_message(), "trialSpec.spec.backoffLimit: expected an integer of 0 or more, got \"0.5\"");
    assert_int_equal(
        plan(job, HEAD
             "spec: {template: {spec: {containers: [{name: main, command: [a], resources: {limits: {cpu: fast}}}]}}}"),
        ERR_INVALID);
    assert_contains(fail_message(), "expected a quantity");
}

static void job_check__typos__are_errors_as_in_katib(void **state)
{
    const char *said = faults_of(
        *state,
        HEAD "spec:\n  backofLimit: 1\n  parallelism: 0\n  completionMode: indexed\n  completions: 5000\n" PODS);

    assert_contains(said, "exp.yaml:4:3: trialSpec.spec.backofLimit: unknown field; did you mean backoffLimit?");
    assert_contains(said, "trialSpec.spec.parallelism: expected an integer of 1 or more, got \"0\"");
    assert_contains(said, "trialSpec.spec.completionMode: expected NonIndexed or Indexed, got \"indexed\"");
    assert_contains(said, "trialSpec.spec.completions: expected at most 1024, got 5000");
}

static void job_check__restart_policy__is_that_of_a_job(void **state)
{
    assert_contains(
        faults_of(*state, HEAD "spec: {template: {spec: {restartPolicy: Always, containers: [{name: main}]}}}"),
        "expected Never or OnFailure, got \"Always\"");
    assert_contains(faults_of(*state, HEAD "spec: {template: {spec: {containers: [{name: main}]}}}"),
                    "warning: trialSpec.spec.template.spec.restartPolicy");
}

static void job_check__placeholders__are_no_faults(void **state)
{
    assert_string_equal(
        faults_of(*state,
                  HEAD "spec:\n  backoffLimit: ${trialParameters.n}\n  completions: '${trialParameters.c}'\n" PODS),
        "");
}

/* Check the manifest of one example, and plan it if its kind can be; 1 if it was, negative when something is wrong. */
static int plan_example(struct trial_job *job, const char *text)
{
    const struct node *template = node_path(read_manifest(&job->arena, text), "spec.trialTemplate");
    const struct node *manifest = node_get(template, "trialSpec"), *kind = node_get(manifest, "kind");
    const struct job_kind *row = kind ? job_kind_find(node_get(manifest, "apiVersion")->text, kind->text) : NULL;

    if (row == NULL)
        return -1;
    row->check(manifest, "example", "spec.trialTemplate.trialSpec", &job->arena, &job->faults);
    job->context.primary_container = node_get(template, "primaryContainerName")->text;
    job->context.shell = true;
    if (row->plan == NULL)
        return 0;
    TRY(row->plan(manifest, &job->context, &job->arena, &job->plan, &job->faults));
    return strcmp(job->plan.roles[0].containers[0].argv[0], "sh") == 0 ? 1 : -1;
}

static void job__katib_examples__are_planned(void **state)
{
    struct trial_job *job = *state;
    int n = 0;
    DIR *directory;

    if (test_data() == NULL)
        skip();

    char *path = file_join(test_data(), "katib-examples");

    directory = opendir(path);
    assert_non_null(directory);
    /* cppcheck-suppress readdirCalled ; a stream of our own */
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        char *file = file_join(path, entry->d_name);
        struct text text = { 0 };

        if (text_ends_with(file, ".yaml")) {
            assert_int_equal(file_read(file, YAML_SIZE_LIMIT, &text), 0);

            int is_planned = plan_example(job, text_string(&text));

            if (is_planned < 0)
                print_error("%s: %s\n", file, fail_message());
            assert_true(is_planned >= 0);
            n += is_planned;
        }
        text_release(&text);
        free(file);
    }
    closedir(directory);
    free(path);
    assert_int_equal(job->faults.n_errors, 0);
    assert_in_range(n, 5, 1000);
}

#define JOB_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        JOB_TEST(job__plain__is_one_role_without_retries),
        JOB_TEST(job__limits__are_read_from_texts_too),
        JOB_TEST(job__backoff_limit_zero__is_given),
        JOB_TEST(job__indexed__tells_each_pod_its_index),
        JOB_TEST(job__index__is_a_label_and_an_annotation),
        JOB_TEST(job__parallelism_alone__runs_as_many_pods),
        JOB_TEST(job__fields_of_the_cluster__are_named_in_warnings),
        JOB_TEST(job__no_container_of_that_name__names_those_there_are),
        JOB_TEST(job__rendered_to_nonsense__is_refused),
        JOB_TEST(job_check__typos__are_errors_as_in_katib),
        JOB_TEST(job_check__restart_policy__is_that_of_a_job),
        JOB_TEST(job_check__placeholders__are_no_faults),
        JOB_TEST(job__katib_examples__are_planned),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
