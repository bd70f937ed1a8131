/*
 * Densities on a grid of at most 50 cells, by kernels of one width with the prior as one more observation.
 *
 * Both densities use the kernel that suits the smaller set (Scott's rule), so that they differ only where the sets do; what
 * a random subset of that size would differ on average is subtracted, so that parameters without effect come out near 0.
 */
#include "suggest/ped_anova.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

enum { CELLS = 50 };

struct grid {
    size_t n; /* cells */
    bool is_choice;
    double all[CELLS], top[CELLS]; /* counts */
    double n_all, n_top;
};

/* Mass in each cell of an observation in each (row). */
struct kernels {
    double mass[CELLS][CELLS];
};

/* Choices beyond the last cell share it. */
static void open_grid(const struct space *space, size_t i, struct grid *grid)
{
    const struct parameter *p = &space->parameters[i];
    double size = space_parameter_size(space, i);

    grid->is_choice = p->type == PARAMETER_CATEGORICAL;
    grid->n = size < CELLS && (grid->is_choice || p->distribution == DISTRIBUTION_UNIFORM) ? (size_t)size : CELLS;
}

static size_t cell_of(const struct grid *grid, double x)
{
    size_t cell = (size_t)(grid->is_choice ? x : x * (double)grid->n);

    return cell < grid->n ? cell : grid->n - 1;
}

/* The cell below which lies a share of the counts. */
static double quantile(const double *counts, size_t n, double total, double share)
{
    double sum = 0;

    for (size_t k = 0; k < n; k++) {
        sum += counts[k];
        if (sum >= share * total)
            return (double)k;
    }
    return (double)(n - 1);
}

/* Scott's rule, robust; 1.64 standard deviations reach half a cell at least. */
static double bandwidth(const double *counts, size_t n, double total)
{
    double mean = 0, squares = 0;

    for (size_t k = 0; k < n; k++)
        mean += counts[k] * (double)k / total;
    for (size_t k = 0; k < n; k++)
        squares += counts[k] * ((double)k - mean) * ((double)k - mean);
    double deviation = sqrt(squares / fmax(total - 1, 1));
    double range = quantile(counts, n, total, 0.75) - quantile(counts, n, total, 0.25);
    return fmax(1.059 * fmin(range / 1.34, deviation) * pow(total, -0.2), 0.5 / 1.64);
}

/* A normal at the middle of cell k, cut to the grid. */
static void normal_kernel(size_t n, double k, double sigma, double *mass)
{
    double total = gsl_cdf_ugaussian_P(((double)n - 0.5 - k) / sigma) - gsl_cdf_ugaussian_P((-0.5 - k) / sigma);

    for (size_t c = 0; c < n; c++) {
        double above = gsl_cdf_ugaussian_P(((double)c + 0.5 - k) / sigma);
        mass[c] = (above - gsl_cdf_ugaussian_P(((double)c - 0.5 - k) / sigma)) / total;
    }
}

static void fill_kernels(const struct grid *grid, struct kernels *kernels)
{
    double sigma = grid->is_choice ? 0 : bandwidth(grid->top, grid->n, grid->n_top);

    for (size_t k = 0; k < grid->n; k++) {
        for (size_t c = 0; c < grid->n && grid->is_choice; c++)
            kernels->mass[k][c] = c == k;
        if (!grid->is_choice)
            normal_kernel(grid->n, (double)k, sigma, kernels->mass[k]);
    }
}

/* Mean over the observations of their mass in cell c; of its square. */
static double mean_mass(const struct kernels *kernels, const double *counts, size_t n, double total, size_t c,
                        double *square)
{
    double sum = 0, squares = 0;

    for (size_t k = 0; k < n; k++) {
        sum += counts[k] * kernels->mass[k][c];
        squares += counts[k] * kernels->mass[k][c] * kernels->mass[k][c];
    }
    *square = squares / total;
    return sum / total;
}

/*
 * sum_c (p_top - p_all)^2 / p_all, less what it would be for n_top of the n_all observations taken at random: the variance
 * of a mean without replacement.
 */
static double divergence(const struct grid *grid)
{
    double n = grid->n_all, t = grid->n_top, prior = 1 / (double)grid->n, weight = t / (t + 1), sum = 0, square;
    struct kernels kernels;

    fill_kernels(grid, &kernels);
    for (size_t c = 0; c < grid->n; c++) {
        double top = mean_mass(&kernels, grid->top, grid->n, t, c, &square);
        double all = mean_mass(&kernels, grid->all, grid->n, n, c, &square);
        double chance = (square - all * all) / t * (n - t) / (n - 1), density = (n * all + prior) / (n + 1);
        sum += weight * weight * ((top - all) * (top - all) - chance) / density;
    }
    return fmax(sum, 0);
}

void ped_anova_divergences(const struct history *history, const size_t *rows, const bool *is_top, size_t n,
                           double *divergences)
{
    const struct space *space = history->space;
    struct grid *grids = xcalloc(space->n + 1, sizeof *grids);
    double n_top = 0;

    for (size_t i = 0; i < space->n; i++)
        open_grid(space, i, &grids[i]);
    for (size_t k = 0; k < n; k++) {
        const double *x = history_point(history, rows[k]);
        n_top += is_top[k];
        for (size_t i = 0; i < space->n; i++) {
            struct grid *grid = &grids[i];
            if (isnan(x[i]))
                continue;
            size_t cell = cell_of(grid, x[i]);
            grid->all[cell]++;
            grid->top[cell] += is_top[k];
            grid->n_all++;
            grid->n_top += is_top[k];
        }
    }
    for (size_t i = 0; i < space->n; i++) {
        double alpha = grids[i].n_top / n_top, beta = grids[i].n_all / (double)n;
        bool matters = grids[i].n > 1 && grids[i].n_top > 0 && grids[i].n_all > 1;
        divergences[i] = matters ? alpha * alpha / beta * divergence(&grids[i]) : 0;
    }
    free(grids);
}
