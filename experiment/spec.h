/*
 * An Experiment (kubeflow.org/v1beta1) as structs: parsed, defaulted, checked.
 *
 * A spec is read-only once parsed and lives in one arena. Enumerations keep Katib's order of names in the arrays beside
 * them.
 */
#ifndef HONE_EXPERIMENT_SPEC_H
#define HONE_EXPERIMENT_SPEC_H

#include "base/faults.h"
#include "base/setting.h"
#include "earlystop/rule.h"
#include "nas/choices.h"
#include "suggest/method.h"
#include "suggest/space.h"

enum objective_type { OBJECTIVE_MINIMIZE, OBJECTIVE_MAXIMIZE };
extern const char *const objective_type_names[];
enum strategy { STRATEGY_MIN, STRATEGY_MAX, STRATEGY_LATEST };
extern const char *const strategy_names[];
enum resume_policy { RESUME_NEVER, RESUME_LONG_RUNNING, RESUME_FROM_VOLUME };
extern const char *const resume_policy_names[];
enum keep { KEEP_ALL, KEEP_BEST, KEEP_FAILED, KEEP_NONE }; /* whose trial directories stay */
extern const char *const keep_names[];                     /* all, best, failed, none */
enum file_format { FORMAT_TEXT, FORMAT_JSON };

struct name_value {
    const char *name, *value;
};

struct metric {
    const char *name;
    enum strategy strategy;
};

struct objective {
    enum objective_type type;
    bool has_goal;
    double goal;
    size_t n_metrics; /* the objective first, then additionalMetricNames, then what spec.hone names besides */
    const struct metric *metrics;
};

/* Bounds that keep a trial's figures in small arrays. */
enum { OBJECTIVES_LIMIT = 16, CONSTRAINTS_LIMIT = 64 };

/* One of the objectives: which metric, which way is better, and what is good enough. */
struct aim {
    size_t metric; /* index in objective.metrics */
    enum objective_type type;
    bool has_goal;
    double goal;
};

/* Bounds that an acceptable trial keeps. */
struct constraint {
    size_t metric;   /* index in objective.metrics */
    double min, max; /* -INFINITY, INFINITY: not bounded there */
};

/* Where finished trials to learn from are found. */
struct warm_source {
    const char *namespace, *experiment; /* another Experiment in the database; NULL */
    const char *file;                   /* absolute, a CSV file; NULL */
    const char *shown;                  /* "default/old", or the file as it was written */
};

struct metrics_collector {
    const struct collector_kind *kind; /* trialrunner/collectors/collector.h */
    const char *path;                  /* File, TensorFlowEvent, maybe Custom: absolute; NULL otherwise */
    bool is_directory;                 /* which it is */
    enum file_format format;
    size_t n_filters;
    const char *const *filters; /* metricsFormat, at least the default one for TEXT */
    const char *http_path;      /* PrometheusMetric; NULL otherwise */
    int http_port;
    const struct node *custom; /* Custom: the container */
};

struct trial_parameter {
    const char *name, *reference; /* reference: a parameter's name, or ${trialSpec...} */
};

struct trial_template {
    const struct node *manifest; /* trialSpec, or the document found through the ConfigMap; with placeholders */
    bool from_config_map;
    size_t n_parameters;
    const struct trial_parameter *parameters;
    const char *primary_container;
    size_t n_primary_labels;
    const struct name_value *primary_labels;
    const char *success_condition, *failure_condition;
    bool retain;
    const struct job_kind *kind; /* trialrunner/jobs/job_kind.h */
};

/* spec.hone: what Katib has no field for. */
struct hone_options {
    bool has_seed;
    uint64_t seed;
    bool skips;        /* architectures have skip connections */
    bool noisy;        /* the same point may give another objective */
    int64_t patience;  /* stopAfterNoProgress, trials; 0: none */
    double timeout_s;  /* of the experiment; 0: none */
    int64_t retries;   /* further attempts of a failed trial */
    double backoff_s;  /* before each */
    int64_t log_limit; /* bytes a role's output may take */
    enum keep keep;
    const char *engine; /* "local", ..., or "client" with by_clients */
    size_t n_roles;
    const struct given_role *roles; /* of a job kind that is not known */
};

