/*
 * Runs methods on the listed problems over seeds, and appends one JSON line a run to a file; what the file holds is not run again.
 *
 * Usage: search [-j PROCESSES] [-s SEEDS] [-q PARALLEL] [-n TRIALS] [-p PREFIX] [-l LIST] [-o FILE] [METHOD...]
 *        search guard [METHOD...]     mean log10 of the best of S5 and of M8: the table of tests/suggest/quality_test.c
 *
 * LIST is of the form of problems.json, which it is unless given. Run it from the root of the project. Without a METHOD: all that this
 * build has.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cblas.h>

#include "base/file.h"
#include "base/json.h"
#include "base/number.h"
#include "base/status.h"
#include "tests/bench/search/guard.h"
#include "tests/bench/search/record.h"

enum { FILE_LIMIT = 64 << 20, TRAINING_SEEDS = 5, SERVERS_LIMIT = 8 };

struct options {
    unsigned n_processes, n_seeds;
    size_t n_parallel, n_trials; /* 0 trials: as listed */
    const char *list, *prefix, *path;
};

/* One row of the list, and one method on it with one seed. */
struct row {
    const char *name, *server;
    size_t n_trials;
    bool is_instanced, has_fidelity, is_training;
};

struct job {
    const struct row *row;
    const struct suggest_method *method;
    unsigned seed;
};

struct plan {
    struct options options;
    struct arena arena;
    struct node *servers; /* name -> list of words; without those whose files are absent */
    struct row *rows;
    struct job *jobs;
    size_t n_rows, n_jobs;
};

static void give_up(void)
{
    fprintf(stderr, "search: %s\n", fail_message());
    exit(1);
}

/* $NAME at the start of a word is replaced by the environment's; a word with a slash is a file that must be there. */
static struct node *expand_word(struct arena *arena, const char *word)
{
    if (word[0] == '$') {
        size_t length = strcspn(word + 1, "/");
        const char *value = getenv(arena_strndup(arena, word + 1, length));
        if (value == NULL)
            return NULL;
        word = arena_printf(arena, "%s%s", value, word + 1 + length);
    }
    return strchr(word, '/') != NULL && access(word, R_OK) != 0 ? NULL : node_text(arena, word);
}

static void read_servers(struct plan *plan, const struct node *map)
{
    plan->servers = node_map(&plan->arena);
    for (size_t i = 0; i < map->length; i++) {
        struct node *words = node_list(&plan->arena), *word = NULL;
        for (size_t k = 0; k < map->items[i]->length; k++) {
            word = expand_word(&plan->arena, map->items[i]->items[k]->text);
            if (word == NULL)
                break;
            node_add(&plan->arena, words, word);
        }
        if (word != NULL)
            node_set(&plan->arena, plan->servers, map->keys[i]->text, words);
    }
}

static void read_row(struct plan *plan, const struct node *map)
{
    struct row *row = &plan->rows[plan->n_rows];
    int64_t n_trials = 0;

    row->name = node_to_text(&plan->arena, node_get(map, "name"));
    row->server = node_to_text(&plan->arena, node_get(map, "server"));
    node_to_integer(node_get(map, "trials"), &n_trials);
    node_to_boolean(node_get(map, "instanced"), &row->is_instanced);
    node_to_boolean(node_get(map, "fidelity"), &row->has_fidelity);
    row->is_training = text_equal(row->server, "training");
    row->n_trials = plan->options.n_trials > 0 ? plan->options.n_trials : (size_t)n_trials;
    if (!text_starts_with(row->name, plan->options.prefix))
        return;
    if (node_get(plan->servers, row->server) == NULL)
        fprintf(stderr, "search: %s is left out: its server, or HONE_TEST_DATA, is absent\n", row->name);
    else
        plan->n_rows++;
}

static void read_list(struct plan *plan)
{
    struct text text = { 0 };
    struct node *root;

    if (file_read(plan->options.list, FILE_LIMIT, &text) != 0 ||
        json_read(text.data, text.length, &plan->arena, &root) != 0)
        give_up();
    text_release(&text);
    read_servers(plan, node_get(root, "servers"));
    const struct node *list = node_get(root, "problems");
    plan->rows = arena_array(&plan->arena, list->length + 1, sizeof plan->rows[0]);
    for (size_t i = 0; i < list->length; i++)
        read_row(plan, list->items[i]);
}

static const char *key_of(struct arena *arena, const char *method, const char *problem, int64_t seed, int64_t parallel)
{
    return arena_printf(arena, "%s %s %lld %lld", method, problem, (long long)seed, (long long)parallel);
}

/* Keys of the runs that the file holds: map key -> null. */
static struct node *read_done(struct plan *plan)
{
    struct node *done = node_map(&plan->arena);
    struct text text = { 0 };
    char *rest;

