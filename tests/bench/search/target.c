/*
 * Judging points, here or by a child.
 */
#include "tests/bench/search/target.h"

#include <assert.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"
#include "base/status.h"

enum { WORDS_LIMIT = 8, RESOURCE_STEPS = 27 };

static const char resource_name[] = "resource";

struct child {
    pid_t pid;
    FILE *in, *out; /* its standard input and output */
    char *line;
    size_t capacity;
};

struct child *child_start(const struct node *command)
{
    int to[2], from[2];
    char *words[WORDS_LIMIT + 1] = { NULL };

    assert(command->length <= WORDS_LIMIT);
    for (size_t i = 0; i < command->length; i++)
        words[i] = (char *)command->items[i]->text;
    if (pipe2(to, O_CLOEXEC) != 0 || pipe2(from, O_CLOEXEC) != 0)
        abort();
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(to[0], STDIN_FILENO);
        dup2(from[1], STDOUT_FILENO);
        close(to[0]), close(to[1]), close(from[0]), close(from[1]);
        if (words[0] != NULL)
            execvp(words[0], words);
        _exit(127);
    }
    close(to[0]);
    close(from[1]);
    struct child *child = xcalloc(1, sizeof *child);
    *child = (struct child){ .pid = pid, .in = fdopen(to[1], "w"), .out = fdopen(from[0], "r") };
    return child;
}

void child_stop(struct child *child)
{
    if (child == NULL)
        return;
    fclose(child->in);
    fclose(child->out);
    waitpid(child->pid, NULL, 0);
    free(child->line);
    free(child);
}

/* One question, one answer; the question gets the target's name and instance. */
static int child_ask(const struct target *target, struct node *question, struct arena *arena, struct node **answer)
{
    struct child *child = target->child;
    struct text text = { 0 };

    node_set(arena, question, "name", node_text(arena, target->name));
    node_set(arena, question, "instance", node_integer(arena, (int64_t)target->instance));
    json_write(question, JSON_COMPACT, &text);
    fprintf(child->in, "%s\n", text_string(&text));
    fflush(child->in);
    text_release(&text);
    ssize_t length = getline(&child->line, &child->capacity, child->out);
    if (length <= 0) {
        fail(ERR_IO, "the server of %s ended", target->name);
        return ERR_IO;
    }
    TRY(json_read(child->line, (size_t)length, arena, answer));
    if (text_equal(node_to_text(arena, node_get(*answer, "status")), "error"))
        return fail(ERR_INVALID, "%s: %s", target->name, node_to_text(arena, node_get(*answer, "error")));
    return 0;
}

static int ask_operation(struct target *target, const char *operation, struct node **answer)
{
    struct node *question = node_map(&target->arena);

    node_set(&target->arena, question, "op", node_text(&target->arena, operation));
    return child_ask(target, question, &target->arena, answer);
}

static size_t find_parameter(const struct parameter *parameters, size_t n, const char *name)
{
    size_t i = 0;

    while (i < n && !text_equal(parameters[i].name, name))
        i++;
    return i;
}

static double choice_index(const struct parameter *p, const char *text)
{
    size_t i = 0;

    while (i < p->n_choices && !text_equal(p->choices[i], text))
        i++;
    return (double)i;
}

static const struct activation *read_condition(const struct parameter *parameters, size_t n,
                                               const struct node *condition, struct arena *arena)
{
    struct activation *activation = arena_alloc(arena, sizeof *activation);
    const struct node *list = node_get(condition, "in");
    double *values = arena_array(arena, list->length, sizeof *values);

    activation->parameter = find_parameter(parameters, n, node_to_text(arena, node_get(condition, "param")));
    assert(activation->parameter < n);
    for (size_t i = 0; i < list->length; i++)
        values[i] = choice_index(&parameters[activation->parameter], node_to_text(arena, list->items[i]));
    activation->values = values;
    activation->n_values = list->length;
    return activation;
}

static void read_choices(struct parameter *p, const struct node *list, bool is_ordinal, struct arena *arena)
{
    const char **choices = arena_array(arena, list->length, sizeof *choices);
    double *numbers = arena_array(arena, list->length, sizeof *numbers);

    for (size_t i = 0; i < list->length; i++) {
        choices[i] = node_to_text(arena, list->items[i]);
        if (is_ordinal && !node_to_real(list->items[i], &numbers[i]))
            abort();
    }
    p->type = is_ordinal ? PARAMETER_DISCRETE : PARAMETER_CATEGORICAL;
    p->n_choices = list->length;
    p->choices = choices;
    p->numbers = is_ordinal ? numbers : NULL;
}

static void read_parameter(struct parameter *parameters, size_t n, const struct node *map, struct arena *arena)
{
    struct parameter *p = &parameters[n];
    const char *type = node_to_text(arena, node_get(map, "type"));
    const struct node *values = node_get(map, "values"), *condition = node_get(map, "if");
    bool is_log = false;

    *p = (struct parameter){ .name = node_to_text(arena, node_get(map, "name")) };
    if (values != NULL) {
        read_choices(p, values, text_equal(type, "ordinal"), arena);
    } else {
        node_to_real(node_get(map, "low"), &p->min);
        node_to_real(node_get(map, "high"), &p->max);
        node_to_boolean(node_get(map, "log"), &is_log);
        p->type = text_equal(type, "int") ? PARAMETER_INT : PARAMETER_DOUBLE;
        p->step = p->type == PARAMETER_INT ? 1 : 0;
        p->distribution = is_log ? DISTRIBUTION_LOG_UNIFORM : DISTRIBUTION_UNIFORM;
    }
    if (condition != NULL && condition->kind == NODE_MAP)
        p->activation = read_condition(parameters, n, condition, arena);
}

