/*
 * Clients of one service that ask for trials and tell values as fast as they can: round trips and trials a second.
 *
 * Usage: clients DATABASE EXPERIMENT CLIENTS TRIALS; prints one JSON object: seconds, trials, and percentiles of ask and tell in ms.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/memory.h"
#include "base/number.h"
#include "sdk/c/hone.h"

struct client {
    pthread_t thread;
    const char *database, *experiment;
    atomic_long *left;
    size_t n;
    double *ask_ms, *tell_ms; /* (n) */
};

static double now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void give_up(const struct hone *hone)
{
    fprintf(stderr, "clients: %s\n", hone_message(hone));
    exit(1);
}

static void *run(void *owner)
{
    struct client *client = owner;
    struct hone *hone;

    if (hone_open(&hone, client->database, NULL) < 0)
        give_up(hone);
    while (atomic_fetch_sub(client->left, 1) > 0) {
        struct hone_trial *trial;
        double start_ms = now_ms(), x;

        if (hone_ask(hone, "default", client->experiment, &trial) < 0)
            give_up(hone);
        client->ask_ms[client->n] = now_ms() - start_ms;
        if (hone_real(trial, "x0", &x) < 0)
            give_up(hone);
        start_ms = now_ms();
        if (hone_tell(trial, "loss", (x - 0.3) * (x - 0.3)) < 0)
            give_up(hone);
        client->tell_ms[client->n++] = now_ms() - start_ms;
    }
    hone_close(hone);
    return NULL;
}

static int by_size(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

static void print(const char *name, double *ms, size_t n)
{
    qsort(ms, n, sizeof *ms, by_size);
    printf(", \"%s_p50_ms\": %.4f, \"%s_p99_ms\": %.4f", name, ms[n / 2], name, ms[n * 99 / 100]);
}

int main(int argc, char **argv)
{
    int64_t n_clients, n_trials;
    struct client *clients;
    double *ask_ms, *tell_ms, seconds, start_ms;
    atomic_long left;
    size_t n = 0;

    if (argc != 5 || !number_parse_integer(argv[3], &n_clients) || !number_parse_integer(argv[4], &n_trials) ||
        n_clients < 1 || n_trials < 1) {
        fprintf(stderr, "usage: clients DATABASE EXPERIMENT CLIENTS TRIALS\n");
        return 2;
    }
    atomic_init(&left, n_trials);
    clients = xcalloc((size_t)n_clients, sizeof *clients);
    ask_ms = xcalloc((size_t)n_trials, sizeof *ask_ms);
    tell_ms = xcalloc((size_t)n_trials, sizeof *tell_ms);
    start_ms = now_ms();
    for (int64_t i = 0; i < n_clients; i++) {
        clients[i] = (struct client){ .database = argv[1], .experiment = argv[2], .left = &left };
        clients[i].ask_ms = xcalloc((size_t)n_trials, sizeof *ask_ms);
        clients[i].tell_ms = xcalloc((size_t)n_trials, sizeof *tell_ms);
        pthread_create(&clients[i].thread, NULL, run, &clients[i]);
    }
    for (int64_t i = 0; i < n_clients; i++) {
        pthread_join(clients[i].thread, NULL);
        for (size_t k = 0; k < clients[i].n; k++, n++) {
            ask_ms[n] = clients[i].ask_ms[k];
            tell_ms[n] = clients[i].tell_ms[k];
        }
        free(clients[i].ask_ms);
        free(clients[i].tell_ms);
    }
    seconds = (now_ms() - start_ms) / 1e3;
    printf("{\"clients\": %lld, \"trials\": %zu, \"seconds\": %.3f, \"trials_per_second\": %.1f", (long long)n_clients,
           n, seconds, (double)n / seconds);
    print("ask", ask_ms, n);
    print("tell", tell_ms, n);
    printf("}\n");
    free(ask_ms);
    free(tell_ms);
    free(clients);
    return 0;
}