    int status = file_read(plan->options.path, FILE_LIMIT, &text);
    if (status == ERR_NOT_FOUND)
        return done;
    if (status != 0)
        give_up();
    for (char *line = strtok_r(text.data, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
        struct node *run;
        int64_t seed = 0, parallel = 0;
        if (json_read(line, strlen(line), &plan->arena, &run) != 0)
            continue; /* a line cut off by a stop is run again */
        node_to_integer(node_get(run, "seed"), &seed);
        node_to_integer(node_get(run, "parallel"), &parallel);
        const char *key = key_of(&plan->arena, node_to_text(&plan->arena, node_get(run, "solver")),
                                 node_to_text(&plan->arena, node_get(run, "problem")), seed, parallel);
        node_append(&plan->arena, done, node_text(&plan->arena, key), node_null(&plan->arena));
    }
    text_release(&text);
    return done;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp((*(struct node *const *)a)->text, (*(struct node *const *)b)->text);
}

static void make_jobs(struct plan *plan, const struct suggest_method **methods, size_t n_methods)
{
    struct node *done = read_done(plan);
    size_t n_seeds = plan->options.n_seeds;

    if (done->length > 0)
        qsort(done->keys, done->length, sizeof done->keys[0], compare_texts);
    plan->jobs = arena_array(&plan->arena, n_methods * n_seeds * plan->n_rows + 1, sizeof plan->jobs[0]);
    for (unsigned seed = 1; seed <= n_seeds; seed++)
        for (size_t r = 0; r < plan->n_rows; r++)
            for (size_t m = 0; m < n_methods; m++) {
                const struct row *row = &plan->rows[r];
                struct node *key = node_text(&plan->arena, key_of(&plan->arena, methods[m]->name, row->name, seed,
                                                                  (int64_t)plan->options.n_parallel));
                if ((row->is_training && seed > TRAINING_SEEDS) ||
                    (done->length > 0 && bsearch(&key, done->keys, done->length, sizeof key, compare_texts) != NULL))
                    continue;
                plan->jobs[plan->n_jobs++] = (struct job){ row, methods[m], seed };
            }
}

static struct node *describe_improvements(struct arena *arena, const struct run_record *record, size_t n_objectives)
{
    struct node *list = node_list(arena);

