#include "nas/genotype.h"

#include "base/status.h"
#include "tests/test.h"

/* Published genotypes, as cnn/genotypes.py of quark0/darts has them. */
static const char *const darts_v1 =
    "Genotype(normal=[('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('skip_connect', 0), ('sep_conv_3x3', 1), "
    "('skip_connect', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('skip_connect', 2)], normal_concat=[2, 3, 4, 5], "
    "reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 0), ('max_pool_3x3', 0), "
    "('skip_connect', 2), ('skip_connect', 2), ('avg_pool_3x3', 0)], reduce_concat=[2, 3, 4, 5])";
static const char *const nasnet =
    "Genotype(normal=[('sep_conv_5x5', 1), ('sep_conv_3x3', 0), ('sep_conv_5x5', 0), ('sep_conv_3x3', 0), "
    "('avg_pool_3x3', 1), ('skip_connect', 0), ('avg_pool_3x3', 0), ('avg_pool_3x3', 0), ('sep_conv_3x3', 1), "
    "('skip_connect', 1)], normal_concat=[2, 3, 4, 5, 6], reduce=[('sep_conv_5x5', 1), ('sep_conv_7x7', 0), "
    "('max_pool_3x3', 1), ('sep_conv_7x7', 0), ('avg_pool_3x3', 1), ('sep_conv_5x5', 0), ('skip_connect', 3), "
    "('avg_pool_3x3', 2), ('sep_conv_3x3', 2), ('max_pool_3x3', 1)], reduce_concat=[4, 5, 6])";
static const char *const amoeba_concat =
    "Genotype(normal=[('sep_conv_3x3', 0), ('max_pool_3x3', 1), ('skip_connect', 2), ('sep_conv_3x3', 2)], "
    "normal_concat=[0, 3], reduce=[], reduce_concat=range(2, 2))";
static const char *const katib =
    "Genotype(normal=[[('max_pooling_3x3',0),('max_pooling_3x3',1)],[('separable_convolution_5x5',0),"
    "('skip_connection',2)]],normal_concat=range(2,4),reduce=[[('dilated_convolution_3x3',1),('avg_pooling_3x3',0)]],"
    "reduce_concat=range(2,3))";

static void print__each_style__gives_back_what_was_parsed(void **state)
{
    static const struct {
        const char *const *text;
        enum genotype_style style;
    } rows[] = { { &amoeba_concat, GENOTYPE_DARTS }, { &katib, GENOTYPE_KATIB } };
    struct text out = { 0 };
    struct genotype genotype;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(genotype_parse(*rows[i].text, &genotype), 0);
        text_clear(&out);
        genotype_print(&genotype, rows[i].style, &out);
        assert_string_equal(text_string(&out), *rows[i].text);
    }
    text_release(&out);
}

static void parse__published_genotypes__survive_both_styles(void **state)
{
    const char *const published[] = { darts_v1, nasnet, katib };
    struct text out = { 0 };

    (void)state;
    for (size_t i = 0; i < sizeof published / sizeof published[0]; i++) {
        struct genotype want, got;
        assert_int_equal(genotype_parse(published[i], &want), 0);
        for (enum genotype_style style = GENOTYPE_DARTS; style <= GENOTYPE_KATIB; style++) {
            text_clear(&out);
            genotype_print(&want, style, &out);
            assert_int_equal(genotype_parse(text_string(&out), &got), 0);
            assert_memory_equal(&got, &want, sizeof got);
        }
    }
    text_release(&out);
}

static void parse__nasnet__has_its_edges_and_outputs(void **state)
{
    struct genotype genotype;

    (void)state;
    assert_int_equal(genotype_parse(nasnet, &genotype), 0);
    assert_int_equal(genotype.normal.n_nodes, 5);
    assert_int_equal(genotype.reduce.edges[3][0].operation, OP_SKIP_CONNECT);
    assert_int_equal(genotype.reduce.edges[3][0].input, 3);
    assert_int_equal(genotype.reduce.edges[0][1].operation, OP_SEP_CONV_7X7);
    assert_int_equal(genotype.reduce.concat, 1 << 4 | 1 << 5 | 1 << 6);
}

