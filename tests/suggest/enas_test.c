/*
 * enas on a table of trained networks, and against rewards that say nothing.
 */
#include "base/file.h"
#include "base/json.h"
#include "tests/suggest/studies.h"

enum { LAYERS = 8, OPERATIONS = 3, N_NETWORKS = 6561, SEEDS_OF_A_NETWORK = 3, TRIALS = 100 };

struct table {
    double accuracy[N_NETWORKS][SEEDS_OF_A_NETWORK], mean[N_NETWORKS];
};

static size_t network(const double *values)
{
    size_t code = 0;

    for (size_t i = 0; i < LAYERS; i++)
        code = OPERATIONS * code + (size_t)values[i];
    return code;
}

/* NAS-Bench-Macro: architecture -> test accuracies of three trainings. NULL without the data. */
static struct table *load_table(void)
{
    struct arena arena = { 0 };
    struct text text = { 0 };
    struct node *root;

    if (test_data() == NULL)
        return NULL;
    char *path = xasprintf("%s/data/nas-bench-macro-cifar10.json", test_data());
    assert_int_equal(file_read(path, 1 << 24, &text), 0);
    assert_int_equal(json_read(text.data, text.length, &arena, &root), 0);
    struct table *table = xcalloc(1, sizeof *table);
    for (size_t k = 0; k < root->length; k++) {
        double values[LAYERS];
        for (size_t i = 0; i < LAYERS; i++)
            values[i] = root->keys[k]->text[i] - '0';
        const struct node *accuracies = node_get(root->items[k], "test_acc");
        for (size_t s = 0; s < SEEDS_OF_A_NETWORK; s++)
            assert_true(node_to_real(accuracies->items[s], &table->accuracy[network(values)][s]));
        assert_true(node_to_real(node_get(root->items[k], "mean_acc"), &table->mean[network(values)]));
    }
    free(path);
    text_release(&text);
    arena_release(&arena);
    return table;
}

/* Mean over the trainings of the network whose one training looked best. A shuffled table gives each trial's reward to another
   network, but is scored by its own. */
static double search(const struct table *table, uint64_t seed, bool is_shuffled)
{
    struct parameter layers[LAYERS];
    const struct space space = { LAYERS, layers };
    struct rng rng = rng_stream(seed, 0, "test.shuffle");
    double values[LAYERS], best = -1, score = NAN;

    for (size_t i = 0; i < LAYERS; i++)
        layers[i] = (struct parameter)DECISION("operation", OPERATIONS);
    struct study *study = create_study(&space, suggest_method_find("enas", NULL),
                                       &(struct study_options){ .seed = seed, .n_layers = LAYERS }, NULL);
    for (int64_t number = 1; number <= TRIALS; number++) {
        ask(study, number, values);
        double seen = table->accuracy[network(values)][seed % SEEDS_OF_A_NETWORK];
        double loss = is_shuffled ? -rng_uniform(&rng) : -seen;
        if (seen > best) {
            best = seen;
            score = table->mean[network(values)];
        }
        study_finish(study, number, NULL, OUTCOME_SUCCEEDED, &loss, NULL);
    }
    study_destroy(study);
    return score;
}

static double mean_search(const struct table *table, bool is_shuffled)
{
    enum { SEEDS = 12 };
    double sum = 0;

    for (uint64_t seed = 0; seed < SEEDS; seed++)
        sum += search(table, seed, is_shuffled);
    return sum / SEEDS;
}

static void search__nas_bench_macro__is_far_better_than_random(void **state)
{
    struct table *table = load_table();

    (void)state;
    if (table == NULL)
        skip();
    double found = mean_search(table, false), shuffled = mean_search(table, true);
    if (!(found > 92.95 && shuffled < 92.90)) /* random finds 92.80 */
        fail_msg("found %.3f, with shuffled rewards %.3f", found, shuffled);
    free(table);
}

/* How many of the last thirty of sixty trials took operation 1 in the first layer, which alone counts: 10 by chance. */
static int count_good(uint64_t seed, bool fails_otherwise)
{
    const struct space space = SPACE(architecture_parameters);
    struct study *study = create_study(&space, suggest_method_find("enas", NULL),
                                       &(struct study_options){ .seed = seed }, NULL);
    double values[COUNT(architecture_parameters)];
    int n_good = 0;

    for (int64_t number = 1; number <= 60; number++) {
        ask(study, number, values);
        bool is_good = values[0] == 1;
        n_good += number > 30 && is_good;
        double loss = is_good ? 1 : 2;
        study_finish(study, number, NULL, is_good || !fails_otherwise ? OUTCOME_SUCCEEDED : OUTCOME_FAILED,
                     is_good || !fails_otherwise ? &loss : NULL, NULL);
    }
    study_destroy(study);
    return n_good;
}

static void search__one_operation_counts__is_found_by_loss_and_by_failures(void **state)
{
    (void)state;
    for (int fails_otherwise = 0; fails_otherwise < 2; fails_otherwise++) {
        int n_good = 0;
        for (uint64_t seed = 0; seed < 6; seed++)
            n_good += count_good(seed, fails_otherwise);
        if (n_good < 90) /* of 180; by chance 60, standard deviation 6 */
            fail_msg("%d good ones", n_good);
    }
}

static void darts__every_trial__is_the_same(void **state)
{
    const struct space space = { 0 };
    struct study *study = create_study(&space, suggest_method_find("darts", NULL), &(struct study_options){ .seed = 3 },
                                       NULL);
    double none;

    (void)state;
    for (int64_t number = 1; number <= 3; number++)
        ask(study, number, &none);
    study_destroy(study);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(search__nas_bench_macro__is_far_better_than_random),
        cmocka_unit_test(search__one_operation_counts__is_found_by_loss_and_by_failures),
        cmocka_unit_test(darts__every_trial__is_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