    for (size_t i = 0; i < record->n; i++) {
        const struct improvement *improvement = &record->improvements[i];
        struct node *pair = node_add(arena, list, node_list(arena)), *losses = pair;
        node_add(arena, pair, node_real(arena, improvement->when));
        if (n_objectives > 1)
            losses = node_add(arena, pair, node_list(arena));
        for (size_t k = 0; k < n_objectives; k++)
            node_add(arena, losses, node_real(arena, improvement->losses[k]));
    }
    return list;
}

static void describe_run(const struct plan *plan, const struct job *job, const struct target *target,
                         const struct run_record *record, int status, struct text *out)
{
    struct arena arena = { 0 };
    struct node *line = node_map(&arena);

    node_set(&arena, line, "solver", node_text(&arena, job->method->name));
    node_set(&arena, line, "problem", node_text(&arena, job->row->name));
    node_set(&arena, line, "seed", node_integer(&arena, job->seed));
    node_set(&arena, line, "parallel", node_integer(&arena, (int64_t)plan->options.n_parallel));
    node_set(&arena, line, "trials", node_integer(&arena, (int64_t)job->row->n_trials));
    if (status < 0)
        node_set(&arena, line, "error", node_text(&arena, fail_message()));
    node_set(&arena, line, "improvements", describe_improvements(&arena, record, target->n_objectives));
    if (!isnan(record->likely))
        node_set(&arena, line, "likely", node_real(&arena, record->likely));
    node_set(&arena, line, "asked", node_integer(&arena, (int64_t)record->n_asked));
    node_set(&arena, line, "ask_seconds", node_real(&arena, record->ask_seconds));
    json_write(line, JSON_COMPACT, out);
    text_add_char(out, '\n');
    arena_release(&arena);
}

/* Methods with a resource are for the problems that have one; the others search those at the full resource. */
static int perform(const struct plan *plan, const struct job *job, struct child *child, int file)
{
    bool has_resource = job->row->has_fidelity && setting_find(job->method->settings, "resource_name") != NULL;
    const struct run_options options = { job->method, job->seed, job->row->n_trials, plan->options.n_parallel };
    struct run_record record = { 0 };
    struct target target;
    struct text line = { 0 };

    int status = target_open(&target, job->row->name, job->row->is_instanced ? job->seed : 0, child, has_resource);
    if (status == 0) {
        status = run_method(&target, &options, &record);
        describe_run(plan, job, &target, &record, status, &line);
        if (write(file, line.data, line.length) != (ssize_t)line.length)
            status = fail_errno(errno, "cannot write %s", plan->options.path);
    }
    target_close(&target);
    run_record_release(&record);
    text_release(&line);
    return status == ERR_UNSUPPORTED ? 0 : status;
}

/* One process: takes jobs until there are none, with servers of its own. */
static int work(const struct plan *plan, atomic_size_t *next)
{
    struct child *children[SERVERS_LIMIT] = { NULL };
    int file = open(plan->options.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666), n_faults = 0;

    if (file < 0) {
        fail_errno(errno, "cannot open %s", plan->options.path);
        give_up();
    }
    for (size_t i; (i = atomic_fetch_add(next, 1)) < plan->n_jobs;) {
        const struct job *job = &plan->jobs[i];
        size_t s = 0;
        while (!text_equal(plan->servers->keys[s]->text, job->row->server))
            s++;
        bool is_native = text_equal(job->row->server, "native");
        if (children[s] == NULL && !is_native)
            children[s] = child_start(plan->servers->items[s]);
        if (perform(plan, job, children[s], file) != 0) {
            fprintf(stderr, "search: %s on %s, seed %u: %s\n", job->method->name, job->row->name, job->seed,
                    fail_message());
            n_faults++;
        }
    }
    for (size_t s = 0; s < SERVERS_LIMIT; s++)
        child_stop(children[s]);
    close(file);
    return n_faults > 0;
}

static int work_all(const struct plan *plan)
{
    atomic_size_t *next = mmap(NULL, sizeof *next, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int n_faults = 0, status;

    if (next == MAP_FAILED)
        abort();
    fflush(NULL);
    for (unsigned i = 0; i < plan->options.n_processes; i++)
        if (fork() == 0)
            exit(work(plan, next));
    while (wait(&status) > 0)
        n_faults += status != 0;
    return n_faults > 0;
}

static size_t choose_methods(char **names, const struct suggest_method **methods)
{
    size_t n = 0;

    for (; *names != NULL; names++) {
        const struct suggest_method *method = suggest_method_find(*names, NULL);
        if (method != NULL && method->create != NULL)
            methods[n++] = method;
        else
            fprintf(stderr, "search: %s is left out: %s\n", *names, method ? "not in this build" : "no such method");
    }
    return n;
}

static size_t all_methods(const struct suggest_method **methods)
{
    size_t n = 0;

    for (size_t i = 0; suggest_methods[i] != NULL; i++)
        if (suggest_methods[i]->create != NULL)
            methods[n++] = suggest_methods[i];
    return n;
}

static unsigned read_count(const char *text, int64_t least)
{
    int64_t value;

    if (!number_parse_integer(text, &value) || value < least || value > 1000000) {
        fprintf(stderr, "search: expected a number of %lld or more, got %s\n", (long long)least, text);
        exit(2);
    }
    return (unsigned)value;
}

static void read_options(int argc, char **argv, struct options *options)
{
    for (int option; (option = getopt(argc, argv, "j:s:q:n:p:l:o:")) != -1;) {
        switch (option) {
        case 'j':
            options->n_processes = read_count(optarg, 1);
            break;
        case 's':
            options->n_seeds = read_count(optarg, 1);
            break;
        case 'q':
            options->n_parallel = read_count(optarg, 1);
            break;
        case 'n':
            options->n_trials = read_count(optarg, 1);
            break;
        case 'p':
            options->prefix = optarg;
            break;
        case 'l':
            options->list = optarg;
            break;
        case 'o':
            options->path = optarg;
            break;
        default:
            exit(2);
        }
    }
}

int main(int argc, char **argv)
{
    struct plan plan = { .options = { .n_processes = 1, .n_seeds = 20, .n_parallel = 1, .prefix = "" } };
    const struct suggest_method *methods[64];
    bool is_guard = argc > 1 && text_equal(argv[1], "guard");

    openblas_set_num_threads(1); /* as in cli/main.c */
    plan.options.list = "tests/bench/search/problems.json";
    plan.options.path = "build/bench-search.jsonl";
    optind = is_guard ? 2 : 1;
    read_options(argc, argv, &plan.options);
    size_t n_methods = argv[optind] != NULL ? choose_methods(argv + optind, methods) : all_methods(methods);
    if (is_guard) {
        for (size_t m = 0; m < n_methods; m++)
            for (size_t s = 0; s < guard_n_suites; s++)
                printf("%-22s %s %.2f\n", methods[m]->name, guard_suites[s].name,
                       guard_score(&guard_suites[s], methods[m]));
        return 0;
    }
    read_list(&plan);
    make_jobs(&plan, methods, n_methods);
    fprintf(stderr, "search: %zu runs to do, into %s\n", plan.n_jobs, plan.options.path);
    int status = plan.n_jobs > 0 ? work_all(&plan) : 0;
    arena_release(&plan.arena);
    return status;
}
