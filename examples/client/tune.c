/*
 * A program that tunes itself with the C library: it takes trials of a study and tells what came out.
 *
 *     hone serve &                                   # or elsewhere, with --listen and a key
 *     hone create examples/client/study.yaml
 *     build/examples/client/tune DATABASE study      # as many of these at a time as you like
 */
#include <stdio.h>

#include "sdk/c/hone.h"

/* Rosenbrock's valley, in sweeps that are reported, so that a hopeless point may be left. */
static int run(struct hone_trial *trial)
{
    double x, y, loss = 0;

    if (hone_real(trial, "x", &x) < 0 || hone_real(trial, "y", &y) < 0)
        return hone_tell_end(trial, "failed", "x or y is missing");
    for (int step = 1; step <= 10; step++) {
        loss = 100 * (y - x * x) * (y - x * x) + (1 - x) * (1 - x) + 1.0 / step;
        if (hone_report(trial, "loss", loss, step) < 0)
            return HONE_CONFLICT;
        if (hone_should_stop(trial, NULL))
            return hone_tell_end(trial, "pruned", NULL);
    }
    return hone_tell(trial, "loss", loss);
}

int main(int argc, char **argv)
{
    struct hone *hone;
    struct hone_trial *trial;
    int status, n = 0;

    if (argc < 3) {
        fprintf(stderr, "usage: tune DATABASE|tcp://HOST:PORT EXPERIMENT [KEY]\n");
        return 2;
    }
    status = hone_open(&hone, argv[1], argc > 3 ? argv[3] : NULL);
    while (status == 0) {
        status = hone_ask(hone, "default", argv[2], &trial);
        if (status == 0) {
            status = run(trial);
            n += status == 0;
        }
    }
    if (status == HONE_FINISHED)
        printf("%d trials; %s\n", n, hone_message(hone));
    else
        fprintf(stderr, "tune: %s\n", hone_message(hone));
    hone_close(hone);
    return status == HONE_FINISHED ? 0 : 1;
}