struct spec {
    struct arena arena;
    const char *name, *namespace; /* namespace "default" unless given */
    size_t n_labels;
    const struct name_value *labels;
    bool by_clients; /* no template: clients ask for trials and tell what came out */
    int64_t parallel_trial_count, max_trial_count,
        max_failed_trial_count; /* max 0: none; max_failed -1: none; parallel 0: as
                                                                              many as clients ask for */
    enum resume_policy resume_policy;
    struct objective objective;
    size_t n_further; /* objectives behind spec.objective, which is the first */
    const struct aim *further;
    size_t n_constraints;
    const struct constraint *constraints;
    const struct suggest_method *method;
    const struct setting_value *settings;        /* one a row of method->settings */
    const struct earlystop_rule *early_stopping; /* NULL: none */
    const struct setting_value *early_stopping_settings;
    struct space space;            /* with nasConfig: as suggest_problem says */
    const struct node *nas_config; /* NULL: parameters */
    size_t n_layers;               /* of nasConfig */
    struct nas_choices choices;    /* what a layer may be; none where the trial itself searches */
    struct metrics_collector collector;
    struct trial_template template;
    size_t n_enqueued;
    const double *enqueued; /* (n_enqueued, space.n) values of the points to try first; NAN: left out */
    size_t n_warm;
    const struct warm_source *warm;
    struct hone_options hone;
    const struct node *node; /* the document itself, for showing and comparing */
    const char *missing; /* what the experiment uses and this build lacks, by name: `run` refuses it; NULL: nothing */
};

/* All objectives, by number: 0 is spec.objective. */
size_t spec_n_objectives(const struct spec *spec);
struct aim spec_aim(const struct spec *spec, size_t i);
/* Where a trial finds and leaves its checkpoint, if its method may go on from another trial's: absolute, as the trial sees it;
   NULL: no trial goes on from another. */
const char *spec_checkpoint_path(const struct spec *spec);
/* What its method is asked to search. */
struct suggest_problem spec_problem(const struct spec *spec);

/* Text of one file, as the user gave it. */
struct source_file {
    const char *path;  /* absolute, or "-"; named in faults as `shown` */
    const char *shown; /* as the user typed it */
    const char *text;
    size_t length;
};

/* Everything that belongs to an Experiment: its own file first, then --with files, and the image map. */
struct bundle {
    struct arena arena;
    size_t n_specs;
    struct spec **specs; /* experiments of the first file, in its order */
    size_t n_resources;
    const struct node **resources; /* ConfigMap and Secret documents of all files */
    const struct node *images;     /* root of the image map; NULL: none */
    const char *images_directory;  /* what its relative paths are relative to */
    const char *directory;         /* of the first file: where unmapped images work */
};

/* Parse all. images may be NULL. namespace (NULL: none given) is for documents without one. Returns 0, or ERR_INVALID when
   faults->n_errors > 0. Katib's defaults are filled, all faults of all files are found. strict: unknown keys are errors.
   The caller releases the bundle in either case. */
int bundle_parse(struct bundle *bundle, const struct source_file *files, size_t n_files,
                 const struct source_file *images, const char *namespace, bool strict, struct faults *faults);
void bundle_release(struct bundle *bundle);

/* ConfigMap or Secret of that name in the bundle (kind as in the manifest), NULL if absent. A document without a namespace
   stands in every one, unless bundle_parse was given one. */
const struct node *bundle_resource(const struct bundle *bundle, const char *kind, const char *namespace,
                                   const char *name);

/* Paths of fields in which two documents differ once defaults are in, one a line in out, as `spec.x: "a" -> "b"`; *only_budget: none but
   parallelTrialCount, maxTrialCount, maxFailedTrialCount differ. Returns the number of them. */
size_t spec_differences(const struct spec *old, const struct spec *new, struct text *out, bool *only_budget);

/* The document with Katib's defaults filled in, as `kubectl get -o yaml` would show it (no status); in the arena. */
struct node *spec_to_node(const struct spec *spec, struct arena *arena);

#endif
