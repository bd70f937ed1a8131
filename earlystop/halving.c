/*
 * The stopping form of asynchronous successive halving (Li et al., MLSys 2020; Syne Tune's bracket): whoever comes to a rung is
 * compared, at once, with those that came there before.
 */
#include "earlystop/halving.h"

#include <stdlib.h>

#include "base/rungs.h"
#include "earlystop/entries.h"

/* The highest rung at or below the step of report i; negative: none yet. */
static double rung_at(const struct curve *curve, size_t i, double lowest, double eta)
{
    return curve->step[i] >= lowest ? lowest * pow(eta, (double)rungs_exponent(curve->step[i] / lowest, eta)) : -1;
}

/* What a trial had to show when it came to the rung: its best so far at the first report there. */
static double loss_at_rung(const struct curve *curve, double rung)
{
    size_t before = curve_reports(curve, nextafter(rung * (1 - 1e-12), 0));

    return curve->best[before];
}

bool halving_stops(const struct earlystop_question *question, double lowest, double eta,
                   const struct setting_value *values, halving_peer *peer, char *why)
{
    const struct curve *own = question->own;
    double rung = rung_at(own, own->n - 1, lowest, eta);
    size_t n = 0;

    if (rung < 0 || (own->n > 1 && rung_at(own, own->n - 2, lowest, eta) == rung))
        return false;
    double *losses = xcalloc(question->n_others + 1, sizeof *losses);
    for (size_t i = 0; i < question->n_others; i++) {
        const struct curve *other = &question->others[i];
        if (curve_reaches(other, rung) && (peer == NULL || peer(question, values, other->number)))
            losses[n++] = loss_at_rung(other, rung);
    }
    double loss = losses[n++] = own->best[own->n - 1];
    bool stop = !rungs_in_top(loss, losses, n, eta);
    if (stop)
        snprintf(why, EARLYSTOP_WHY_SIZE, "best so far %g is not among the best 1 in %g of the %zu trials at rung %g",
                 shown(question, loss), eta, n, rung);
    free(losses);
    return stop;
}