static void parse__wrong_genotypes__are_told_with_their_place(void **state)
{
    static const struct {
        const char *text, *message;
    } wrong[] = {
        { "", "genotype, character 1: expected Genotype(, got its end" },
        { "Genotype(normal=[('sep_conv_9x9', 0), ('none', 1)]", "character 20: expected an operation of a DARTS cell" },
        { "Genotype(normal=[('nor_conv_3x3', 0), ('none', 1)]", "character 20: expected an operation of a DARTS cell" },
        { "Genotype(normal=[('none', 2), ('none', 1)]", "expected a whole number up to 1, got \"2)" },
        { "Genotype(normal=[('none', 0)]", "expected ,, got \"]\"" },
        { "Genotype(normal=[('none', 0), ('none', 1)], normal_concat=[3], ", "expected a whole number up to 2" },
        { "Genotype(normal=[], normal_concat=range(2, 2), reduce=[], reduce_concat=range(2, 2)) x", "nothing more" },
        { "Genotype(normal=[], normal_concat=range(2, 99999999999999999999)", "expected a whole number up to 2" },
    };
    struct genotype genotype;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(genotype_parse(wrong[i].text, &genotype), ERR_INVALID);
        assert_contains(fail_message(), wrong[i].message);
    }
}

static void parse__too_many_nodes__is_refused(void **state)
{
    struct text text = { 0 };
    struct genotype genotype;

    (void)state;
    text_add(&text, "Genotype(normal=[");
    for (int k = 0; k <= CELL_NODES_LIMIT; k++)
        text_add(&text, k > 0 ? ", ('none', 0), ('none', 1)" : "('none', 0), ('none', 1)");
    assert_int_equal(genotype_parse(text_string(&text), &genotype), ERR_INVALID);
    assert_contains(fail_message(), "after 16 nodes");
    text_release(&text);
}

static void bench_cell__its_notation__round_trips(void **state)
{
    const char *text = "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_3x3~0|none~1|skip_connect~2|";
    struct text out = { 0 };
    struct bench_cell cell;

    (void)state;
    assert_int_equal(bench_cell_parse(text, &cell), 0);
    assert_int_equal(cell.edges[3], OP_CONV_3X3);
    bench_cell_print(&cell, &out);
    assert_string_equal(text_string(&out), text);
    text_release(&out);
}

static void bench_cell__wrong_cells__are_told(void **state)
{
    static const char *const wrong[][2] = {
        { "|none~0|+|none~1|none~0|", "expected the inputs in ascending order, got \"1|" },
        { "|sep_conv_3x3~0|", "expected an operation of NAS-Bench-201" },
        { "|none~0|+|none~0|none~1|", "expected +|, got its end" },
    };
    struct bench_cell cell;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(bench_cell_parse(wrong[i][0], &cell), ERR_INVALID);
        assert_contains(fail_message(), wrong[i][1]);
    }
}

static void macro__katibs_architecture__round_trips(void **state)
{
    const char *text = "[[27], [29, 0], [22, 1, 0], [13, 0, 0, 0], [26, 1, 1, 0, 0], [30, 1, 0, 1, 0, 0], "
                       "[11, 0, 1, 1, 0, 1, 1], [9, 1, 0, 0, 1, 0, 0, 0]]";
    struct text out = { 0 };
    struct macro macro;

    (void)state;
    assert_int_equal(macro_parse(text, 31, &macro), 0);
    assert_int_equal(macro.n_layers, 8);
    assert_int_equal(macro.skips[6], 1 << 1 | 1 << 2 | 1 << 4 | 1 << 5);
    macro_print(&macro, &out);
    assert_string_equal(text_string(&out), text);
    text_release(&out);
}

static void macro__wrong_rows__are_told(void **state)
{
    static const char *const wrong[][2] = {
        { "[[30]]", "expected a whole number up to 29" },
        { "[[1], [2, 2]]", "character 11: expected a whole number up to 1" },
        { "[[1], [2]]", "expected ,, got \"]]\"" },
        { "[[1], [2, 0, 0]]", "expected ], got \", 0]]\"" },
        { "[]", "expected [, got \"]\"" },
    };
    struct macro macro;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(macro_parse(wrong[i][0], 30, &macro), ERR_INVALID);
        assert_contains(fail_message(), wrong[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(print__each_style__gives_back_what_was_parsed),
        cmocka_unit_test(parse__published_genotypes__survive_both_styles),
        cmocka_unit_test(parse__nasnet__has_its_edges_and_outputs),
        cmocka_unit_test(parse__wrong_genotypes__are_told_with_their_place),
        cmocka_unit_test(parse__too_many_nodes__is_refused),
        cmocka_unit_test(bench_cell__its_notation__round_trips),
        cmocka_unit_test(bench_cell__wrong_cells__are_told),
        cmocka_unit_test(macro__katibs_architecture__round_trips),
        cmocka_unit_test(macro__wrong_rows__are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