static void read_fidelity(struct target *target, struct parameter *p, const struct node *fidelity)
{
    double max = 0;

    *p = (struct parameter){ .name = resource_name, .type = PARAMETER_INT, .min = 1, .step = 1 };
    node_to_real(node_get(fidelity, "min"), &target->least_fidelity);
    node_to_real(node_get(fidelity, "max"), &max);
    p->max = text_equal(node_to_text(&target->arena, node_get(fidelity, "type")), "int") ? max : RESOURCE_STEPS;
    target->fidelity_unit = max / p->max;
    target->full_resource = p->max;
}

static int open_child(struct target *target, bool has_resource)
{
    struct node *answer, *info;

    TRY(ask_operation(target, "space", &answer));
    TRY(ask_operation(target, "info", &info));
    const struct node *list = node_get(answer, "space"), *fidelity = node_get(info, "fidelity");
    struct parameter *parameters = arena_array(&target->arena, list->length + 1, sizeof *parameters);
    int64_t n_objectives = 1;
    for (size_t i = 0; i < list->length; i++)
        read_parameter(parameters, i, list->items[i], &target->arena);
    target->space = (struct space){ list->length, parameters };
    if (has_resource && fidelity != NULL && fidelity->kind == NODE_MAP)
        read_fidelity(target, &parameters[target->space.n++], fidelity);
    node_to_integer(node_get(info, "objectives"), &n_objectives);
    target->n_objectives = (size_t)n_objectives;
    target->sign = text_equal(node_to_text(&target->arena, node_get(info, "goal")), "maximize") ? -1 : 1;
    return 0;
}

int target_open(struct target *target, const char *name, uint64_t instance, struct child *child, bool has_resource)
{
    *target = (struct target){
        .name = name, .instance = instance, .child = child, .sign = 1, .full_resource = NAN, .n_objectives = 1
    };
    if (child != NULL)
        return open_child(target, has_resource);
    target->problem = problem_create(name, instance);
    if (target->problem == NULL)
        return ERR_NOT_FOUND;
    target->space = target->problem->space;
    target->n_objectives = target->problem->n_objectives;
    target->n_constraints = target->problem->n_constraints;
    target->is_noisy = target->problem->noise > 0;
    return 0;
}

void target_close(struct target *target)
{
    problem_destroy(target->problem);
    arena_release(&target->arena);
}

static void judge_here(const struct target *target, const double *values, uint64_t k, struct verdict *verdict)
{
    problem_evaluate(target->problem, values, verdict->losses, verdict->violations);
    verdict->truth = verdict->losses[0];
    if (target->is_noisy)
        verdict->losses[0] += problem_noise(target->problem, k + 1);
    verdict->outcome = OUTCOME_SUCCEEDED;
}

static struct node *config_of(const struct target *target, const double *values, struct arena *arena)
{
    const struct space *space = &target->space;
    struct node *config = node_map(arena);

    for (size_t i = 0; i < space->n; i++) {
        const struct parameter *p = &space->parameters[i];
        if (isnan(values[i]) || p->name == resource_name)
            continue;
        struct node *value = p->type == PARAMETER_CATEGORICAL ? node_text(arena, p->choices[(size_t)values[i]])
                             : p->type == PARAMETER_DISCRETE  ? node_real(arena, p->numbers[(size_t)values[i]])
                             : p->type == PARAMETER_INT       ? node_integer(arena, (int64_t)values[i])
                                                              : node_real(arena, values[i]);
        node_set(arena, config, p->name, value);
    }
    return config;
}

static void read_verdict(const struct target *target, const struct node *answer, struct arena *arena,
                         struct verdict *verdict)
{
    const char *status = node_to_text(arena, node_get(answer, "status"));
    const struct node *list = node_get(answer, "values");

    verdict->outcome = text_equal(status, "ok") ? OUTCOME_SUCCEEDED : OUTCOME_FAILED;
    for (size_t i = 0; i < target->n_objectives; i++) {
        const struct node *value = list != NULL ? list->items[i] : node_get(answer, "value");
        verdict->losses[i] = NAN;
        if (verdict->outcome == OUTCOME_SUCCEEDED && node_to_real(value, &verdict->losses[i]))
            verdict->losses[i] *= target->sign;
    }
    verdict->truth = verdict->losses[0];
}

int target_judge(struct target *target, const double *values, uint64_t k, double resource, struct verdict *verdict)
{
    struct arena arena = { 0 };
    struct node *question, *answer = NULL;

    *verdict = (struct verdict){ 0 };
    if (target->child == NULL) {
        judge_here(target, values, k, verdict);
        return 0;
    }
    question = node_map(&arena);
    node_set(&arena, question, "config", config_of(target, values, &arena));
    if (!isnan(resource))
        node_set(&arena, question, "fidelity",
                 node_real(&arena, fmax(resource * target->fidelity_unit, target->least_fidelity)));
    int status = child_ask(target, question, &arena, &answer);
    if (status == 0)
        read_verdict(target, answer, &arena, verdict);
    arena_release(&arena);
    return status;
}
