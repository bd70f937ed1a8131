/*
 * What the files that read an Experiment share: the spec being filled and where its faults go. Of this room only.
 */
#ifndef HONE_EXPERIMENT_READER_H
#define HONE_EXPERIMENT_READER_H

#include "base/fields.h"
#include "experiment/spec.h"

/* Upper bound of counts (int32 in Katib), and members of one list. */
static const int64_t COUNT_LIMIT = INT32_MAX;
enum { LIST_LIMIT = 2000, CHOICE_LIMIT = 4096 };

struct reader {
    const struct bundle *bundle;
    struct spec *spec;
    struct arena *arena; /* the spec's */
    struct faults *faults;
    const char *file; /* as shown */
    bool strict;
    bool is_space_sound;  /* the parameters are without faults: others may rely on the space */
    bool is_method_sound; /* so are the algorithm and its settings */
    struct text missing;  /* becomes spec->missing */
};

/* The list under name; NULL when absent, or when it is longer than limit, which is a fault. */
const struct node *reader_list(struct fields *fields, const char *name, size_t limit);
/* The texts of the list under name, *n of them, and the list itself for their places; none after a fault. */
const char *const *reader_texts(struct fields *fields, const char *name, size_t limit, size_t *n,
                                const struct node **list);
/* The map under name, opened in child; false after a fault when it is absent or no map. */
bool reader_child(struct fields *fields, const char *name, const char *what, struct fields *child);
/* Member i of that list as a map, opened in item; false after a fault when it is none. */
bool reader_open_item(const struct reader *reader, const struct fields *fields, const char *name,
                      const struct node *list, size_t i, struct fields *item);
/* A choice that must be there: its index, or -1 after a fault. */
int reader_choice(struct fields *fields, const char *name, const char *const *choices);
/* fields_close; every field that was asked for must have its row in experiment_fields. */
void reader_close(const struct reader *reader, struct fields *fields);
/* Something of the experiment, named, that this build cannot do. */
void reader_missing(struct reader *reader, const char *path, const char *name);

void read_objective(struct reader *reader, struct fields *spec);
void read_parameters(struct reader *reader, struct fields *spec);
/* spec.nasConfig: checked, and made into a space where the method chooses. */
void read_architectures(struct reader *reader, struct fields *spec, const struct node *nas_config);
void read_algorithm(struct reader *reader, struct fields *spec);
void read_early_stopping(struct reader *reader, struct fields *spec);
void read_collector(struct reader *reader, struct fields *spec);
void read_trial_template(struct reader *reader, struct fields *spec);
void read_hone(struct reader *reader, struct fields *spec);
/* Of spec.hone: objectives and constraints; enqueue and warmStart. */
void read_aims(struct reader *reader, struct fields *hone);
void read_prior_knowledge(struct reader *reader, struct fields *hone);
/* Can the method search this, now that all of it is read? */
void check_method(struct reader *reader);

/* A file, or the documents in it, is an Experiment: fill reader->spec from its root. */
void read_experiment(struct reader *reader, const struct node *root, const char *namespace);

/* The Experiment root as the table experiment_fields types it: texts are texts, numbers numbers, manifests left as they are.
   Plain words that Kubernetes reads as booleans where a text belongs are noted. In the arena. */
struct node *document_typed(const struct node *root, const char *file, struct arena *arena, struct faults *faults);

/* A name as Kubernetes takes it: ^[a-z]([-a-z0-9]*[a-z0-9])?$, at most limit bytes; may_start_with_digit for namespaces. */
bool name_is_valid(const char *name, size_t limit, bool may_start_with_digit);

#endif
