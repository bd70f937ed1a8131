/*
 * Dominance, ranks, crowding and hypervolume: published values, definitions, and brute force.
 */
#include "suggest/pareto.h"

#include "base/rng.h"
#include "tests/test.h"

enum { ROWS = 60 };

static const double pairs[] = { 1, 5, 2, 3, 3, 2.5, 4, 1 };

/* Rows on a coarse grid, so that ties and duplicates occur. */
static void draw_rows(struct rng *rng, size_t n, size_t m, double *rows)
{
    for (size_t i = 0; i < n * m; i++)
        rows[i] = (double)rng_below(rng, 10) / 10;
}

static void dominates__ties_and_nan__follow_the_definition(void **state)
{
    (void)state;
    assert_true(pareto_dominates((double[]){ 1, 2 }, (double[]){ 1, 3 }, 2));
    assert_false(pareto_dominates((double[]){ 1, 2 }, (double[]){ 1, 2 }, 2));
    assert_false(pareto_dominates((double[]){ 1, 4 }, (double[]){ 2, 3 }, 2));
    assert_true(pareto_dominates((double[]){ INFINITY, INFINITY }, (double[]){ -INFINITY, NAN }, 2));
    assert_false(pareto_dominates((double[]){ 0, NAN }, (double[]){ 1, 1 }, 2));
    assert_false(pareto_dominates((double[]){ 0, NAN }, (double[]){ 1, NAN }, 2));
}

/* By the definition: the front is what nothing left dominates. */
static void rank_by_peeling(const double *losses, size_t n, size_t m, size_t *rank)
{
    size_t n_left = n;

    for (size_t i = 0; i < n; i++)
        rank[i] = SIZE_MAX;
    for (size_t front = 0; n_left > 0; front++) {
        for (size_t i = 0; i < n; i++) {
            bool is_dominated = rank[i] < front;
            for (size_t j = 0; j < n && !is_dominated; j++)
                is_dominated = rank[j] >= front && pareto_dominates(losses + j * m, losses + i * m, m);
            if (!is_dominated) {
                rank[i] = front;
                n_left--;
            }
        }
    }
}

static void ranks__random_rows__are_those_of_peeling(void **state)
{
    double rows[ROWS * 5];
    size_t got[ROWS], want[ROWS];

    (void)state;
    for (uint64_t seed = 0; seed < 40; seed++) {
        struct rng rng = rng_stream(seed, 1, "test");
        size_t m = 1 + seed % 5, n_fronts = 0;
        draw_rows(&rng, ROWS, m, rows);
        rows[3 * m] = seed % 2 ? NAN : INFINITY;
        rows[7 * m + m - 1] = -INFINITY;
        rank_by_peeling(rows, ROWS, m, want);
        assert_int_equal(pareto_ranks(rows, 0, m, got), 0);
        size_t fronts = pareto_ranks(rows, ROWS, m, got);
        for (size_t i = 0; i < ROWS; i++) {
            assert_int_equal(got[i], want[i]);
            n_fronts = got[i] + 1 > n_fronts ? got[i] + 1 : n_fronts;
        }
        assert_int_equal(fronts, n_fronts);
    }
}

static void crowding__a_front__is_the_share_between_neighbours(void **state)
{
    static const double losses[] = { 9, 9, 0, 4, 1, 3, 3, 1, 4, 0 };
    static const size_t rows[] = { 3, 1, 4, 2 };
    double distance[4];

    (void)state;
    pareto_crowding(losses, 2, rows, 4, distance);
    assert_close(distance[0], 0.75 + 0.75, 1e-15);
    assert_close(distance[1], INFINITY, 0);
    assert_close(distance[2], INFINITY, 0);
    assert_close(distance[3], 0.75 + 0.75, 1e-15);
}

static void crowding__constant_infinite_and_huge_losses__is_a_number(void **state)
{
    static const double losses[] = { 1, -1.7e308, INFINITY, 1, 0, INFINITY, 1, 1.7e308, INFINITY, 1, 1, -INFINITY };
    static const size_t rows[] = { 0, 1, 2, 3 };
    double distance[4];

    (void)state;
    pareto_crowding(losses, 3, rows, 4, distance);
    assert_close(distance[1], 0.5 + 0.5 / 1.7e308, 1e-12);
    for (size_t i = 0; i < 4; i++)
        assert_false(isnan(distance[i]));
    pareto_crowding(losses, 3, rows, 0, distance);
    pareto_crowding(losses, 3, rows, 1, distance);
    assert_close(distance[0], 0, 0);
}

static void hypervolume__published_sets__is_the_published_volume(void **state)
{
    static const double triples[] = { 1, 4, 3, 2, 2, 2, 3, 1, 4 };

    (void)state;
    assert_close(pareto_hypervolume(pairs, 4, 2, (double[]){ 6, 6 }), 17.5, 1e-14);
    assert_close(pareto_hypervolume(triples, 3, 3, (double[]){ 5, 5, 5 }), 31, 1e-14);
    assert_close(pareto_hypervolume(pairs, 0, 2, (double[]){ 6, 6 }), 0, 0);
    assert_close(pareto_hypervolume((double[]){ 3, 1, 2 }, 3, 1, (double[]){ 4 }), 3, 1e-15);
}

