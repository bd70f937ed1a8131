/*
 * Networks of cells: published numbers of weights.
 */
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/status.h"
#include "nas/cell_space.h"
#include "tests/test.h"

static const struct cell_network cifar = { 32, 32, 3, 10, 8, 16, 3 };
static const struct cell_space darts_space = { 4,
                                               8,
                                               { OP_NONE, OP_MAX_POOL_3X3, OP_AVG_POOL_3X3, OP_SKIP_CONNECT,
                                                 OP_SEP_CONV_3X3, OP_SEP_CONV_5X5, OP_DIL_CONV_3X3, OP_DIL_CONV_5X5 },
                                               1 };

/* quark0/darts and yuhuixu1993/PC-DARTS, counted with PyTorch. */
static void supernet__of_darts__has_the_published_number_of_weights(void **state)
{
    struct cell_space partial = darts_space;
    struct network *whole = supernet_create(&cifar, &darts_space), *quarter;

    (void)state;
    partial.partial = 4;
    quarter = supernet_create(&cifar, &partial);
    assert_int_equal(whole->n_weights, 1930618);
    assert_int_equal(quarter->n_weights, 299578);
    network_destroy(whole);
    network_destroy(quarter);
}

/* NASLib's encoding: [[(input, operation), ...], [...]], two edges a node, operations without none. */
static struct genotype read_genotype(const char *text)
{
    struct genotype genotype = { .normal = { 4, .concat = 0x3c }, .reduce = { 4, .concat = 0x3c } };

    for (unsigned k = 0; k < 16; k++) {
        struct cell *cell = k < 8 ? &genotype.normal : &genotype.reduce;
        struct cell_edge *edge = &cell->edges[k % 8 / 2][k % 2];

        text = strchr(text, '(') + 1;
        edge->input = (unsigned)(text[0] - '0');
        edge->operation = (enum operation)(OP_MAX_POOL_3X3 + (text[3] - '0'));
    }
    return genotype;
}

static void derived__genotypes_of_nas_bench_301__have_its_numbers_of_weights(void **state)
{
    static const struct cell_network shape = { 32, 32, 3, 10, 8, 32, 3 };
    const struct derived_options options = { .has_operation_affine = false, .has_preprocess_affine = true };
    const char *data = getenv("HONE_TEST_DATA");
    struct arena arena = { 0 };
    struct text text = { 0 };
    struct node *root;
    const struct node *nets;
    double parameters;

    (void)state;
    if (data == NULL) {
        print_message("HONE_TEST_DATA is not set\n");
        skip();
    }
    assert_int_equal(file_read(arena_printf(&arena, "%s/data/nb301-darts-500.json", data), 1 << 24, &text), 0);
    assert_int_equal(json_read(text.data, text.length, &arena, &root), 0);
    nets = node_path(root, "nasbench301.cifar10");
    assert_int_equal(nets->length, 500);
    for (size_t i = 0; i < nets->length; i++) {
        const struct genotype genotype = read_genotype(nets->keys[i]->text);
        struct network *network = derived_create(&shape, &genotype, &options);

        assert_true(node_to_real(node_get(nets->items[i], "params"), &parameters));
        assert_int_equal(network->n_weights, lround(parameters * 1e6));
        network_destroy(network);
    }
    text_release(&text);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(derived__genotypes_of_nas_bench_301__have_its_numbers_of_weights),
        cmocka_unit_test(supernet__of_darts__has_the_published_number_of_weights),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