/* Losses lie on a grid of tenths: count the cells that a row covers. */
static double volume_by_counting(const double *rows, size_t n, size_t m)
{
    size_t n_cells = 1, n_covered = 0;

    for (size_t k = 0; k < m; k++)
        n_cells *= 10;
    for (size_t cell = 0; cell < n_cells; cell++) {
        bool is_covered = false;
        for (size_t i = 0; i < n && !is_covered; i++) {
            size_t rest = cell;
            is_covered = true;
            for (size_t k = 0; k < m; k++, rest /= 10)
                is_covered = is_covered && rows[i * m + k] * 10 < (double)(rest % 10) + 0.5;
        }
        n_covered += is_covered;
    }
    return (double)n_covered / (double)n_cells;
}

static void hypervolume__rows_on_a_grid__is_the_count_of_cells(void **state)
{
    static const double reference[] = { 1, 1, 1, 1, 1 };
    double rows[12 * 5];

    (void)state;
    for (uint64_t seed = 0; seed < 40; seed++) {
        struct rng rng = rng_stream(seed, 2, "test");
        size_t m = 1 + seed % 5;
        draw_rows(&rng, 12, m, rows);
        assert_close(pareto_hypervolume(rows, 12, m, reference), volume_by_counting(rows, 12, m), 1e-12);
    }
}

static void hypervolume__rows_beyond_the_reference__add_nothing(void **state)
{
    static const double rows[] = { 1, 5, 2, 3, NAN, 0, 7, 0, 6, 1, 3, 2.5, 0, INFINITY, 4, 1 };
    static const double boundless[] = { 1, 5, -INFINITY, 2 };

    (void)state;
    assert_close(pareto_hypervolume(rows, 8, 2, (double[]){ 6, 6 }), 17.5, 1e-14);
    assert_close(pareto_hypervolume(boundless, 2, 2, (double[]){ 6, 6 }), INFINITY, 0);
}

static void reference__either_sign_and_none__lies_behind_the_worst(void **state)
{
    static const double rows[] = { 1, -4, 0, INFINITY, NAN, -2, -1, INFINITY, 3, -8, -5, NAN };
    double reference[4];

    (void)state;
    pareto_reference(rows, 3, 4, reference);
    assert_close(reference[0], 3.3, 1e-15);
    assert_close(reference[1], -1.8, 1e-15);
    assert_close(reference[2], 1e-12, 0);
    assert_close(reference[3], 1e-12, 0);
}

static void subset__published_set__is_the_published_choice(void **state)
{
    size_t chosen[4];

    (void)state;
    pareto_subset(pairs, 4, 2, (double[]){ 6, 6 }, 2, chosen);
    assert_int_equal(chosen[0], 1);
    assert_int_equal(chosen[1], 3);
    pareto_subset(pairs, 4, 2, (double[]){ 6, 6 }, 0, chosen);
}

/* Volume of some rows of a set. */
static double volume_of(const double *rows, size_t m, const size_t *chosen, size_t k, const double *reference)
{
    double some[ROWS * 5];

    for (size_t j = 0; j < k; j++)
        memcpy(some + j * m, rows + chosen[j] * m, m * sizeof *rows);
    return pareto_hypervolume(some, k, m, reference);
}

static void subset__random_rows__each_gains_the_most(void **state)
{
    static const double reference[] = { 0.95, 0.95, 0.95, 0.95 };
    double rows[ROWS * 4];
    size_t chosen[ROWS];

    (void)state;
    for (uint64_t seed = 0; seed < 12; seed++) {
        struct rng rng = rng_stream(seed, 3, "test");
        size_t m = 1 + seed % 4;
        draw_rows(&rng, ROWS, m, rows);
        pareto_subset(rows, ROWS, m, reference, 8, chosen);
        for (size_t k = 0; k < 8; k++) {
            size_t pick = chosen[k];
            double got = volume_of(rows, m, chosen, k + 1, reference);
            for (size_t other = 0; other < ROWS; other++) {
                chosen[k] = other;
                assert_true(volume_of(rows, m, chosen, k + 1, reference) <= got + 1e-12);
            }
            chosen[k] = pick;
            for (size_t j = 0; j < k; j++)
                assert_true(chosen[j] != pick);
        }
    }
}

static void subset__all_rows__is_a_permutation_whatever_they_hold(void **state)
{
    static const double rows[] = { NAN, 1, -INFINITY, 4, 9, 9, 1, 1, 1, 1, INFINITY, 0 };
    bool is_chosen[6] = { false };
    size_t chosen[6];

    (void)state;
    pareto_subset(rows, 6, 2, (double[]){ 5, 5 }, 6, chosen);
    assert_int_equal(chosen[0], 1);
    assert_int_equal(chosen[1], 3);
    for (size_t j = 0; j < 6; j++)
        is_chosen[chosen[j]] = true;
    for (size_t i = 0; i < 6; i++)
        assert_true(is_chosen[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dominates__ties_and_nan__follow_the_definition),
        cmocka_unit_test(ranks__random_rows__are_those_of_peeling),
        cmocka_unit_test(crowding__a_front__is_the_share_between_neighbours),
        cmocka_unit_test(crowding__constant_infinite_and_huge_losses__is_a_number),
        cmocka_unit_test(hypervolume__published_sets__is_the_published_volume),
        cmocka_unit_test(hypervolume__rows_on_a_grid__is_the_count_of_cells),
        cmocka_unit_test(hypervolume__rows_beyond_the_reference__add_nothing),
        cmocka_unit_test(reference__either_sign_and_none__lies_behind_the_worst),
        cmocka_unit_test(subset__published_set__is_the_published_choice),
        cmocka_unit_test(subset__random_rows__each_gains_the_most),
        cmocka_unit_test(subset__all_rows__is_a_permutation_whatever_they_hold),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
